//! Refuses names and types that the host supports but the generators of Rust bindings do not, because the errors of the
//! generated code would help nobody.

use anyhow::{Result, bail};
use plugwright::ForeignText;
use wit_parser::{Function, FunctionKind, Handle, LiveTypes, TypeDefKind, TypeId, TypeOwner};

use super::Request;
use super::rust_names::is_word;
use super::rust_types::{any, original};
use super::sample::short_name;
use super::world::{self, Interface};

/// Checks that wit-bindgen can generate a plugin for the world.
///
/// # Errors
///
/// Names the first item for which wit-bindgen cannot generate code.
pub(super) fn check_plugin(request: &Request<'_>) -> Result<()> {
    let resolve = request.resolve;
    let imports = world::interfaces(request.imports());
    for interface in imports.chain(world::interfaces(request.exports())) {
        let definition = &resolve.interfaces[interface.id];
        let package = definition.package.map(|id| &resolve.packages[id].name);
        let names = package.map(|package| &*package.name).filter(|name| is_word(name));
        let fields = definition.types.values().flat_map(|id| match &resolve.types[*id].kind {
            TypeDefKind::Record(record) => &*record.fields,
            _ => &[],
        });
        let fields = fields.map(|field| &*field.name);
        let functions = definition.functions.values().flat_map(names_in);
        let namespace = package.map(|package| &*package.namespace);
        let others = namespace.into_iter().chain(Some(request.interface_name(interface)));
        // `gen` is a keyword since the edition 2024.
        let others = others.chain(fields).chain(functions).filter(|name| *name == "gen");
        refuse(WIT_BINDGEN, names.into_iter().chain(others))?;
        let types = definition
            .types
            .iter()
            .filter(|(_, id)| !matches!(resolve.types[**id].kind, TypeDefKind::Resource));
        // wit-bindgen writes `Option` and `Result` without a path, so these types would hide them.
        let hidden =
            types.map(|(name, _)| &**name).filter(|name| ["option", "result"].contains(name));
        refuse(WIT_BINDGEN, hidden)?;
    }
    let own = world::functions(request.imports()).chain(world::functions(request.exports()));
    refuse(WIT_BINDGEN, own.flat_map(names_in).filter(|name| *name == "gen"))?;
    for interface in world::interfaces(request.exports()) {
        for function in resolve.interfaces[interface.id].functions.values() {
            refuse(WIT_BINDGEN, beside_constructor(request, interface, function, &["new"]))?;
            check_lent(request, function)?;
        }
    }
    world::functions(request.exports()).try_for_each(|function| check_lent(request, function))
}

/// Checks that wasmtime's `bindgen!` can generate an application that runs plugins for the world.
///
/// # Errors
///
/// Names the first item for which `bindgen!` cannot generate code.
pub(super) fn check_application(request: &Request<'_>) -> Result<()> {
    let resolve = request.resolve;
    let imports = world::interfaces(request.imports());
    for interface in imports.clone().chain(world::interfaces(request.exports())) {
        let package = resolve.interfaces[interface.id].package;
        let names = package.into_iter().flat_map(|id| {
            let name = &resolve.packages[id].name;
            [&*name.namespace, &*name.name]
        });
        refuse(BINDGEN, names.filter(|name| is_word(name)))?;
    }
    for interface in imports {
        for function in resolve.interfaces[interface.id].functions.values() {
            let taken = beside_constructor(request, interface, function, &["new"]);
            let is_drop = function.kind.resource().is_some() && function.item_name() == "drop";
            refuse(BINDGEN, taken.chain(is_drop.then_some("drop")))?;
        }
    }
    for interface in world::interfaces(request.exports()) {
        let definition = &resolve.interfaces[interface.id];
        let functions = definition.functions.values().filter(|it| it.kind.resource().is_none());
        let resources = definition.functions.values().filter_map(|it| it.kind.resource());
        let resources = resources.filter_map(|id| resolve.types[id].name.as_deref());
        let names = functions.map(|it| &*it.name).chain(resources);
        refuse(BINDGEN, names.filter(|name| is_word(name)))?;
    }
    let own = world::functions(request.exports()).map(|it| &*it.name);
    refuse(BINDGEN, own.filter(|name| is_word(name)))
}

const WIT_BINDGEN: &str = "wit-bindgen";
const BINDGEN: &str = "wasmtime's `bindgen!`";

fn refuse<'n>(generator: &str, names: impl IntoIterator<Item = &'n str>) -> Result<()> {
    match names.into_iter().next() {
        Some(name) => bail!(
            "the contract's name `{}` is reserved in the Rust code that {generator} generates: rename it in the WIT, or \
             choose another language",
            ForeignText::from(name)
        ),
        None => Ok(()),
    }
}

fn names_in(function: &Function) -> impl Iterator<Item = &str> {
    let parameters = function.params.iter().map(|parameter| &*parameter.name);
    Some(function.item_name()).into_iter().chain(parameters)
}

/// Returns the function's name if it is one of `names` and the function's resource has a constructor.
fn beside_constructor<'f>(
    request: &Request<'_>,
    interface: Interface<'_>,
    function: &'f Function,
    names: &[&str],
) -> impl Iterator<Item = &'f str> {
    let functions = &request.resolve.interfaces[interface.id].functions;
    let is_constructor = |it: &Function| matches!(it.kind, FunctionKind::Constructor(_));
    let is_taken = !is_constructor(function)
        && names.contains(&function.item_name())
        && function.kind.resource().is_some_and(|id| {
            functions.values().any(|it| is_constructor(it) && it.kind.resource() == Some(id))
        });
    is_taken.then(|| function.item_name()).into_iter()
}

/// Refuses lists of handles that the host lends to the plugin.
fn check_lent(request: &Request<'_>, function: &Function) -> Result<()> {
    let resolve = request.resolve;
    let is_exported = |id: TypeId| match resolve.types[original(resolve, id)].owner {
        TypeOwner::Interface(owner) => {
            world::interfaces(request.exports()).any(|interface| interface.id == owner)
        }
        _ => false,
    };
    let is_lent = |kind: &TypeDefKind| matches!(kind, TypeDefKind::Handle(Handle::Borrow(id)) if !is_exported(*id));
    let mut live = LiveTypes::default();
    for parameter in &function.params {
        live.add_type(resolve, &parameter.ty);
    }
    let is_list = |id| match &resolve.types[id].kind {
        TypeDefKind::List(ty) => any(resolve, ty, is_lent),
        _ => false,
    };
    if live.iter().any(is_list) {
        bail!(
            "`{}` takes a list of borrowed handles of the host, for which {WIT_BINDGEN} cannot generate code: take one \
             handle at a time or owned handles, or choose another language",
            ForeignText::from(short_name(request, function))
        );
    }
    Ok(())
}
