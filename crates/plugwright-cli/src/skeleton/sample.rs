//! Sample values of WIT types, and the first case of a plugin, which calls a function with them.

use std::cell::Cell;

use wit_parser::{
    Case, Function, FunctionKind, Handle, Record, Resolve, Type, TypeDefKind, TypeId, TypeOwner,
};

use super::rust_types::{any, kind, original};
use super::world::{self, Interface};
use super::{Request, layout};

/// The maximum number of values in a sample. A larger sample would be unreadable.
const MOST: u32 = 100;

/// Returns a sample of a type in WAVE. A string in it is `name`, or the name of its field. Returns `None` for handles
/// and for very large types.
pub fn value(resolve: &Resolve, ty: &Type, name: &str) -> Option<String> {
    is_small(resolve, ty).then(|| wave(resolve, ty, name))
}

/// Returns the first case of a plugin for the world, as the text of the file `first.calls`. It calls the first function
/// for which there are sample values, or else the first that creates a resource. Returns `None` if all functions need
/// handles to the plugin's own resources.
pub fn first_calls(request: &Request<'_>) -> Option<String> {
    let Callable { interface, function } = first_function(request)?;
    let mut lines = String::new();
    let mut arguments = Vec::new();
    for parameter in &function.params {
        arguments.push(match handle(request.resolve, &parameter.ty) {
            Some(resource) => {
                let resource = original(request.resolve, resource);
                let name = format!("the-{}", parameter.name);
                lines += &format!("let {name} = new {}\n", imported_resource(request, resource)?);
                name
            }
            None => value(request.resolve, &parameter.ty, &parameter.name)?,
        });
    }
    let name = called(request, interface, function);
    let comment = "// A first call with sample values: replace them by values that show what the plugin is for.\n";
    Some(format!("{comment}{lines}{name}({})\n", arguments.join(", ")))
}

/// A function that the world exports, and its interface.
#[derive(Clone, Copy)]
pub(super) struct Callable<'a> {
    pub(super) interface: Option<Interface<'a>>,
    pub(super) function: &'a Function,
}

/// Returns the first function that can be called without a handle to a resource of the plugin. A function without any
/// handles is preferred.
pub(super) fn first_function<'a>(request: &'a Request<'a>) -> Option<Callable<'a>> {
    let resolve = request.resolve;
    let in_interfaces = world::interfaces(request.exports()).flat_map(|interface| {
        let functions = resolve.interfaces[interface.id].functions.values();
        functions.map(move |function| Callable { interface: Some(interface), function })
    });
    let own =
        world::functions(request.exports()).map(|function| Callable { interface: None, function });
    let all: Vec<_> = in_interfaces.chain(own).collect();
    let is_free = |it: &&Callable<'_>| {
        matches!(it.function.kind, FunctionKind::Freestanding) && has_samples(request, it.function)
    };
    let makes_resource = |it: &&Callable<'_>| has_samples(request, it.function);
    let can_be_given = |it: &&Callable<'_>| {
        it.function.params.iter().all(|parameter| {
            let given = handle(resolve, &parameter.ty)
                .and_then(|id| imported_resource(request, original(resolve, id)));
            given.is_some() || is_small(resolve, &parameter.ty)
        })
    };
    let first = all.iter().find(is_free).or_else(|| all.iter().find(makes_resource));
    first.or_else(|| all.iter().find(can_be_given)).copied()
}

/// Returns whether all of the function's parameters have samples.
pub(super) fn has_samples(request: &Request<'_>, function: &Function) -> bool {
    function.params.iter().all(|parameter| is_small(request.resolve, &parameter.ty))
}

/// Returns the function's name, with the name of its resource.
pub(super) fn short_name(request: &Request<'_>, function: &Function) -> String {
    let resource = function.kind.resource();
    let resource = resource.and_then(|id| request.resolve.types[id].name.as_deref());
    match (resource, &function.kind) {
        (Some(resource), FunctionKind::Constructor(_)) => resource.to_owned(),
        (Some(resource), _) => format!("{resource}.{}", function.item_name()),
        (None, _) => function.name.clone(),
    }
}

/// Returns the name of an exported function in a script.
fn called(request: &Request<'_>, interface: Option<Interface<'_>>, function: &Function) -> String {
    let function = short_name(request, function);
    let Some(interface) = interface else {
        // These words begin statements of scripts.
        let is_word = ["drop", "fresh", "import", "let"].contains(&&*function);
        return if is_word { format!("%{function}") } else { function };
    };
    let name = request.interface_name(interface);
    let of_the_name = |it: &Interface<'_>| request.interface_name(*it) == name;
    match world::interfaces(request.exports()).filter(of_the_name).count() {
        1 => format!("{name}.{function}"),
        _ => format!("{}.{function}", request.resolve.name_world_key(interface.key)),
    }
}

/// Returns the name of an imported resource in a script.
fn imported_resource(request: &Request<'_>, resource: TypeId) -> Option<String> {
    let ty = &request.resolve.types[resource];
    let name = ty.name.as_deref()?;
    let TypeOwner::Interface(owner) = ty.owner else { return None };
    if world::interfaces(request.exports()).any(|interface| interface.id == owner) {
        return None;
    }
    let interface = world::interfaces(request.imports()).find(|interface| interface.id == owner)?;
    Some(format!("{}.{name}", request.interface_name(interface)))
}

