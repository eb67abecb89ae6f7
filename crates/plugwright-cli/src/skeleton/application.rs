//! An application in Rust that hosts plugins of a world: it loads one, and calls a function of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Result, bail};
use heck::ToSnakeCase as _;
use wit_parser::{Function, Type, TypeDefKind, WorldKey};

use super::hosted::check_hosted;
use super::rust_host::{HostSide, host_side};
use super::rust_names::{Scope, Side, camel, identifier, module, package_module};
use super::rust_types::{as_result, is_text, kind, original};
use super::rust_values::{Argument, Values};
use super::sample::{Callable, has_samples, short_name};
use super::world::{self, Interface};
use super::{Request, layout, sample};

/// Makes the sources of an application that loads `dist/PLUGIN.wasm` and calls a function of it, in which `wit` of the
/// request is as seen from the application's folder. What is imported prints its calls.
///
/// # Errors
///
/// Says what of the world cannot be hosted, or has a name that the application's own code needs.
pub fn application(request: &Request<'_>, plugin: &str) -> Result<BTreeMap<PathBuf, String>> {
    check_hosted(request)?;
    let taken = bindings(request);
    for name in ["plugwright", "wasmtime", "std", "core"] {
        if taken.has(name) {
            bail!(
                "an application of the world `{}` is not made: the namespace `{name}` of its contract is the name of \
                 a crate that it needs",
                request.world_name()
            );
        }
    }
    Ok(BTreeMap::from([(PathBuf::from("src/main.rs"), text(request, plugin, taken))]))
}

/// The names that the bindings have in the root.
fn bindings(request: &Request<'_>) -> Scope {
    let world = super::rust_names::world(request);
    let own =
        ["", "Pre", "Imports", "ImportsWithStore", "Indices"].map(|end| format!("{world}{end}"));
    let modules = world::interfaces(request.imports()).filter_map(|interface| {
        module(request, Side::Application, interface, false).split("::").next().map(str::to_owned)
    });
    let types = world::types(request.imports()).flat_map(|(name, _)| {
        let name = camel(name);
        [format!("Host{name}"), format!("Host{name}WithStore"), name]
    });
    let mine =
        ["COMPONENT_TYPE", "LinkOptions", "ExitCode", "exports", "main", "run"].map(str::to_owned);
    Scope::new(own.into_iter().chain(modules).chain(types).chain(mine))
}

/// A type of the library, and where it is from if its name is free.
fn library(root: &mut Scope, uses: &mut Vec<String>, name: &str) -> String {
    let path = format!("plugwright::{name}");
    if root.has(name) {
        return path;
    }
    uses.push(name.to_owned());
    root.take(&[name.to_owned()])
}

fn text(request: &Request<'_>, plugin: &str, mut root: Scope) -> String {
    let call = Call::first(request);
    let (mut uses, mut standard) = (Vec::new(), vec!["std::process::ExitCode"]);
    let has_call = call.is_some();
    let call_error =
        if has_call { library(&mut root, &mut uses, "CallError") } else { String::new() };
    let host = library(&mut root, &mut uses, "Host");
    let plugin_type = library(&mut root, &mut uses, "Plugin");
    let has_imports = world::interfaces(request.imports()).next().is_some()
        || world::functions(request.imports()).next().is_some()
        || world::types(request.imports()).any(|(_, id)| {
            let id = original(request.resolve, id);
            matches!(request.resolve.types[id].kind, TypeDefKind::Resource)
        });
    let state = if has_imports { library(&mut root, &mut uses, "State") } else { String::new() };
    let HostSide { uses: mut modules, items, with, is_trappable } =
        host_side(request, &mut root, &state);
    if items.contains("wasmtime::") {
        uses.push("wasmtime".to_owned());
    }
    standard.sort_unstable();
    modules.sort();
    let standard: String = standard.iter().map(|path| format!("use {path};\n")).collect();
    let uses = format!("use plugwright::{{{}}};\n", uses.join(", "));
    let separator = if modules.is_empty() { "" } else { "\n" };
    let modules: String = modules.iter().map(|path| format!("use {path};\n")).collect();
    let world = super::rust_names::world(request);
    let file = layout::literal(&format!("dist/{plugin}.wasm"));
    let error = if root.has("Result") { "std::result::Result" } else { "Result" };
    let begin = format!(
        "fn run() -> {error}<(), Box<dyn std::error::Error>> {{
    let file = std::env::args_os().nth(1).unwrap_or_else(|| {file}.into());
    let plugin: {plugin_type}<{world}> = {host}::builder().build()?.load(file)?;
"
    );
    let end = call.map_or_else(
        || "    println!(\"`{}` is loaded, and nothing of it can be called without a handle\", plugin.name());\n    Ok(())\n}\n".to_owned(),
        |call| call.text(&call_error),
    );
    format!(
        "//! Loads a plugin of the world `{}`, and calls it.\n\n{standard}\n{uses}{separator}{modules}\n{}{items}\n\
         {MAIN}\n{begin}{end}",
        request.world_name(),
        bindings_macro(request, &world, &with, is_trappable),
    )
}

fn bindings_macro(
    request: &Request<'_>,
    world: &str,
    with: &[(String, String)],
    is_trappable: bool,
) -> String {
    let (name, wit) = (layout::literal(request.world_name()), layout::literal(request.wit));
    let begin = format!("{world}, {world}Pre = {name} in {wit}");
    if !is_trappable {
        return format!("plugwright::world!({begin});\n");
    }
    let with: Vec<_> =
        with.iter().map(|(name, ty)| format!("{}: {ty}", layout::literal(name))).collect();
    let with = match with.is_empty() {
        true => String::new(),
        false => format!("    with: {{ {} }},\n", with.join(", ")),
    };
    format!(
        "plugwright::world!(\n    {begin},\n    imports: {{ default: async | trappable }},\n{with});\n"
    )
}

