//! Plugins in JavaScript, built with componentize-qjs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Result, bail};
use heck::{ToLowerCamelCase as _, ToUpperCamelCase as _};
use wit_parser::{Function, FunctionKind};

use super::exports::{Exports, Interface, lines, not_written, parameters};
use super::files::{Build, head, skeleton};
use super::javascript_text::{doc, identifier};
use super::typescript_types::Types;
use super::{Request, Skeleton};

/// Generates the plugin.
pub(super) fn plugin(request: &Request<'_>) -> Result<Skeleton> {
    let world = &*request.resolve.worlds[request.world].name;
    let command = format!(
        "componentize-qjs --wit \"$WIT\" --world {world} --js plugin.js --stub-wasi --sync --opt-size --minify --output \
         \"$COMPONENT\""
    );
    let build = Build {
        language: "JavaScript",
        command: &command,
        tools: &["componentize-qjs 0.4.5"],
        reproducible: false,
        memory: "8MiB",
    };
    Ok(skeleton([
        ("plugin.toml", build.manifest(world)),
        ("package.json", include_str!("../../templates/javascript/package.json").to_owned()),
        (
            "package-lock.json",
            include_str!("../../templates/javascript/package-lock.json").to_owned(),
        ),
        ("plugin.js", Source { request, types: None }.text()?),
    ]))
}

/// The source of a plugin in JavaScript, or in TypeScript if there are types.
pub(super) struct Source<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) types: Option<Types<'a>>,
}

impl Source<'_> {
    pub(super) fn text(&self) -> Result<String> {
        let Request { resolve, world, .. } = self.request;
        let exports = Exports::of(resolve, *world);
        refuse_twins(&exports)?;
        let name = &resolve.worlds[*world].name;
        let mut text = format!(
            "// A plugin for the world `{name}`. Its functions are not written yet.
//
// To return the error of a result, throw its value. If the error is a string, you can also throw an `Error` with it as the
// message. Any other `Error` ends the call, and its message is lost. There is no `console`, and no other API of browsers
// or Node.js.
"
        );
        if let Some(types) = &self.types {
            text += &types.imports(&exports);
        }
        for interface in &exports.interfaces {
            self.interface(&mut text, interface);
        }
        for function in exports.functions {
            let name = function.name.to_lower_camel_case();
            let local = identifier(&name);
            text += "\n";
            text += &doc("", function.docs.contents.as_ref().map(|_| lines(&function.docs)));
            let export = if local == name { "export " } else { "" };
            let prefix = self.types.as_ref().map(Types::of_world).unwrap_or_default();
            let _ =
                write!(text, "{export}function {}", self.function("", &local, function, &prefix));
            if local != name {
                let _ = writeln!(text, "export {{ {local} as {name} }};");
            }
        }
        Ok(text)
    }

    fn interface(&self, text: &mut String, interface: &Interface<'_>) {
        let name = interface.name.to_lower_camel_case();
        let local = identifier(&name);
        let alias = self.types.as_ref().map(|types| types.of_interface(interface.id));
        let prefix = alias.as_ref().map(|alias| format!("{alias}.")).unwrap_or_default();
        let has = alias.map(|alias| format!(": typeof {alias}")).unwrap_or_default();
        let _ = write!(text, "\n// {}\n", interface.full_name);
        text.push_str(&doc("", Some(lines(interface.docs))));
        let export = if local == name { "export " } else { "" };
        let _ = writeln!(text, "{export}const {local}{has} = {{");
        let mut is_first = true;
        let mut between = |text: &mut String| {
            if !std::mem::take(&mut is_first) {
                text.push('\n');
            }
        };
        for resource in &interface.resources {
            between(text);
            text.push_str(&doc("  ", Some(lines(resource.docs))));
            // The class is anonymous, because its name could hide a built-in such as `Error`.
            let _ = writeln!(text, "  {}: class {{", resource.name.to_upper_camel_case());
            for (index, function) in resource.functions.iter().enumerate() {
                if index > 0 {
                    text.push('\n');
                }
                text.push_str(&doc("    ", Some(lines(&function.docs))));
                let item = function.item_name().to_lower_camel_case();
                let name = match function.kind {
                    FunctionKind::Constructor(_) => "constructor".to_owned(),
                    FunctionKind::Static(_) => format!("static {item}"),
                    // A method named `constructor` must not become the constructor.
                    _ if item == "constructor" => "[\"constructor\"]".to_owned(),
                    _ => item,
                };
                let _ = write!(text, "    {}", self.function("    ", &name, function, &prefix));
            }
            text.push_str("  },\n");
        }
        for function in &interface.functions {
            between(text);
            text.push_str(&doc("  ", Some(lines(&function.docs))));
            let name = function.name.to_lower_camel_case();
            let method = self.function("  ", &name, function, &prefix);
            let _ = write!(text, "  {}", method.trim_end());
            text.push_str(",\n");
        }
        text.push_str("};\n");
        if local != name {
            let _ = writeln!(text, "export {{ {local} as {name} }};");
        }
    }

    /// Returns a function from its name on, without the keyword `function`.
    fn function(&self, indent: &str, name: &str, function: &Function, prefix: &str) -> String {
        let parameters: Vec<_> = parameters(function)
            .map(|(name, ty)| {
                let ty = self.types.as_ref().map(|types| format!(": {}", types.ty(ty, prefix)));
                format!("{}{}", identifier(&name.to_lower_camel_case()), ty.unwrap_or_default())
            })
            .collect();
        let is_constructor = matches!(function.kind, FunctionKind::Constructor(_));
        let result = match &self.types {
            Some(types) if !is_constructor => format!(": {}", types.result(function, prefix)),
            _ => String::new(),
        };
        let head = head(indent, name, &parameters, &format!("{result} {{"), true);
        let message = not_written(function);
        format!("{}\n{indent}  throw new Error(\"{message}\");\n{indent}}}\n", head.trim_start())
    }
}

/// Refuses exports that get the same name in the JavaScript module.
fn refuse_twins(exports: &Exports<'_>) -> Result<()> {
    let interfaces = exports.interfaces.iter();
    let interfaces = interfaces.map(|it| (it.name.to_lower_camel_case(), &*it.full_name));
    let functions = exports.functions.iter();
    let functions = functions.map(|it| (it.name.to_lower_camel_case(), &*it.name));
    let mut seen = BTreeMap::new();
    for (name, full_name) in interfaces.chain(functions) {
        if let Some(other) = seen.insert(name.clone(), full_name) {
            bail!(
                "the world exports `{other}` and `{full_name}`, but componentize-qjs calls both of them `{name}`: choose \
                 another language, such as `--lang rust`"
            );
        }
    }
    Ok(())
}
