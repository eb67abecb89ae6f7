//! Generates an application in Rust that loads a plugin and calls one of its functions.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Result, bail};
use plugwright::ForeignText;

use super::hosted::check_hosted;
use super::rust_call::{self, Call};
use super::rust_host::{HostSide, Names, has_resources, host_side, is_trappable};
use super::rust_names::{Scope, Side, camel, imported, module, world_type};
use super::rust_written::check_application;
use super::{Request, layout, world};

/// Generates the source of an application that loads `dist/PLUGIN.wasm` and calls one of its functions. The path `wit`
/// of the request is relative to the application's folder. The generated host functions print their calls.
///
/// # Errors
///
/// Names the item of the world that this host does not support, or whose name is not possible in the application.
pub fn application(request: &Request<'_>, plugin: &str) -> Result<BTreeMap<PathBuf, String>> {
    check_hosted(request)?;
    check_application(request)?;
    let mut root = Scope::new(bindings(request));
    for name in CRATES {
        if root.has(name) {
            bail!(
                "cannot generate an application for the world `{}`: the contract's namespace `{name}` is also the name of \
                 a crate that the application needs, so give the package another namespace",
                ForeignText::from(request.world_name())
            );
        }
    }
    root.take_all(CRATES.iter().chain(&["ExitCode", "exports", "main", "run"]));
    Ok(BTreeMap::from([(PathBuf::from("src/main.rs"), text(request, plugin, root))]))
}

/// The crates that a generated application uses.
const CRATES: [&str; 3] = ["core", "plugwright", "std"];

/// Returns the names that the bindings define in the root module.
fn bindings<'a>(request: &'a Request<'a>) -> impl Iterator<Item = String> + 'a {
    let world = world_type(request);
    let own = ["", "Pre", "Imports", "ImportsWithStore", "Indices", "PreIndices"];
    let own = own.map(|end| format!("{world}{end}")).into_iter();
    let fixed = ["COMPONENT_TYPE", "LinkOptions"].map(str::to_owned);
    let modules = world::interfaces(request.imports()).filter_map(|interface| {
        let path = module(request, Side::Application, interface, false);
        path.split("::").next().map(str::to_owned)
    });
    let types = world::types(request.imports()).flat_map(|(name, _)| {
        let name = camel(name);
        [format!("Host{name}"), format!("Host{name}WithStore"), name]
    });
    own.chain(fixed).chain(modules).chain(types)
}

/// The types that an application imports from the library.
struct Library<'r> {
    root: &'r mut Scope,
    /// The names that the application imports from the root of the library.
    uses: Vec<&'static str>,
}

impl Library<'_> {
    /// Returns how to refer to a type of the library. If the type is needed and its name is free, imports it.
    fn name_if(&mut self, is_needed: bool, name: &'static str) -> String {
        if !is_needed || self.root.has(name) {
            return format!("plugwright::{name}");
        }
        self.uses.push(name);
        self.root.take(&[name.to_owned()])
    }
}

fn text(request: &Request<'_>, plugin: &str, mut root: Scope) -> String {
    let called = rust_call::first_function(request);
    let has_text = called.is_some_and(|it| rust_call::answers_text(request, it.function));
    let has_resources = has_resources(request);
    let has_imports = has_resources
        || world::interfaces(request.imports()).next().is_some()
        || world::functions(request.imports()).next().is_some();
    let mut library = Library { root: &mut root, uses: Vec::new() };
    let call_error = library.name_if(called.is_some(), "CallError");
    let foreign_text = library.name_if(has_text, "ForeignText");
    let host = library.name_if(true, "Host");
    let plugin_type = library.name_if(true, "Plugin");
    let state = library.name_if(has_imports, "State");
    let uses = library.uses;
    let mut names = Names { state, ..Names::default() };
    let mut of_wasmtime = Vec::new();
    for (is_needed, name, path, written) in [
        (is_trappable(request), &mut names.result, "plugwright::wasmtime::Result", "HostResult"),
        (
            has_resources,
            &mut names.resource,
            "plugwright::wasmtime::component::Resource",
            "Resource",
        ),
    ] {
        *name = match is_needed && !root.has(written) {
            true => {
                of_wasmtime.push(format!("use {};\n", imported(path, written)));
                root.take(&[written.to_owned()])
            }
            false => path.to_owned(),
        };
    }
    let HostSide { uses: mut modules, items, with } = host_side(request, &mut root, &names);
    let run = match called.map(|it| Call::new(request, it, &mut root)) {
        Some(call) => {
            modules.extend(call.module());
            call.text(&call_error, &foreign_text)
        }
        None => LOADED.to_owned(),
    };
    modules.sort();
    let separator = if modules.is_empty() { "" } else { "\n" };
    let modules: String = modules.iter().map(|path| format!("use {path};\n")).collect();
    let result = if root.has("Result") { "std::result::Result" } else { "Result" };
    format!(
        "//! Loads a plugin for the world `{name}`, and calls it.

use std::process::ExitCode;

{of_wasmtime}use plugwright::{{{uses}}};
{separator}{modules}
{bindings}{items}
{MAIN}
fn run() -> {result}<(), Box<dyn std::error::Error>> {{
    let file = std::env::args_os().nth(1);
    let file = file.unwrap_or_else(|| {file}.into());
    let plugin: {plugin_type}<{world}> = {host}::builder().build()?.load(file)?;
{run}}}
",
        name = request.world_name(),
        of_wasmtime = of_wasmtime.concat(),
        uses = uses.join(", "),
        bindings = bindings_macro(request, &with),
        file = layout::literal(&format!("dist/{plugin}.wasm")),
        world = world_type(request),
    )
}

fn bindings_macro(request: &Request<'_>, with: &[(String, String)]) -> String {
    let (name, wit) = (layout::literal(request.world_name()), layout::literal(request.wit));
    let world = world_type(request);
    let begin = format!("{world}, {world}Pre = {name} in {wit}");
    if !is_trappable(request) {
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

/// The code for a plugin with no function that can be called.
const LOADED: &str =
    "    // All functions of the plugin take handles, which this application cannot create.
    println!(\"`{}` is loaded\", plugin.name());
    Ok(())
";

const MAIN: &str = "\
fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = error.source().map(|cause| format!(\": {cause}\"));
            eprintln!(\"error: {error}{}\", cause.unwrap_or_default());
            ExitCode::FAILURE
        }
    }
}
";
