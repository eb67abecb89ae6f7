//! The call of a plugin's function in a generated application.

use std::collections::BTreeSet;

use heck::ToSnakeCase as _;
use wit_parser::{Function, Type, TypeDefKind, WorldKey};

use super::Request;
use super::layout::{self, Expression};
use super::rust_names::{Scope, Side, identifier, imported, module, module_names, package_module};
use super::rust_types::{as_result, is_debug, is_text, kind};
use super::rust_values::{Argument, Values};
use super::sample::{self, Callable, has_samples, short_name};
use super::world::Interface;

/// Returns the first function that can be called without a handle.
pub(super) fn first_function<'a>(request: &'a Request<'a>) -> Option<Callable<'a>> {
    sample::first_function(request).filter(|it| has_samples(request, it.function))
}

/// Returns whether the function's result is a string.
pub(super) fn answers_text(request: &Request<'_>, function: &Function) -> bool {
    answer(request, function).is_some_and(|ty| is_text(request.resolve, &ty))
}

/// Returns the type of the function's result if it succeeds.
fn answer(request: &Request<'_>, function: &Function) -> Option<Type> {
    let ty = function.result?;
    match as_result(request.resolve, &ty) {
        Some(result) => result.ok,
        None => Some(ty),
    }
}

/// A call, and the code that it needs.
pub(super) struct Call<'a> {
    request: &'a Request<'a>,
    callable: Callable<'a>,
    /// The statements that assign arguments to variables before the call.
    kept: String,
    arguments: Vec<String>,
    /// The name of the closure's parameter.
    world: String,
    /// The name of the variable that holds the functions of the interface.
    functions: String,
    /// The path and the local name of the interface's module, if the code names its types.
    module: Option<(String, String)>,
}

impl<'a> Call<'a> {
    pub(super) fn new(request: &'a Request<'a>, callable: Callable<'a>, root: &mut Scope) -> Self {
        let mut locals = Scope::new(["answer", "error", "file", "plugin", "result", "store"]);
        let mut local = |name: &str, or: &str| {
            let name = identifier(Side::Application, name);
            locals.take(&[name.clone(), format!("{name}_{or}")])
        };
        let world = local(request.world_name(), "world");
        let functions = callable
            .interface
            .map(|interface| local(request.interface_name(interface), "functions"));
        let module = callable.interface.map(|interface| {
            let mut names = module_names(request, Side::Application, interface);
            names.push(format!("exported_{}", names.first().map_or("", |name| name)));
            (module(request, Side::Application, interface, true), root.take(&names))
        });
        let exported = callable.interface.zip(module.clone());
        let exported = exported.map(|(interface, (_, name))| (interface, name));
        let mut values = Values { request, interface: exported, made: BTreeSet::new() };
        let (mut kept, mut arguments) = (String::new(), Vec::new());
        for parameter in &callable.function.params {
            let (value, reference) = match values.argument(&parameter.ty, &parameter.name) {
                Argument::Plain(text) if !text.contains("::") => {
                    arguments.push(text);
                    continue;
                }
                Argument::Plain(text) => (Expression::Plain(text), ""),
                Argument::Kept(value, reference) => (value, reference),
            };
            let name = local(&parameter.name, "value");
            kept += &format!("    let {name} = {};\n", value.laid_out("    "));
            arguments.push(format!("{reference}{name}"));
        }
        let module = module.filter(|(_, name)| kept.contains(&format!("{name}::")));
        let functions = functions.unwrap_or_default();
        Self { request, callable, kept, arguments, world, functions, module }
    }

    /// Returns the path for a `use` declaration of the module, if the code names its types.
    pub(super) fn module(&self) -> Option<String> {
        self.module.as_ref().map(|(path, name)| imported(path, name))
    }

