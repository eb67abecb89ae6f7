//! The skeleton of a plugin in Rust: a crate that uses wit-bindgen.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use heck::ToUpperCamelCase as _;
use wit_parser::{Function, FunctionKind, TypeDefKind};

use super::hosted::check_hosted;
use super::rust_names::{Scope, Side, camel, identifier, imported, module, module_names};
use super::rust_types::{Types, as_result, is_text};
use super::rust_written::check_plugin;
use super::world::{self, Interface};
use super::{Request, Skeleton, layout, sample};

/// The release of wit-bindgen that skeletons use.
pub const WIT_BINDGEN: &str = "0.63.0";

/// How the crate depends on wit-bindgen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dependency {
    /// By inheriting the workspace's dependency.
    Workspace,
    /// By naming the [release](WIT_BINDGEN) that the skeleton is written for.
    Release,
}

/// Generates the crate of a plugin and its first case.
///
/// # Errors
///
/// Names the item of the world that this host does not support, or whose name is not possible in a plugin in Rust.
pub fn plugin(request: &Request<'_>, wit_bindgen: Dependency) -> Result<Skeleton> {
    check_hosted(request)?;
    check_plugin(request)?;
    let mut skeleton = Skeleton::default();
    let mut write = |path: &str, text| skeleton.files.insert(PathBuf::from(path), text);
    write("Cargo.toml", cargo_manifest(request, wit_bindgen));
    write(
        "plugin.toml",
        format!("world = \"{}\"\nlimits = [\"memory=64MiB\"]\n", request.world_name()),
    );
    write("src/lib.rs", Source::new(request).text());
    if let Some(calls) = sample::first_calls(request) {
        skeleton.cases.insert(PathBuf::from("first.calls"), calls);
    }
    Ok(skeleton)
}

fn cargo_manifest(request: &Request<'_>, wit_bindgen: Dependency) -> String {
    let wit_bindgen = match wit_bindgen {
        Dependency::Workspace => "wit-bindgen.workspace = true".to_owned(),
        Dependency::Release => format!(
            "wit-bindgen = {{ version = \"={WIT_BINDGEN}\", default-features = false, features = [\"macros\", \
             \"realloc\"] }}"
        ),
    };
    format!(
        "[package]
name = \"plugin-{}\"
version = \"0.1.0\"
edition = \"2024\"
publish = false

[lib]
crate-type = [\"cdylib\"]

[dependencies]
{wit_bindgen}
",
        request.name
    )
}

/// The source of a plugin while it is generated.
struct Source<'a> {
    request: &'a Request<'a>,
    /// The names in the root of the crate.
    root: Scope,
    /// The type that implements the functions.
    plugin: String,
    uses: Vec<String>,
    items: String,
}

impl<'a> Source<'a> {
    fn new(request: &'a Request<'a>) -> Self {
        let bindings = ["Guest", "_rt", "alloc", "core", "exports", "export", "std", "wit_bindgen"];
        let modules = world::interfaces(request.imports()).filter_map(|interface| {
            module(request, Side::Plugin, interface, false).split("::").next().map(str::to_owned)
        });
        let types = world::types(request.imports()).map(|(name, _)| camel(name));
        let mut root =
            Scope::new(bindings.map(str::to_owned).into_iter().chain(modules).chain(types));
        let plugin = root.take(&["Plugin".to_owned(), "ThePlugin".to_owned()]);
        Self { request, root, plugin, uses: Vec::new(), items: String::new() }
    }

    fn text(mut self) -> String {
        for interface in world::interfaces(self.request.exports()) {
            self.interface(interface);
        }
        let functions: Vec<_> = world::functions(self.request.exports()).collect();
        if !functions.is_empty() {
            let types = Types::of_plugin(self.request, String::new());
            let head = format!("impl Guest for {}", self.plugin);
            self.implementation(&head, &[], &functions, &types);
        }
        let Request { name, wit, .. } = self.request;
        let world = self.request.world_name();
        let others = if self.has_others() { ", generate_all" } else { "" };
        self.uses.sort();
        let uses: String = self.uses.iter().map(|path| format!("use {path};\n")).collect();
        let separator = if uses.is_empty() { "" } else { "\n" };
        let plugin = match world::interfaces(self.request.exports()).next() {
            None if functions.is_empty() => String::new(),
            _ => format!("\nstruct {0};\n\nexport!({0});\n", self.plugin),
        };
        format!(
            "//! The plugin `{name}`, for the world `{world}`.\n\nwit_bindgen::generate!({{ path: {}, world: {}{others} \
             }});\n{separator}{uses}{plugin}{}",
            layout::literal(wit),
            layout::literal(world),
            self.items
        )
    }

