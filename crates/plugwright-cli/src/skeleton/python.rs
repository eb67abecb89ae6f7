//! Plugins in Python, built with componentize-py.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use heck::{ToSnakeCase as _, ToUpperCamelCase as _};
use wit_parser::{Function, FunctionKind, WorldKey};

use super::exports::{Exports, fails_with_text, lines, not_written, parameters};
use super::files::{Build, head, skeleton};
use super::python_types::{Types, identifier};
use super::{Request, Skeleton};

/// Generates the plugin.
pub(super) fn plugin(request: &Request<'_>) -> Result<Skeleton> {
    let world = &*request.resolve.worlds[request.world].name;
    let exports = Exports::of(request.resolve, request.world);
    let app = app_name(&exports, world);
    let command = format!(
        "cp *.py \"$SCRATCH\" && componentize-py -d \"$WIT\" -w {world} componentize --python-path \"$SCRATCH\" --stub-wasi -o \
         \"$COMPONENT\" {app}"
    );
    let build = Build {
        language: "Python",
        command: &command,
        tools: &["componentize-py 0.25.1"],
        reproducible: false,
        memory: "32MiB",
    };
    let source = Source { request, types: Types::of(request) };
    let mut skeleton = skeleton([
        ("plugin.toml", build.manifest(world)),
        ("requirements.txt", include_str!("../../templates/python/requirements.txt").to_owned()),
    ]);
    let mut add =
        |name: &str, text| skeleton.files.insert(PathBuf::from(format!("{name}.py")), text);
    add(app, source.app(&exports));
    for interface in exports.interfaces.iter().filter(|it| !it.resources.is_empty()) {
        let module = source.types.exported(interface.id);
        let mut classes = String::new();
        for resource in &interface.resources {
            let name = resource.name.to_upper_camel_case();
            let _ = write!(classes, "\n\nclass {name}({module}.{name}):\n");
            classes += &docstring("    ", lines(resource.docs));
            source.functions(&mut classes, &resource.functions, !lines(resource.docs).is_empty());
        }
        let intro = format!(
            "The resources of `{}`. componentize-py requires them in a module of this name.",
            interface.full_name
        );
        // The base classes are in a module of the same name in `wit_world`.
        let imports = source.imports(&classes, &[("wit_world.exports", &module)]);
        add(&module, format!("\"\"\"{intro}\"\"\"\n{imports}{classes}"));
    }
    Ok(skeleton)
}

/// Returns a name for the plugin's module that differs from the names of the world and of the modules of resources.
fn app_name(exports: &Exports<'_>, world: &str) -> &'static str {
    let is_taken =
        |name: &str| world == name || exports.interfaces.iter().any(|it| it.name == name);
    ["app", "plugin", "main"].into_iter().find(|name| !is_taken(name)).unwrap_or("plugin_app")
}

struct Source<'a> {
    request: &'a Request<'a>,
    types: Types<'a>,
}

