//! The host functions of a generated application, which print their calls.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use wit_parser::{Function, FunctionKind, Type, TypeDefKind, TypeId, WorldKey};

use super::Request;
use super::layout::{self, Expression};
use super::rust_names::{Scope, Side, camel, identifier, imported, module, module_names};
use super::rust_types::{Signature, Types, is_debug};
use super::rust_values::Values;
use super::sample::short_name;
use super::world::{self, Interface};

/// The code by which an application provides the imports of plugins.
pub(super) struct HostSide {
    /// The paths for `use` declarations of the bindings' modules.
    pub(super) uses: Vec<String>,
    /// The implementations of traits, and the types of resources.
    pub(super) items: String,
    /// The names of resources in WIT, with the names of their types in Rust.
    pub(super) with: Vec<(String, String)>,
}

/// The names of types of the library and of wasmtime in the generated code.
#[derive(Default)]
pub(super) struct Names {
    /// The library's `State`.
    pub(super) state: String,
    /// wasmtime's `Result`, for functions that can fail.
    pub(super) result: String,
    /// wasmtime's `Resource`, a handle.
    pub(super) resource: String,
}

/// Returns whether plugins for the world import resources.
pub(super) fn has_resources(request: &Request<'_>) -> bool {
    let is_resource = |id: TypeId| matches!(request.resolve.types[id].kind, TypeDefKind::Resource);
    let of_interfaces = world::interfaces(request.imports())
        .flat_map(|interface| request.resolve.interfaces[interface.id].types.values().copied());
    let own = world::types(request.imports()).map(|(_, id)| id);
    of_interfaces.chain(own).any(is_resource)
}

/// Returns the functions that plugins for the world import.
fn imported_functions<'a>(request: &'a Request<'a>) -> impl Iterator<Item = &'a Function> {
    let of_interfaces = world::interfaces(request.imports())
        .flat_map(|interface| request.resolve.interfaces[interface.id].functions.values());
    of_interfaces.chain(world::functions(request.imports()))
}

/// Returns whether host functions can fail, because they create handles or one of them is not written yet.
pub(super) fn is_trappable(request: &Request<'_>) -> bool {
    let values = Values { request, interface: None, made: BTreeSet::new() };
    let mut functions = imported_functions(request);
    has_resources(request) || !functions.all(|it| values.can_return(it.result.as_ref()))
}

/// Returns the resources that host functions create.
fn made(request: &Request<'_>) -> BTreeSet<TypeId> {
    let mut values = Values { request, interface: None, made: BTreeSet::new() };
    for function in imported_functions(request) {
        if let Some(ty) = function.result.filter(|ty| values.can_return(Some(ty))) {
            let _ = values.owned(&ty, "");
        }
    }
    values.made
}

/// Generates the host functions.
pub(super) fn host_side(request: &Request<'_>, root: &mut Scope, names: &Names) -> HostSide {
    let mut writer = Writer {
        request,
        root,
        names,
        is_trappable: is_trappable(request),
        uses: Vec::new(),
        items: String::new(),
        with: Vec::new(),
        made: made(request),
    };
    for interface in world::interfaces(request.imports()) {
        writer.interface(interface);
    }
    writer.world();
    let Writer { uses, items, with, .. } = writer;
    HostSide { uses, items, with }
}

struct Writer<'a, 'r> {
    request: &'a Request<'a>,
    root: &'r mut Scope,
    names: &'r Names,
    is_trappable: bool,
    uses: Vec<String>,
    items: String,
    with: Vec<(String, String)>,
    /// The resources that any host function creates.
    made: BTreeSet<TypeId>,
}