    /// Returns the code of the call, which also prints the outcome. The arguments are the names of the types
    /// `CallError` and `ForeignText`.
    pub(super) fn text(&self, call_error: &str, foreign_text: &str) -> String {
        let Self { request, callable, kept, world, .. } = self;
        let function = callable.function;
        let (pattern, shown) = match answer(request, function) {
            None => ("()", "println!(\"done\")".to_owned()),
            Some(ty) if is_text(request.resolve, &ty) => {
                ("answer", format!("println!(\"{{}}\", {foreign_text}::from(answer))"))
            }
            Some(ty) if is_debug(request.resolve, &ty) => {
                ("answer", "println!(\"{answer:?}\")".to_owned())
            }
            Some(_) => ("_", "println!(\"done\")".to_owned()),
        };
        format!(
            "{kept}    let answer = plugin.call({}, async |{world}, store| {{
{}    }});
    match answer {{
        Ok({pattern}) => {shown},
        // The plugin worked and returned a failure. The field `failure` has a type of the contract.
        Err(error @ {call_error}::Refused {{ .. }}) => println!(\"{{error}}\"),
        // A grant could not be given, for example because a granted folder no longer exists.
        Err({call_error}::Denied {{ source, .. }}) => return Err(source.into()),
        // The plugin has a bug and trapped, or the call exceeded a limit: these are variants, too.
        Err(error) => return Err(error.into()),
    }}
    Ok(())
",
            layout::literal(&short_name(request, function)),
            self.body(function),
        )
    }

    /// Returns the body of the closure.
    fn body(&self, function: &Function) -> String {
        let Self { request, world, functions, .. } = self;
        let resolve = request.resolve;
        let (mut text, mut receiver) = (String::new(), world.clone());
        if let Some(interface) = self.callable.interface {
            text +=
                &format!("        let {functions} = {world}.{}();\n", accessor(request, interface));
            receiver.clone_from(functions);
        }
        let resource = function.kind.resource().and_then(|id| resolve.types[id].name.as_deref());
        receiver +=
            &resource.map(|name| format!(".{}()", name.to_snake_case())).unwrap_or_default();
        let arguments: String = self.arguments.iter().map(|it| format!(", {it}")).collect();
        let name = function.item_name().to_snake_case();
        let call = [receiver, format!("call_{name}(store{arguments})")];
        let call = |before: &str, end: &str| chain(before, &call, end);
        text + &match function.result.map(|ty| as_result(resolve, &ty)) {
            None => call("", ".await?;") + "        Ok(Ok::<_, String>(()))\n",
            Some(None) => {
                call("let answer = ", ".await?;") + "        Ok(Ok::<_, String>(answer))\n"
            }
            Some(Some(result)) if result.err.is_some_and(|ty| is_shown(request, &ty)) => {
                call("", ".await")
            }
            Some(Some(_)) => {
                call("let result = ", ".await?;")
                    + "        Ok(result.map_err(|error| format!(\"{error:?}\")))\n"
            }
        }
    }
}

/// Returns a statement of the closure that calls a method. A long chain is split over several lines.
fn chain(before: &str, [receiver, call]: &[String; 2], end: &str) -> String {
    let line = format!("{receiver}.{call}{}", end.trim_end_matches(';'));
    match line.chars().count() {
        ..=60 => format!("        {before}{receiver}.{call}{end}\n"),
        _ => {
            let (receiver, more) = receiver.split_once('.').unwrap_or((receiver, ""));
            let links = [more, call].into_iter().filter(|link| !link.is_empty());
            let links: String = links.map(|link| format!("            .{link}\n")).collect();
            format!("        {before}{receiver}\n{links}            {end}\n")
        }
    }
}

/// Returns the name of the method that gives access to an exported interface.
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

/// Returns whether an error of this type can be displayed: the bindings implement `Error` for it, or it is a string.
fn is_shown(request: &Request<'_>, ty: &Type) -> bool {
    let is_error = matches!(
        kind(request.resolve, ty),
        Some(TypeDefKind::Record(_) | TypeDefKind::Variant(_) | TypeDefKind::Enum(_))
    );
    is_error || is_text(request.resolve, ty)
}