impl Source<'_> {
    fn app(&self, exports: &Exports<'_>) -> String {
        let world = &self.request.resolve.worlds[self.request.world].name;
        let mut classes = String::new();
        for interface in &exports.interfaces {
            let name = self.types.exported_class(interface.id);
            // The base class that componentize-py generates for an interface without a package has no functions.
            let base = match interface.key {
                WorldKey::Name(_) => String::new(),
                WorldKey::Interface(_) => format!("(exports.{name})"),
            };
            let _ = write!(classes, "\n\nclass {name}{base}:\n");
            let docs = lines(interface.docs);
            classes += &docstring("    ", docs.clone());
            if interface.functions.is_empty() {
                classes += if docs.is_empty() { "    pass\n" } else { "" };
            }
            self.functions(&mut classes, &interface.functions, !docs.is_empty());
        }
        if !exports.functions.is_empty() {
            classes += "\n\nclass WitWorld(wit_world.WitWorld):\n";
            self.functions(&mut classes, &exports.functions, false);
        }
        let has_base = classes.contains("(exports.");
        let needed: &[_] = if has_base { &[("wit_world", "exports")] } else { &[] };
        let imports = self.imports(&classes, needed);
        format!(
            "\"\"\"A plugin for the world `{world}`. Its functions are not written yet.

To return the error of a result, raise it as an `Err`. Any other exception ends the call, and its message is lost. For
editors and type checkers, `componentize-py -d WIT -w {world} bindings FOLDER` writes the base classes to a folder.
\"\"\"
{imports}{classes}"
        )
    }

    /// Returns the import statements for the names in the text.
    fn imports(&self, text: &str, needed: &[(&str, &str)]) -> String {
        let mut from: BTreeSet<(String, String)> = needed
            .iter()
            .map(|(module, name)| ((*module).to_owned(), (*name).to_owned()))
            .collect();
        for name in ["Err", "Result", "Some"] {
            let is_named =
                [format!("{name}("), format!("{name}[")].iter().any(|it| text.contains(it));
            if is_named {
                from.insert(("componentize_py_types".to_owned(), name.to_owned()));
            }
        }
        from.extend(self.types.modules_in(text));
        let mut lines = String::new();
        if text.contains("wit_world.") {
            lines += "\nimport wit_world";
        }
        let modules: BTreeSet<_> = from.iter().map(|(module, _)| module).collect();
        for module in modules {
            let names: Vec<_> =
                from.iter().filter(|(of, _)| of == module).map(|(_, name)| &**name).collect();
            let _ = write!(lines, "\nfrom {module} import {}", names.join(", "));
        }
        if !lines.is_empty() {
            lines.push('\n');
        }
        lines
    }

    fn functions(&self, text: &mut String, functions: &[&Function], mut is_after: bool) {
        for function in functions {
            if std::mem::replace(&mut is_after, true) {
                text.push('\n');
            }
            let item = identifier(&function.item_name().to_snake_case());
            let is_static = matches!(function.kind, FunctionKind::Static(_));
            let is_constructor = matches!(function.kind, FunctionKind::Constructor(_));
            let name = if is_constructor { "__init__".to_owned() } else { item };
            let receiver = if is_static { "cls" } else { "self" };
            let mut all = vec![receiver.to_owned()];
            all.extend(parameters(function).map(|(name, ty)| {
                let name = identifier(&name.to_snake_case());
                // A parameter must not have the name of the receiver.
                let end = if name == receiver { "_" } else { "" };
                format!("{name}{end}: {}", self.types.ty(ty))
            }));
            let result =
                if is_constructor { "None".to_owned() } else { self.types.result(function) };
            if is_static {
                text.push_str("    @classmethod\n");
            }
            let result = format!(" -> {result}:");
            let _ = writeln!(text, "{}", head("    ", &format!("def {name}"), &all, &result, true));
            text.push_str(&docstring("        ", lines(&function.docs)));
            let message = not_written(function);
            let error = if fails_with_text(self.request.resolve, function) {
                "Err"
            } else {
                "NotImplementedError"
            };
            let _ = writeln!(text, "        raise {error}(\"{message}\")");
        }
    }
}

/// Returns documentation as a docstring, in which backslashes and triple quotes are escaped.
fn docstring(indent: &str, mut lines: Vec<String>) -> String {
    for line in &mut lines {
        *line = line.replace('\\', "\\\\").replace("\"\"\"", "\\\"\\\"\\\"");
    }
    match lines.split_first() {
        None => String::new(),
        Some((line, [])) if !line.ends_with('"') => format!("{indent}\"\"\"{line}\"\"\"\n"),
        Some((first, rest)) => {
            let rest: String = rest
                .iter()
                .map(|line| format!("{}\n", format!("{indent}{line}").trim_end()))
                .collect();
            format!("{indent}\"\"\"{first}\n{rest}{indent}\"\"\"\n")
        }
    }
}
