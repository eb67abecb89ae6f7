//! Plugins in Zig, with the bindings of `wit-bindgen c`, which `zig translate-c` translates.

use std::fmt::Write as _;

use anyhow::Result;
use wit_parser::Type;

use super::c_bindings::{Bindings, Group, Named, Passed, Signature};
use super::c_types::scalar_name;
use super::files::{Build, comment, head, skeleton};
use super::{Request, Skeleton, exports};

/// Generates the plugin.
pub(super) fn plugin(request: &Request<'_>) -> Result<Skeleton> {
    let bindings = Bindings::of(request);
    let world = &*request.resolve.worlds[request.world].name;
    let build = Build {
        language: "Zig",
        command: "bash build.sh",
        tools: &["zig 0.17.1", "wit-bindgen 0.63.0"],
        reproducible: true,
        memory: "8MiB",
    };
    let script = include_str!("../../templates/zig/build.sh");
    Ok(skeleton([
        ("plugin.toml", build.manifest(world)),
        ("build.sh", script.replace("WORLD", world).replace("HEADER", &bindings.prefix)),
        ("requirements.txt", include_str!("../../templates/zig/requirements.txt").to_owned()),
        ("plugin.zig", text(&bindings, world)),
    ]))
}

fn text(bindings: &Bindings, world: &str) -> String {
    let groups = bindings.groups();
    let mut text = format!(
        "//! A plugin for the world `{world}`. Its functions are not written yet.
//!
//! build.sh generates `C` from the contract, with `wit-bindgen c` and `zig translate-c`. An exported function owns its
//! arguments, so it has to pass on or free each of them. Allocate results with malloc: they are freed after the host has
//! read them. Strings have a length and no NUL at the end. A function that returns `bool` returns whether it succeeded, or
//! whether there is a value.

const C = @import(\"C\");
"
    );
    let mut all = groups.iter().flat_map(|group| &group.functions);
    if all.any(|function| !function.fails_with_text) {
        text += "
/// Ends the call with a trap. The host shows the name of this function in the backtrace.
noinline fn notWrittenYet() noreturn {
    @trap();
}
";
    }
    for Group { interface, functions, resources } in &groups {
        if let Some(interface) = interface {
            let _ = write!(text, "\n// --- {}\n", interface.full_name);
            text += &comment("//", &exports::lines(interface.docs));
        }
        for (index, (name, destructor)) in resources.iter().enumerate() {
            let docs = interface.as_ref().and_then(|it| it.resources.get(index));
            let docs = docs.map(|resource| exports::lines(resource.docs)).unwrap_or_default();
            let _ = write!(
                text,
                "\n{}export fn {destructor}(rep: *C.{name}) void {{\n    \
                 // This points to a struct of this file: convert it with `@ptrCast` and `@alignCast`, and free it.\n    \
                 _ = rep;\n}}\n",
                comment("///", &docs)
            );
        }
        for function in functions {
            let docs = comment("///", &exports::lines(&function.function.docs));
            let _ = write!(
                text,
                "\n{docs}{} {{\n{}}}\n",
                head_of(function),
                body(function, &bindings.prefix)
            );
        }
    }
    text
}

fn head_of(Signature { name, parameters, result, .. }: &Signature<'_>) -> String {
    let result = result.as_ref().map_or("void".to_owned(), spelled);
    let parameters: Vec<_> = parameters
        .iter()
        .map(|(name, ty, passed)| {
            let pointer = match passed {
                Passed::AsItIs => "",
                Passed::ByPointer => "*",
                Passed::ByPointerOrNull => "?*",
            };
            format!("{}: {pointer}{}", identifier(name), spelled(ty))
        })
        .collect();
    head("", &format!("export fn {name}"), &parameters, &format!(" {result}"), true)
}

fn body(signature: &Signature<'_>, prefix: &str) -> String {
    let message = exports::not_written(signature.function);
    let names = signature.parameters.iter().map(|(name, ..)| identifier(name));
    let unused = |names: Vec<String>| match &*names {
        [] => String::new(),
        [name] => format!("    _ = {name};\n"),
        names => format!("    _ = .{{ {} }};\n", names.join(", ")),
    };
    if signature.fails_with_text {
        let unused = unused(names.filter(|name| name != "err").collect());
        return format!(
            "{unused}    C.{prefix}_string_dup(err, \"{message}\");\n    return false;\n"
        );
    }
    format!("{}    notWrittenYet(); // {message}\n", unused(names.collect()))
}

fn spelled(ty: &Named) -> String {
    match ty {
        Named::Header(name) => format!("C.{name}"),
        Named::Scalar(Type::Char) => "u32".to_owned(),
        Named::Scalar(ty) => scalar_name(*ty).replacen('s', "i", 1),
    }
}

/// The words that cannot be names in Zig. Integer types such as `u8` cannot either.
const WORDS: &str = "addrspace align allowzero and anyerror anyframe anyopaque anytype asm bool break c_char c_int \
    c_long c_longdouble c_longlong c_short c_uint c_ulong c_ulonglong c_ushort callconv catch comptime comptime_float \
    comptime_int const continue defer else enum errdefer error export extern f16 f32 f64 f80 f128 false fn for if inline \
    isize linksection main noalias noinline noreturn nosuspend null opaque or orelse packed pub resume return struct \
    suspend switch test threadlocal true try type undefined union unreachable usize usingnamespace var void volatile \
    while _";

fn identifier(name: &str) -> String {
    let is_integer = name
        .strip_prefix(['i', 'u'])
        .is_some_and(|bits| !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit()));
    if is_integer || WORDS.split_whitespace().any(|word| word == name) {
        return format!("@\"{name}\"");
    }
    name.to_owned()
}
