//! An application in Rust that hosts plugins of a world: it loads one, and calls a function of it.

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

/// Makes the sources of an application that loads `dist/PLUGIN.wasm` and calls a function of it, in which `wit` of the
/// request is as seen from the application's folder. What plugins import prints its calls.
///
/// # Errors
///
/// Says what of the world cannot be hosted, or has a name that no application in Rust can have.
pub fn application(request: &Request<'_>, plugin: &str) -> Result<BTreeMap<PathBuf, String>> {
    check_hosted(request)?;
    check_application(request)?;
    let mut root = Scope::new(bindings(request));
    for name in CRATES {
        if root.has(name) {
            bail!(
                "no application is made for the world `{}`: the namespace `{name}` of its contract is also the name \
                 of a crate that it needs, so give the package another one",
                ForeignText::from(request.world_name())
            );
        }
    }
    root.take_all(CRATES.iter().chain(&["ExitCode", "exports", "main", "run"]));
    Ok(BTreeMap::from([(PathBuf::from("src/main.rs"), text(request, plugin, root))]))
}

/// The crates that an application names.
const CRATES: [&str; 3] = ["core", "plugwright", "std"];

/// The names that the bindings have in the root.
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

/// What an application takes from the library.
struct Library<'r> {
    root: &'r mut Scope,
    /// The names that it takes from the root of the crate.
    uses: Vec<&'static str>,
}

impl Library<'_> {
    /// What a type is called that may be needed: its name, unless something else has that.
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
        "//! Loads a plugin of the world `{name}`, and calls it.

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

/// What is done with a plugin of which nothing is called.
const LOADED: &str =
    "    // Each of its functions takes a handle, which nothing of this application makes.
    println!(\"`{}` is loaded\", plugin.name());
    Ok(())
";

const MAIN: &str = "\
fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!(\"error: {error}\");
            ExitCode::FAILURE
        }
    }
}
";