impl<'a> Writer<'a, '_> {
    fn interface(&mut self, interface: Interface<'a>) {
        let request = self.request;
        let definition = &request.resolve.interfaces[interface.id];
        let path = module(request, Side::Application, interface, false);
        let name = self.root.take(&module_names(request, Side::Application, interface));
        if path != name {
            self.uses.push(imported(&path, &name));
        }
        let types = Types::of_application(request, format!("{name}::"), &self.names.resource);
        let mut values =
            Values { request, interface: Some((interface, name.clone())), made: BTreeSet::new() };
        let resources = definition.types.iter().map(|(resource, id)| (&**resource, *id));
        let key = match interface.key {
            WorldKey::Name(name) => name.clone(),
            key @ WorldKey::Interface(_) => request.resolve.name_world_key(key),
        };
        let functions: Vec<_> = definition.functions.values().collect();
        let shown = request.interface_name(interface).to_owned();
        let prefixes = (format!("{name}::"), format!("{key}."), format!("{shown}."));
        self.implementations("Host", &prefixes, resources, &functions, &types, &mut values);
    }

    fn world(&mut self) {
        let request = self.request;
        let types = Types::of_application(request, String::new(), &self.names.resource);
        let mut values = Values { request, interface: None, made: BTreeSet::new() };
        let functions: Vec<_> = world::functions(request.imports()).collect();
        let resources = world::types(request.imports());
        let is_resource = |(_, id): &(&str, TypeId)| {
            matches!(request.resolve.types[*id].kind, TypeDefKind::Resource)
        };
        let resources: Vec<_> = resources.filter(is_resource).collect();
        if functions.is_empty() && resources.is_empty() {
            return;
        }
        let name = format!("{}Imports", super::rust_names::world_type(request));
        let prefixes = Default::default();
        self.implementations(
            &name,
            &prefixes,
            resources.into_iter(),
            &functions,
            &types,
            &mut values,
        );
    }

    /// Writes the implementations of a trait and of the traits of its resources. The prefixes are those of names in
    /// Rust, of resources in WIT, and of functions in the printed text.
    fn implementations<'n>(
        &mut self,
        name: &str,
        (prefix, key, shown): &(String, String, String),
        resources: impl Iterator<Item = (&'n str, TypeId)>,
        functions: &[&Function],
        types: &Types<'_>,
        values: &mut Values<'_>,
    ) {
        let free: Vec<_> =
            functions.iter().filter(|it| it.kind.resource().is_none()).copied().collect();
        let head = format!("{prefix}{name}");
        self.implementation(&head, &free, None, shown, types, values);
        let is_resource =
            |id: TypeId| matches!(self.request.resolve.types[id].kind, TypeDefKind::Resource);
        let resources: Vec<_> = resources.filter(|(_, id)| is_resource(*id)).collect();
        for (resource, id) in resources {
            let methods = functions.iter().filter(|it| it.kind.resource() == Some(id)).copied();
            let methods: Vec<_> = methods.collect();
            let is_made = self.made.contains(&id);
            if is_made {
                let own = self.root.take(&[camel(resource), format!("Own{}", camel(resource))]);
                let documentation = self.request.resolve.types[id].docs.contents.as_deref();
                let comment = layout::comment("", documentation);
                let _ = write!(self.items, "\n{comment}pub struct {own};\n");
                self.with.push((format!("{key}{resource}"), own));
            }
            let ty = format!("{}<{prefix}{}>", &self.names.resource, camel(resource));
            let handle = identifier(Side::Application, resource);
            let (parameter, body) = match is_made {
                true => (&*handle, format!("        self.resources().delete({handle})?;\n")),
                false => ("_", String::new()),
            };
            let signature = Signature {
                parameters: vec!["&mut self".to_owned(), format!("{parameter}: {ty}")],
                result: Some(format!("{}<()>", self.names.result)),
                is_plain: false,
            };
            let head = layout::head("    ", "async fn drop", &signature);
            let drops = format!("{head}\n{body}        Ok(())\n    }}\n");
            let head = format!("{prefix}Host{}", camel(resource));
            self.implementation(&head, &methods, Some(drops), shown, types, values);
        }
    }

    fn implementation(
        &mut self,
        name: &str,
        functions: &[&Function],
        drops: Option<String>,
        shown: &str,
        types: &Types<'_>,
        values: &mut Values<'_>,
    ) {
        let head = format!("\nimpl {name} for {}", self.names.state);
        if functions.is_empty() && drops.is_none() {
            let _ = writeln!(self.items, "{head} {{}}");
            return;
        }
        let mut parts: Vec<_> =
            functions.iter().map(|it| self.function(it, shown, types, values)).collect();
        parts.extend(drops);
        let _ = write!(self.items, "{head} {{\n{}}}\n", parts.join("\n"));
    }

    fn function(
        &self,
        function: &Function,
        shown: &str,
        types: &Types<'_>,
        values: &mut Values<'_>,
    ) -> String {
        let mut signature = types.signature(function);
        if self.is_trappable {
            let result = types.optional(function.result.as_ref());
            signature.result = Some(format!("{}<{result}>", self.names.result));
        }
        let name = match function.kind {
            FunctionKind::Constructor(_) => "new".to_owned(),
            _ => identifier(Side::Application, function.item_name()),
        };
        let head = layout::head("    ", &format!("async fn {name}"), &signature);
        let (mut arguments, mut unseen) = (Vec::new(), Vec::new());
        for parameter in &function.params {
            let name = identifier(Side::Application, &parameter.name);
            match is_debug(self.request.resolve, &parameter.ty) {
                true => arguments.push(format!("{{{name}:?}}")),
                false => {
                    arguments.push("_".to_owned());
                    unseen.push(format!("        let _ = {name};\n"));
                }
            }
        }
        let unseen = unseen.concat();
        let call =
            format!("{shown}{}({})", short_name(self.request, function), arguments.join(", "));
        let comment = layout::comment("    ", function.docs.contents.as_deref());
        let mut text = format!("{comment}{head}\n{unseen}        println!(\"{call}\");\n");
        let _ = match self.value(function, values) {
            Some(value) => writeln!(text, "        {}", value.laid_out("        ")),
            None => Ok(()),
        };
        text + "    }\n"
    }

    /// Returns the function's result expression.
    fn value(&self, function: &Function, values: &mut Values<'_>) -> Option<Expression> {
        if !values.can_return(function.result.as_ref()) {
            let words = format!("`{}` is not written yet", short_name(self.request, function));
            return Some(Expression::Plain(format!(
                "plugwright::wasmtime::bail!({})",
                layout::literal(&words)
            )));
        }
        let value =
            function.result.as_ref().map(|ty: &Type| values.owned(ty, function.item_name()));
        match (self.is_trappable, value) {
            (true, Some(value)) => Some(Expression::Group("Ok(".to_owned(), vec![value], ")")),
            (true, None) => Some(Expression::Plain("Ok(())".to_owned())),
            (false, value) => value,
        }
    }
}
