//! The contracts of the plugins: their content, and the changes since their last release.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use plugwright::Contract;
use plugwright::wit_parser::{
    Docs, Function, FunctionKind, Interface, Resolve, TypeDefKind, TypeId, World,
};
use plugwright_report as report;

use super::told::{self, Places};
use crate::commands::contract::last_release;
use crate::contract::types::defined;
use crate::contract::{changed, judge};
use crate::surface::told as signature;
use crate::wit::{self, BESIDE};

/// Returns the contracts of these packages. The contract in `wit` has the changes since its last release. For the
/// others, this is the latest version kept beside the plugins in `dist`.
pub(super) fn contracts(
    wit: &Path,
    dist: &Path,
    packages: &BTreeSet<String>,
    places: &Places,
) -> Result<Vec<report::Contract>> {
    let mut found = Vec::new();
    let mut told = BTreeSet::new();
    if wit.exists() {
        let own = Contract::read(wit)?;
        if packages.contains(package(&own.name())) {
            told.insert(package(&own.name()).to_owned());
            found.push(with_changes(&own, last_release(wit)?.as_ref(), places));
        }
    }
    let kept = dist.join(BESIDE);
    let mut kept = if kept.is_dir() { wit::beside(&kept)? } else { Vec::new() };
    kept.sort_by(|one, other| other.version().cmp(&one.version()));
    for contract in kept {
        let name = contract.name();
        if packages.contains(package(&name)) && told.insert(package(&name).to_owned()) {
            found.push(with_changes(&contract, None, places));
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

/// Returns the package in a name, without its version.
pub(super) fn package(name: &str) -> &str {
    name.split(['@', '/']).next().unwrap_or_default()
}

fn with_changes(new: &Contract, old: Option<&Contract>, places: &Places) -> report::Contract {
    let (resolve, id) = new.resolve();
    let (mut worlds, mut interfaces) = (Vec::new(), Vec::new());
    let mut documentation = None;
    if let Some(package) = resolve.packages.get(id) {
        documentation = said(&package.docs);
        let of_worlds = package.worlds.values().filter_map(|id| resolve.worlds.get(*id));
        worlds.extend(of_worlds.map(|it| world(resolve, it)));
        let of_interfaces =
            package.interfaces.values().filter_map(|id| resolve.interfaces.get(*id));
        interfaces.extend(of_interfaces.map(|it| interface(resolve, it)));
    }
    let change = |(what, breaks): (String, Option<&str>)| report::Change {
        what: told::text(&what),
        breaks: breaks.map(str::to_owned),
    };
    let refused = old.and_then(|old| judge(old, new).err()).map(|error| {
        // The report lists the changes separately.
        let text = error.to_string();
        let lines: Vec<_> = text.lines().filter(|line| !line.starts_with("  - ")).collect();
        places.line(&lines.join(" "))
    });
    report::Contract {
        name: told::text(&new.name()),
        documentation,
        since: old.map(|old| told::text(&old.name())),
        changes: old
            .map(|old| changed(old, new))
            .unwrap_or_default()
            .into_iter()
            .map(change)
            .collect(),
        refused,
        worlds,
        interfaces,
    }
}

fn world(resolve: &Resolve, world: &World) -> report::World {
    let names = |keys: &mut dyn Iterator<Item = String>| keys.map(|it| told::text(&it)).collect();
    report::World {
        name: told::text(&world.name),
        documentation: said(&world.docs),
        imports: names(&mut world.imports.keys().map(|key| resolve.name_world_key(key))),
        exports: names(&mut world.exports.keys().map(|key| resolve.name_world_key(key))),
    }
}

fn interface(resolve: &Resolve, interface: &Interface) -> report::Interface {
    report::Interface {
        name: told::text(interface.name.as_deref().unwrap_or_default()),
        documentation: said(&interface.docs),
        types: interface.types.values().filter_map(|id| definition(resolve, *id)).collect(),
        functions: interface.functions.values().map(|it| function(resolve, it)).collect(),
    }
}

fn function(resolve: &Resolve, function: &Function) -> report::Definition {
    let resource = |id: TypeId| resolve.types.get(id).and_then(|it| it.name.as_deref());
    let of = match function.kind {
        FunctionKind::Freestanding | FunctionKind::AsyncFreestanding => None,
        FunctionKind::Method(id)
        | FunctionKind::AsyncMethod(id)
        | FunctionKind::Static(id)
        | FunctionKind::AsyncStatic(id)
        | FunctionKind::Constructor(id) => resource(id),
    };
    let name = match (of, &function.kind) {
        (Some(resource), FunctionKind::Constructor(_)) => resource.to_owned(),
        (Some(resource), _) => format!("{resource}.{}", function.item_name()),
        (None, _) => function.item_name().to_owned(),
    };
    report::Definition {
        text: told::text(&format!("{name}: {}", signature(resolve, function))),
        documentation: said(&function.docs),
        parts: Vec::new(),
    }
}

/// Returns the definition of a type, unless the type is only an alias, which is shown where it is defined.
fn definition(resolve: &Resolve, id: TypeId) -> Option<report::Definition> {
    let ty = resolve.types.get(id)?;
    let parts: Vec<(String, &Docs)> = match &ty.kind {
        TypeDefKind::Type(_) if said(&ty.docs).is_none() => return None,
        TypeDefKind::Record(it) => {
            it.fields.iter().map(|field| (field.name.clone(), &field.docs)).collect()
        }
        TypeDefKind::Variant(it) => {
            it.cases.iter().map(|case| (case.name.clone(), &case.docs)).collect()
        }
        TypeDefKind::Enum(it) => {
            it.cases.iter().map(|case| (case.name.clone(), &case.docs)).collect()
        }
        TypeDefKind::Flags(it) => {
            it.flags.iter().map(|flag| (flag.name.clone(), &flag.docs)).collect()
        }
        _ => Vec::new(),
    };
    let parts =
        parts.into_iter().filter_map(|(name, docs)| Some((told::text(&name), Some(said(docs)?))));
    let text = match ty.kind {
        TypeDefKind::Resource => format!("resource {}", ty.name.as_deref().unwrap_or_default()),
        _ => defined(resolve, id),
    };
    Some(report::Definition {
        text: told::text(&text),
        documentation: said(&ty.docs),
        parts: parts.collect(),
    })
}

/// Returns the documentation with its line breaks, if there is any.
fn said(docs: &Docs) -> Option<String> {
    let said = told::lines(docs.contents.as_deref()?.trim());
    (!said.is_empty()).then_some(said)
}