    /// Returns whether the world has interfaces of other packages, for which wit-bindgen needs an option.
    fn has_others(&self) -> bool {
        let resolve = self.request.resolve;
        let own = resolve.worlds[self.request.world].package;
        let all = self.request.imports();
        world::interfaces(all)
            .chain(world::interfaces(self.request.exports()))
            .any(|interface| resolve.interfaces[interface.id].package != own)
    }

    fn interface(&mut self, interface: Interface<'a>) {
        let request = self.request;
        let definition = &request.resolve.interfaces[interface.id];
        let resources = definition
            .types
            .iter()
            .filter(|(_, id)| matches!(request.resolve.types[**id].kind, TypeDefKind::Resource));
        let resources: Vec<_> = resources.map(|(name, id)| (name, *id)).collect();
        let functions = definition.functions.values();
        let free: Vec<_> = functions.filter(|it| it.kind.resource().is_none()).collect();
        if free.is_empty() && resources.is_empty() {
            return;
        }
        let path = module(request, Side::Plugin, interface, true);
        let name = self.root.take(&module_names(request, Side::Plugin, interface));
        self.uses.push(imported(&path, &name));
        let types = Types::of_plugin(request, format!("{name}::"));

        let named = resources.iter().map(|(resource, id)| {
            let camel = camel(resource);
            let prefixed = format!("{}{camel}", name.to_upper_camel_case());
            (camel.clone(), self.root.take(&[camel, prefixed]), *id)
        });
        let named: Vec<_> = named.collect();
        let associated: Vec<_> =
            named.iter().map(|(camel, own, _)| format!("type {camel} = {own};")).collect();
        let head = format!("impl {name}::Guest for {}", self.plugin);
        self.implementation(&head, &associated, &free, &types);

        for (camel, own, id) in named {
            let documentation = request.resolve.types[id].docs.contents.as_deref();
            let _ = write!(self.items, "\n{}struct {own};\n", layout::comment("", documentation));
            let functions = definition.functions.values();
            let methods: Vec<_> = functions.filter(|it| it.kind.resource() == Some(id)).collect();
            let head = format!("impl {name}::Guest{camel} for {own}");
            self.implementation(&head, &[], &methods, &types);
        }
    }

    fn implementation(
        &mut self,
        head: &str,
        associated: &[String],
        functions: &[&Function],
        types: &Types<'_>,
    ) {
        let signatures: Vec<_> =
            functions.iter().map(|function| (*function, types.signature(function))).collect();
        self.items.push('\n');
        if signatures.iter().any(|(_, signature)| !signature.is_plain) {
            self.items +=
                "#[expect(unused_variables, reason = \"its functions are not written yet\")]\n";
        }
        if associated.is_empty() && signatures.is_empty() {
            let _ = writeln!(self.items, "{head} {{}}");
            return;
        }
        let _ = writeln!(self.items, "{head} {{");
        for line in associated {
            let _ = writeln!(self.items, "    {line}");
        }
        for (index, (function, signature)) in signatures.iter().enumerate() {
            if index > 0 || !associated.is_empty() {
                self.items.push('\n');
            }
            let name = rust_name(function);
            let head = layout::head("    ", &format!("fn {name}"), signature);
            let comment = layout::comment("    ", function.docs.contents.as_deref());
            let _ = write!(
                self.items,
                "{comment}{head}\n        {}\n    }}\n",
                self.body(function, types)
            );
        }
        self.items += "}\n";
    }

    /// Returns a body that says that the function is not written yet: as an error if the contract's error type is a
    /// string, and by a panic otherwise.
    fn body(&self, function: &Function, types: &Types<'_>) -> String {
        let words = layout::literal(&format!(
            "`{}` is not written yet",
            sample::short_name(self.request, function)
        ));
        let result = function.result.as_ref();
        let result = result.and_then(|ty| as_result(self.request.resolve, ty));
        let has_text =
            result.and_then(|it| it.err).is_some_and(|ty| is_text(self.request.resolve, &ty));
        match has_text && types.has_plain_err() {
            true => format!("Err({words}.to_owned())"),
            false => format!("todo!({words})"),
        }
    }
}

/// Returns the name of a function in a Rust trait.
fn rust_name(function: &Function) -> String {
    match function.kind {
        FunctionKind::Constructor(_) => "new".to_owned(),
        _ => identifier(Side::Plugin, function.item_name()),
    }
}
