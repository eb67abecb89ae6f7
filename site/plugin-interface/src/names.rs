//! Checks whether names can be put into JavaScript.
//!
//! jco puts the names of imports and exports of core modules into its JavaScript, in quotes and without escaping. These names can be
//! any text, so a hostile name could end the quotes and continue as code.

use wasmparser::{ComponentAlias, ComponentInstance, Instance, Parser, Payload};

/// Returns the first name in the component or in its nested parts that is unsafe in JavaScript.
///
/// # Errors
///
/// Returns an error if the component cannot be parsed.
pub(crate) fn strange(component: &[u8]) -> wasmparser::Result<Option<String>> {
    for payload in Parser::new(0).parse_all(component) {
        if let Some(name) = names(&payload?)?.into_iter().find(|name| !is_plain(name)) {
            return Ok(Some(name.to_owned()));
        }
    }
    Ok(None)
}

/// Returns whether the name is safe: it ends no quotes, template or comment, and begins no expression in a template.
fn is_plain(name: &str) -> bool {
    let is_plain = |c| matches!(c, ' '..='~') && !matches!(c, '\'' | '"' | '`' | '\\' | '{' | '}');
    name.chars().all(is_plain) && !name.contains("*/")
}

/// Returns the names in a section.
fn names<'a>(payload: &Payload<'a>) -> wasmparser::Result<Vec<&'a str>> {
    let mut names = Vec::new();
    match payload {
        Payload::ImportSection(section) => {
            for import in section.clone().into_imports() {
                let import = import?;
                names.extend([import.module, import.name]);
            }
        }
        Payload::ExportSection(section) => {
            for export in section.clone() {
                names.push(export?.name);
            }
        }
        Payload::InstanceSection(section) => {
            for instance in section.clone() {
                match instance? {
                    Instance::Instantiate { args, .. } => {
                        names.extend(args.iter().map(|it| it.name));
                    }
                    Instance::FromExports(exports) => {
                        names.extend(exports.iter().map(|it| it.name));
                    }
                }
            }
        }
        Payload::ComponentInstanceSection(section) => {
            for instance in section.clone() {
                match instance? {
                    ComponentInstance::Instantiate { args, .. } => {
                        names.extend(args.iter().map(|it| it.name));
                    }
                    ComponentInstance::FromExports(exports) => {
                        names.extend(exports.iter().map(|it| it.name.name));
                    }
                }
            }
        }
        Payload::ComponentAliasSection(section) => {
            for alias in section.clone() {
                if let ComponentAlias::CoreInstanceExport { name, .. }
                | ComponentAlias::InstanceExport { name, .. } = alias?
                {
                    names.push(name);
                }
            }
        }
        Payload::ComponentImportSection(section) => {
            for import in section.clone() {
                names.push(import?.name.name);
            }
        }
        Payload::ComponentExportSection(section) => {
            for export in section.clone() {
                names.push(export?.name.name);
            }
        }
        _ => {}
    }
    Ok(names)
}
