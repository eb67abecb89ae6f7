//! What a component's bytes say before they are compiled: names, producers, size.

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

/// The description of a component, read from its bytes without running it.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// The component's name, if it holds one. The pipeline writes it.
    pub name: Option<ForeignText>,
    /// The component's version, if it holds one. The pipeline writes it.
    pub version: Option<ForeignText>,
    /// The component's world: the world that its manifest declares, or else, of the known worlds whose exports the
    /// component has completely, the one with the most exports.
    pub world: Option<ForeignText>,
    /// The contract that the component was built for: a package with its version, taken from the component's
    /// interfaces.
    pub contract: Option<ForeignText>,
    /// The size in bytes.
    pub bytes: usize,
    /// The SHA-256 digest, in lowercase hexadecimal digits.
    pub sha256: String,
    /// The names that the component imports, in the order of the component.
    pub imports: Vec<ForeignText>,
    /// The kinds of grants that the component needs, because it imports their interfaces and cannot be loaded without
    /// them.
    pub grants: Vec<&'static str>,
    /// The names that the component exports, in the order of the component.
    pub exports: Vec<ForeignText>,
    /// The [`Manifest`] in the component, if it holds one. The pipeline writes it.
    pub manifest: Option<Manifest>,
    /// What in the manifest does not match the component.
    pub mismatches: Vec<Mismatch>,
    /// The tools that produced the component, such as `processed-by rustc 1.96.0`. Stripped plugins do not name
    /// them.
    pub producers: Vec<ForeignText>,
}

impl Inspection {
    /// Says whether the component imports something, and everything it imports is part of its
    /// [contract](Inspection::contract).
    pub fn imports_contract_alone(&self) -> bool {
        let contract = self.contract.as_ref().map_or("", |contract| split(contract.exact()).0);
        !self.imports.is_empty()
            && self.imports.iter().all(|import| {
                import.exact().strip_prefix(contract).is_some_and(|rest| rest.starts_with('/'))
            })
    }
}

/// Returns the SHA-256 digest of `bytes`, in lowercase hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Says whether `text` is a digest as [`sha256`] writes it.
pub(crate) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
}

impl Surface {
    /// Describes the component `bytes`, whose surface this is, in terms of the worlds `known`.
    pub(crate) fn inspection(self, bytes: &[u8], known: &[WorldType]) -> Inspection {
        let grants = needed_grants(&self);
        let manifest = self.manifest.as_ref();
        let mismatches = manifest.map(|manifest| manifest.mismatches(&self, known));
        let declared =
            |world: &&WorldType| manifest.is_some_and(|manifest| world.is_called(&manifest.world));
        let fitting = known.iter().filter(|world| self.exports_all_of(world));
        let world = fitting.clone().find(declared).or_else(|| self.richest(fitting));
        let world = world.map(|world| world.name().into()).or_else(|| {
            // The world was known when the manifest was embedded.
            let declared = &*manifest?.world;
            let is_known = known.iter().any(|world| world.is_called(declared));
            (!is_known && declared.contains(':')).then(|| declared.into())
        });
        let mismatches = mismatches.unwrap_or_default();
        let of_world = |name: &ForeignText| {
            let world = known.iter().find(|world| world.is_exactly(name.exact()))?;
            Some(self.built_for(name.exact()).unwrap_or_else(|| world.package()))
        };
        // The first interface can belong to a contract that this one uses.
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

/// Returns the kinds of grants that a component needs.
pub(crate) fn needed_grants(surface: &Surface) -> Vec<&'static str> {
    let needed: BTreeSet<_> = surface.grantable().map(|(_, grant)| grant).collect();
    needed.into_iter().collect()
}
