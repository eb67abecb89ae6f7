//! What a component's bytes say without being compiled: names, producers, size.

#![warn(clippy::arithmetic_side_effects)]

use std::collections::BTreeSet;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::admission::manifest::Manifest;
use crate::admission::mismatch::Mismatch;
use crate::admission::surface::Surface;
use crate::contract::WorldType;
use crate::text::foreign_text::ForeignText;
use crate::text::version::split;

/// What the bytes of a component say of it.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// The component's name, if it holds one. The pipeline writes it.
    pub name: Option<ForeignText>,
    /// The component's version, if it holds one. The pipeline writes it.
    pub version: Option<ForeignText>,
    /// The world that it is of: the one that its manifest declares, or else the one with the most exports of those that
    /// are known and that it has all exports of.
    pub world: Option<ForeignText>,
    /// The contract that it was built for, a package with its version, as its interfaces have it.
    pub contract: Option<ForeignText>,
    /// The size in bytes.
    pub bytes: usize,
    /// The SHA-256 digest, in lowercase hexadecimal digits.
    pub sha256: String,
    /// The names that the component imports, in its own order.
    pub imports: Vec<ForeignText>,
    /// What it has to be granted, because it imports that and does nothing without it.
    pub grants: Vec<&'static str>,
    /// The names that the component exports, in its own order.
    pub exports: Vec<ForeignText>,
    /// What the component declares of itself, if it holds a [`Manifest`]. The pipeline writes it.
    pub manifest: Option<Manifest>,
    /// What of the manifest is not true.
    pub mismatches: Vec<Mismatch>,
    /// What made the component, such as `processed-by rustc 1.96.0`, as far as it says. Stripped
    /// plugins do not.
    pub producers: Vec<ForeignText>,
}

impl Inspection {
    /// Says whether all that it imports is of its [contract](Inspection::contract).
    pub fn imports_contract_alone(&self) -> bool {
        let contract = self.contract.as_ref().map_or("", |contract| split(contract.exact()).0);
        !self.imports.is_empty()
            && self.imports.iter().all(|import| {
                import.exact().strip_prefix(contract).is_some_and(|rest| rest.starts_with('/'))
            })
    }
}

/// The SHA-256 digest of `bytes`, in lowercase hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Says whether the text is such a digest.
pub(crate) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
}

impl Surface {
    /// What there is to say of it, if it is the surface of the component `bytes`, by those who know these worlds.
    pub(crate) fn inspection(self, bytes: &[u8], known: &[WorldType]) -> Inspection {
        let grants = needed_grants(&self);
        let manifest = self.manifest.as_ref();
        let mismatches = manifest.map(|manifest| manifest.mismatches(&self, known));
        let declared =
            |world: &&WorldType| manifest.is_some_and(|manifest| world.is_called(&manifest.world));
        let fitting = known.iter().filter(|world| self.exports_all_of(world));
        let world = fitting.clone().find(declared).or_else(|| self.richest(fitting));
        let world = world.map(|world| world.name().into()).or_else(|| {
            // Whoever put the manifest into it knew the world.
            let declared = &*manifest?.world;
            let is_known = known.iter().any(|world| world.is_called(declared));
            (!is_known && declared.contains(':')).then(|| declared.into())
        });
        let mismatches = mismatches.unwrap_or_default();
        let of_world = |name: &ForeignText| {
            let world = known.iter().find(|world| world.is_exactly(name.exact()))?;
            Some(self.built_for(name.exact()).unwrap_or_else(|| world.package()))
        };
        // The first interface can be one of a contract that this one uses.
        let contract = world.as_ref().and_then(of_world).or_else(|| self.contract());
        let Self { name, version, imports, exports, producers, manifest, .. } = self;
        let foreign = |texts: Vec<String>| texts.into_iter().map(ForeignText::from).collect();
        Inspection {
            name: name.map(ForeignText::from),
            version: version.map(ForeignText::from),
            world,
            contract: contract.map(ForeignText::from),
            bytes: bytes.len(),
            sha256: sha256(bytes),
            imports: foreign(imports),
            grants,
            exports: foreign(exports),
            manifest,
            mismatches,
            producers: foreign(producers),
        }
    }
}

/// What a component has to be granted.
pub(crate) fn needed_grants(surface: &Surface) -> Vec<&'static str> {
    let needed: BTreeSet<_> = surface.grantable().map(|(_, grant)| grant).collect();
    needed.into_iter().collect()
}