/// Returns the resource of a handle.
fn handle(resolve: &Resolve, ty: &Type) -> Option<TypeId> {
    match kind(resolve, ty)? {
        TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) => Some(*id),
        _ => None,
    }
}

/// Returns whether the type has a sample that is small enough to read.
pub(super) fn is_small(resolve: &Resolve, ty: &Type) -> bool {
    let left = Cell::new(MOST);
    count(resolve, ty, &left).is_some()
}

fn count(resolve: &Resolve, ty: &Type, left: &Cell<u32>) -> Option<()> {
    left.set(left.get().checked_sub(1)?);
    match kind(resolve, ty) {
        None => Some(()),
        Some(TypeDefKind::Record(record)) => {
            record.fields.iter().try_for_each(|field| count(resolve, &field.ty, left))
        }
        Some(TypeDefKind::Tuple(tuple)) => {
            tuple.types.iter().try_for_each(|ty| count(resolve, ty, left))
        }
        Some(TypeDefKind::Variant(variant)) => {
            chosen(resolve, &variant.cases)?.ty.map_or(Some(()), |ty| count(resolve, &ty, left))
        }
        Some(TypeDefKind::Result(result)) => {
            result.ok.map_or(Some(()), |ty| count(resolve, &ty, left))
        }
        Some(TypeDefKind::List(ty)) if !is_element(resolve, ty) => Some(()),
        Some(TypeDefKind::List(ty) | TypeDefKind::Type(ty)) => count(resolve, ty, left),
        Some(TypeDefKind::Option(_) | TypeDefKind::Enum(_) | TypeDefKind::Flags(_)) => Some(()),
        Some(_) => None,
    }
}

/// Returns whether the sample of a list with this element type has an element.
pub(super) fn is_element(resolve: &Resolve, ty: &Type) -> bool {
    !matches!(ty, Type::U8) && !any(resolve, ty, |kind| matches!(kind, TypeDefKind::Handle(_)))
}

/// Returns the case of a variant's sample: the first without a value, or else the first whose value has no handles.
pub(super) fn chosen<'a>(resolve: &Resolve, cases: &'a [Case]) -> Option<&'a Case> {
    let has_no_handle = |case: &&Case| {
        case.ty.is_none_or(|ty| !any(resolve, &ty, |kind| matches!(kind, TypeDefKind::Handle(_))))
    };
    cases.iter().find(|case| case.ty.is_none()).or_else(|| cases.iter().find(has_no_handle))
}

fn wave(resolve: &Resolve, ty: &Type, name: &str) -> String {
    match ty {
        Type::Bool => return "true".to_owned(),
        Type::F32 | Type::F64 => return "1.5".to_owned(),
        Type::Char => return "'a'".to_owned(),
        Type::String => return layout::literal(name),
        Type::Id(_) | Type::ErrorContext => {}
        _ => return "1".to_owned(),
    }
    let payload = |case: &str, ty: Option<&Type>| match ty {
        Some(ty) => format!("{case}({})", wave(resolve, ty, name)),
        None => case.to_owned(),
    };
    match kind(resolve, ty) {
        Some(TypeDefKind::Record(record)) => wave_record(resolve, record),
        Some(TypeDefKind::Tuple(tuple)) => {
            let values: Vec<_> = tuple.types.iter().map(|ty| wave(resolve, ty, name)).collect();
            format!("({})", values.join(", "))
        }
        Some(TypeDefKind::Variant(variant)) => chosen(resolve, &variant.cases)
            .map_or_else(String::new, |case| payload(&label(&case.name), case.ty.as_ref())),
        Some(TypeDefKind::Enum(of)) => {
            of.cases.first().map_or_else(String::new, |case| label(&case.name))
        }
        Some(TypeDefKind::Flags(flags)) => {
            let flag = flags.flags.first().map(|flag| &*flag.name).unwrap_or_default();
            format!("{{{flag}}}")
        }
        Some(TypeDefKind::Result(result)) => payload("ok", result.ok.as_ref()),
        Some(TypeDefKind::List(ty)) if is_element(resolve, ty) => {
            format!("[{}]", wave(resolve, ty, name))
        }
        Some(TypeDefKind::List(Type::U8)) => format!("utf8({})", layout::literal(name)),
        Some(TypeDefKind::List(_)) => "[]".to_owned(),
        Some(TypeDefKind::Type(ty)) => wave(resolve, ty, name),
        _ => "none".to_owned(),
    }
}

/// Writes a record, without its optional fields.
fn wave_record(resolve: &Resolve, record: &Record) -> String {
    let fields = record
        .fields
        .iter()
        .filter(|field| !matches!(kind(resolve, &field.ty), Some(TypeDefKind::Option(_))));
    let fields: Vec<_> = fields
        .map(|field| format!("{}: {}", field.name, wave(resolve, &field.ty, &field.name)))
        .collect();
    if fields.is_empty() { "{:}".to_owned() } else { format!("{{{}}}", fields.join(", ")) }
}

/// Returns the name of a case, escaped if it is a keyword of WAVE.
fn label(name: &str) -> String {
    let words = ["err", "false", "inf", "nan", "none", "ok", "some", "true"];
    if words.contains(&name) { format!("%{name}") } else { name.to_owned() }
}
