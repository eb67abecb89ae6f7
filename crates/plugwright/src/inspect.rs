//! What a component's bytes say without being compiled: names, producers, size.

#![warn(clippy::arithmetic_side_effects)]

use std::collections::HashSet;

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use wasm_metadata::Producers;
use wasmparser::{
    BinaryReaderError, ComponentAlias, ComponentExternalKind, ComponentOuterAliasKind,
    ComponentType, ComponentTypeRef, InstanceTypeDeclaration, Parser, Payload, TypeBounds,
};

use crate::contract::WorldType;
use crate::version::split;
use crate::{ForeignText, LoadError, Manifest, Mismatch, wasi};

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
        self.imports.iter().all(|import| {
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

/// The outermost names of a component, and what its custom sections say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surface {
    pub(crate) name: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) imports: Vec<String>,
    /// Those of the imports that are types and nothing else: a type of the world's own, or an interface of
    /// which it uses types. A resource is more than a type, because the host keeps something behind it.
    pub(crate) only_types: HashSet<String>,
    pub(crate) exports: Vec<String>,
    pub(crate) producers: Vec<String>,
    pub(crate) manifest: Option<Manifest>,
}

impl Surface {
    /// Reads the surface of `bytes`, which is quick; whether they are valid shows only in part.
    pub(crate) fn skim(plugin: &str, bytes: &[u8]) -> Result<Self, LoadError> {
        let (surface, manifests) =
            Self::parse(bytes).map_err(|error| LoadError::damaged(plugin, &error))?;
        Ok(Self { manifest: Manifest::of(plugin, &manifests)?, ..surface })
    }

    /// The names that it imports to call something of them.
    pub(crate) fn called(&self) -> impl Iterator<Item = &str> {
        let called = self.imports.iter().filter(|import| !self.only_types.contains(*import));
        called.map(String::as_str)
    }

    /// What there is to say of it, if it is the surface of the component `bytes`, by those who know these worlds.
    pub(crate) fn inspection(self, bytes: &[u8], known: &[WorldType]) -> Inspection {
        let contract = self.contract();
        let grants = wasi::needed_grants(&self);
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

    /// The surface, and the data of what may be manifests.
    fn parse(bytes: &[u8]) -> Result<(Self, Vec<&[u8]>), BinaryReaderError> {
        let mut surface = Self::default();
        let mut manifests = Vec::new();
        let mut producers = Producers::empty();
        // For each type, in the order of their numbers, whether it is an interface of types.
        let mut types = Vec::new();
        // Modules and components nest; the surface is what stands outside of all of them.
        let mut depth: usize = 0;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                    depth = depth.saturating_add(1);
                }
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentTypeSection(section) if depth == 0 => {
                    for ty in section {
                        types.push(is_of_types(&ty?));
                    }
                }
                Payload::ComponentAliasSection(aliases) if depth == 0 => {
                    for alias in aliases {
                        types.extend(is_of_type(&alias?).then_some(false));
                    }
                }
                Payload::ComponentImportSection(imports) if depth == 0 => {
                    for import in imports {
                        let import = import?;
                        let name = import.name.name.to_owned();
                        let only_types = match import.ty {
                            ComponentTypeRef::Type(bounds) => {
                                types.push(false);
                                is_type(bounds)
                            }
                            ComponentTypeRef::Instance(number) => {
                                types.get(number as usize) == Some(&true)
                            }
                            _ => false,
                        };
                        if only_types {
                            surface.only_types.insert(name.clone());
                        }
                        surface.imports.push(name);
                    }
                }
                Payload::ComponentExportSection(exports) if depth == 0 => {
                    for export in exports {
                        let export = export?;
                        types.extend((export.kind == ComponentExternalKind::Type).then_some(false));
                        surface.exports.push(export.name.name.to_owned());
                    }
                }
                Payload::CustomSection(section) => match section.as_known() {
                    wasmparser::KnownCustom::Producers(_) => {
                        if let Ok(found) =
                            Producers::from_bytes(section.data(), section.data_offset())
                        {
                            producers.merge(&found);
                        }
                    }
                    wasmparser::KnownCustom::ComponentName(names) if depth == 0 => {
                        for name in names.into_iter().flatten() {
                            if let wasmparser::ComponentName::Component { name, .. } = name {
                                surface.name = Some(name.to_owned());
                            }
                        }
                    }
                    // The annotation of the OCI image specification, as `wasm-tools metadata` has it.
                    _ if depth == 0 && section.name() == "version" => {
                        surface.version =
                            Some(String::from_utf8_lossy(section.data()).into_owned());
                    }
                    _ if depth == 0 && section.name() == Manifest::SECTION => {
                        manifests.push(section.data());
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        for (field, values) in producers.iter() {
            for (name, version) in values.iter() {
                surface.producers.push(format!("{field} {name} {version}").trim_end().to_owned());
            }
        }
        Ok((surface, manifests))
    }
}

/// Says whether it is the type of an interface that has types, and nothing that the host has to give.
fn is_of_types(ty: &ComponentType<'_>) -> bool {
    let ComponentType::Instance(declarations) = ty else { return false };
    declarations.iter().all(|declaration| match declaration {
        InstanceTypeDeclaration::Export { ty: ComponentTypeRef::Type(bounds), .. } => {
            is_type(*bounds)
        }
        InstanceTypeDeclaration::Export { .. } => false,
        _ => true,
    })
}

/// Says whether what is so bounded is a type that is known already, and no new resource of the host's.
fn is_type(bounds: TypeBounds) -> bool {
    matches!(bounds, TypeBounds::Eq(_))
}

/// Says whether the alias is one of a type, and so gets the next number among them.
fn is_of_type(alias: &ComponentAlias<'_>) -> bool {
    matches!(
        alias,
        ComponentAlias::InstanceExport { kind: ComponentExternalKind::Type, .. }
            | ComponentAlias::Outer { kind: ComponentOuterAliasKind::Type, .. }
    )
}
