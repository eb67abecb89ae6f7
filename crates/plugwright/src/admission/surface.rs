//! The outermost parts of a component: names, producers, manifest.

#![warn(clippy::arithmetic_side_effects)]

use std::collections::HashSet;

use wasm_metadata::Producers;
use wasmparser::{
    BinaryReaderError, ComponentAlias, ComponentExternalKind, ComponentOuterAliasKind,
    ComponentType, ComponentTypeRef, InstanceTypeDeclaration, Parser, Payload, TypeBounds,
};

use crate::admission::load_error::LoadError;
use crate::admission::manifest::Manifest;
use crate::permission::grants::Grants;
use crate::permission::wasi_names::{self, Offer};

/// The outermost imports and exports of a component, and the contents of its custom sections.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surface {
    pub(crate) name: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) imports: Vec<String>,
    /// The imports that are only types: a type of the world itself, or an interface that only provides types. A
    /// resource is more than a type, because the host keeps a value for it.
    pub(crate) only_types: HashSet<String>,
    pub(crate) exports: Vec<String>,
    pub(crate) producers: Vec<String>,
    pub(crate) manifest: Option<Manifest>,
}

impl Surface {
    /// Reads the surface of `bytes`. This is quick, and does not validate all of them.
    pub(crate) fn skim(plugin: &str, bytes: &[u8]) -> Result<Self, LoadError> {
        let (surface, manifests) =
            Self::parse(bytes).map_err(|error| LoadError::damaged(plugin, &error))?;
        Ok(Self { manifest: Manifest::of(plugin, &manifests)?, ..surface })
    }

    /// Returns the imports that are more than types, which the component can call.
    pub(crate) fn called(&self) -> impl Iterator<Item = &str> {
        let called = self.imports.iter().filter(|import| !self.only_types.contains(*import));
        called.map(String::as_str)
    }

    /// Returns the imports that need a grant, with the kind of the grant.
    ///
    /// A component that answers HTTP requests needs the types of HTTP for this, so they do not mean that it sends
    /// requests.
    pub(crate) fn grantable(&self) -> impl Iterator<Item = (&str, &'static str)> {
        let none = Grants::none();
        let is_asked = self
            .exports
            .iter()
            .any(|it| wasi_names::name(it) == Some("wasi:http/incoming-handler"));
        let is_own = move |it: &&str| is_asked && wasi_names::name(it) == Some("wasi:http/types");
        self.called().filter(move |it| !is_own(it)).filter_map(
            move |import| match wasi_names::offer(import, &none) {
                Offer::Grantable(grant) => Some((import, grant)),
                Offer::Given | Offer::Unknown => None,
            },
        )
    }

    /// Returns the surface, and the data of the custom sections that have the manifest's name.
    fn parse(bytes: &[u8]) -> Result<(Self, Vec<&[u8]>), BinaryReaderError> {
        let mut surface = Self::default();
        let mut manifests = Vec::new();
        let mut producers = Producers::empty();
        // For each type, by index, whether it is an interface that only provides types.
        let mut types = Vec::new();
        // Modules and components nest. The surface is what is outside all of them.
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
                    // The version annotation of the OCI image specification, as `wasm-tools metadata` writes it.
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

/// Says whether `ty` is the type of an interface that only provides types, and nothing that the host must implement.
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

/// Says whether a type with these bounds is an existing type, and not a new resource of the host.
fn is_type(bounds: TypeBounds) -> bool {
    matches!(bounds, TypeBounds::Eq(_))
}

/// Says whether the alias is for a type, and so takes the next type index.
fn is_of_type(alias: &ComponentAlias<'_>) -> bool {
    matches!(
        alias,
        ComponentAlias::InstanceExport { kind: ComponentExternalKind::Type, .. }
            | ComponentAlias::Outer { kind: ComponentOuterAliasKind::Type, .. }
    )
}