const MAIN: &str = "\
fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!(\"error: {error}\");
            let mut source = error.source();
            while let Some(cause) = source {
                eprintln!(\"because: {cause}\");
                source = cause.source();
            }
            ExitCode::FAILURE
        }
    }
}
";

/// The call that the application makes.
struct Call<'a> {
    request: &'a Request<'a>,
    callable: Callable<'a>,
    /// What comes before it, in lines.
    kept: String,
    arguments: Vec<String>,
    /// What the closure's parameter is called.
    world: String,
}

impl<'a> Call<'a> {
    fn first(request: &'a Request<'a>) -> Option<Self> {
        let callable = sample::first_function(request)?;
        if !has_samples(request, callable.function) {
            return None;
        }
        let mut locals = Scope::new(["answer", "error", "file", "plugin", "result", "store"]);
        let world =
            locals.take(&[identifier(Side::Application, request.world_name()), "world".to_owned()]);
        let exported = callable.interface.map(|interface| {
            (interface, true, module(request, Side::Application, interface, true))
        });
        let mut values = Values { request, interface: exported, made: Default::default() };
        let (mut kept, mut arguments) = (String::new(), Vec::new());
        for parameter in &callable.function.params {
            arguments.push(match values.argument(&parameter.ty, &parameter.name) {
                Argument::Plain(text) => text,
                Argument::Kept(value, reference) => {
                    let name = identifier(Side::Application, &parameter.name);
                    let name = locals.take(&[name.clone(), format!("{name}_value")]);
                    kept += &format!("    let {name} = {};\n", value.laid_out("    "));
                    format!("{reference}{name}")
                }
            });
        }
        Some(Self { request, callable, kept, arguments, world })
    }

    fn text(&self, call_error: &str) -> String {
        let Self { request, callable, kept, world, .. } = self;
        let function = callable.function;
        let shown = layout::literal(&short_name(request, function));
        format!(
            "{kept}    let answer = plugin.call({shown}, async |{world}, store| {{
{}    }});
    let error = match answer {{
        {}
        Err(error) => error,
    }};
    eprintln!(
        \"{{}}\",
        match &error {{
            {call_error}::Refused {{ .. }} => \"refused: the plugin did its work, and this is its answer\",
            {call_error}::Trapped {{ .. }} => \"trapped: the plugin broke off, and its author has to mend it\",
            {call_error}::Exceeded {{ .. }} => \"exceeded: the plugin went beyond a limit that it has\",
            {call_error}::Denied {{ .. }} => \"denied: what the plugin was granted is not there any more\",
            _ => \"failed: the plugin was not called\",
        }}
    );
    Err(error.into())
}}
",
            self.body(function),
            self.answered(function)
        )
    }

    /// What the closure does.
    fn body(&self, function: &Function) -> String {
        let resolve = self.request.resolve;
        let arguments: String = self.arguments.iter().map(|it| format!(", {it}")).collect();
        let resource = function.kind.resource().and_then(|id| resolve.types[id].name.as_deref());
        let receiver = match (self.callable.interface, resource) {
            (Some(interface), Some(resource)) => {
                format!(".{}().{}()", accessor(self.request, interface), resource.to_snake_case())
            }
            (Some(interface), None) => format!(".{}()", accessor(self.request, interface)),
            (None, _) => String::new(),
        };
        let call = format!(
            "{}{receiver}.call_{}(store{arguments}).await",
            self.world,
            function.item_name().to_snake_case()
        );
        let Some(ty) = &function.result else {
            return format!("        {call}?;\n        Ok(Ok::<_, String>(()))\n");
        };
        match as_result(resolve, ty) {
            Some(result) if result.err.is_some_and(|ty| is_shown(self.request, &ty)) => {
                format!("        {call}\n")
            }
            Some(_) => format!(
                "        let result = {call}?;\n        Ok(result.map_err(|error| format!(\"{{error:?}}\")))\n"
            ),
            None => format!("        Ok(Ok::<_, String>({call}?))\n"),
        }
    }

    /// What is done with a result.
    fn answered(&self, function: &Function) -> String {
        let resolve = self.request.resolve;
        let result = function.result;
        let result = match result.and_then(|ty| as_result(resolve, &ty)) {
            Some(result) => result.ok,
            None => result,
        };
        let (pattern, shown) = match result {
            None => ("()", "\"it is done\""),
            Some(ty) if is_text(resolve, &ty) => ("answer", "\"{answer}\""),
            Some(_) => ("answer", "\"{answer:?}\""),
        };
        format!(
            "Ok({pattern}) => {{\n            println!({shown});\n            return Ok(());\n        }}"
        )
    }
}

/// The method by which an exported interface is got at.
fn accessor(request: &Request<'_>, interface: Interface<'_>) -> String {
    let definition = &request.resolve.interfaces[interface.id];
    let name = identifier(Side::Application, request.interface_name(interface));
    match (interface.key, definition.package) {
        (WorldKey::Interface(_), Some(package)) => {
            let namespace = request.resolve.packages[package].name.namespace.to_snake_case();
            format!("{namespace}_{}_{name}", package_module(request.resolve, package))
        }
        _ => name,
    }
}

/// Says whether the bindings make an error of the type, which can be shown.
fn is_shown(request: &Request<'_>, ty: &Type) -> bool {
    let is_error = matches!(
        kind(request.resolve, ty),
        Some(TypeDefKind::Record(_) | TypeDefKind::Variant(_) | TypeDefKind::Enum(_))
    );
    is_error || is_text(request.resolve, ty)
}
