//! Plugins in C and C++, with the bindings of `wit-bindgen c`. The bindings of `wit-bindgen cpp` do not compile if an
//! interface exports a resource that uses the interface's types, and they confuse interfaces without a package.

use std::fmt::Write as _;

use anyhow::Result;
use wit_parser::Type;

use super::c_bindings::{Bindings, Group, Named, Passed, Signature};
use super::files::{Build, comment, head, skeleton};
use super::{Request, Skeleton, exports};

/// The language of the plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    C,
    Cpp,
}

/// Generates the plugin.
pub(super) fn plugin(request: &Request<'_>, dialect: Dialect) -> Result<Skeleton> {
    let bindings = Bindings::of(request);
    let world = &*request.resolve.worlds[request.world].name;
    let (language, source, lock, template) = match dialect {
        Dialect::C => (
            "C",
            "plugin.c",
            include_str!("../../templates/c/requirements.txt"),
            include_str!("../../templates/c/build.sh"),
        ),
        Dialect::Cpp => (
            "C++",
            "plugin.cpp",
            include_str!("../../templates/cpp/requirements.txt"),
            include_str!("../../templates/cpp/build.sh"),
        ),
    };
    let build = Build {
        language,
        command: "bash build.sh",
        tools: &["zig 0.17.1", "wit-bindgen 0.63.0"],
        reproducible: true,
        memory: "8MiB",
    };
    Ok(skeleton([
        ("plugin.toml", build.manifest(world)),
        ("build.sh", template.replace("WORLD", world).replace("HEADER", &bindings.prefix)),
        ("requirements.txt", lock.to_owned()),
        (source, text(&bindings, world, dialect)),
    ]))
}

fn text(bindings: &Bindings, world: &str, dialect: Dialect) -> String {
    let prefix = &bindings.prefix;
    let groups = bindings.groups();
    let needs_memory = groups.iter().any(|group| !group.resources.is_empty());
    let (free, header) = match dialect {
        Dialect::C if needs_memory => ("free(rep)", "#include <stdlib.h>\n\n"),
        Dialect::C => ("free(rep)", ""),
        Dialect::Cpp => ("delete rep", ""),
    };
    let mut text = format!(
        "// A plugin for the world `{world}`. Its functions are not written yet.
//
// build.sh generates {prefix}.h from the contract, with `wit-bindgen c`. An exported function owns its arguments, so it
// has to pass on or free each of them. Allocate results with malloc: they are freed after the host has read them. Strings
// have a length and no NUL at the end. A function that returns `bool` returns whether it succeeded, or whether there is a
// value.

{header}#include \"{prefix}.h\"
"
    );
    let all = groups.iter().flat_map(|group| &group.functions);
    if all.clone().any(|function| !function.fails_with_text) {
        text += "
// Ends the call with a trap. The host shows the name of this function in the backtrace.
[[noreturn, gnu::noinline]] static void not_written_yet(void) { __builtin_trap(); }
";
    }
    for Group { interface, functions, resources } in &groups {
        if let Some(interface) = interface {
            let _ = write!(text, "\n// --- {}\n", interface.full_name);
            text += &doc_comment(exports::lines(interface.docs));
        }
        for (index, (name, destructor)) in resources.iter().enumerate() {
            let docs = interface.as_ref().and_then(|it| it.resources.get(index));
            let docs = docs.map(|resource| exports::lines(resource.docs)).unwrap_or_default();
            let _ = write!(
                text,
                "\n{}struct {name} {{\n  int nothing_yet;\n}};\n\nvoid {destructor}({name} *rep) {{ {free}; }}\n",
                doc_comment(docs)
            );
        }
        for function in functions {
            let docs = doc_comment(exports::lines(&function.function.docs));
            let _ =
                write!(text, "\n{docs}{} {{\n{}}}\n", head_of(function), body(function, prefix));
        }
    }
    text
}

/// Returns the lines as a comment. A line must not end in a backslash, which would make the next line a comment, too.
fn doc_comment(mut lines: Vec<String>) -> String {
    for line in &mut lines {
        if line.ends_with('\\') {
            line.push('.');
        }
    }
    comment("//", &lines)
}

fn head_of(Signature { name, parameters, result, .. }: &Signature<'_>) -> String {
    let result = result.as_ref().map_or("void", spelled);
    let parameters: Vec<_> = parameters
        .iter()
        .map(|(name, ty, passed)| {
            let pointer = if *passed == Passed::AsItIs { "" } else { "*" };
            format!("{} {pointer}{name}", spelled(ty))
        })
        .collect();
    let parameters = if parameters.is_empty() { vec!["void".to_owned()] } else { parameters };
    head("", &format!("{result} {name}"), &parameters, "", false)
}

fn body(signature: &Signature<'_>, prefix: &str) -> String {
    let message = exports::not_written(signature.function);
    if signature.fails_with_text {
        return format!("  {prefix}_string_dup(err, \"{message}\");\n  return false;\n");
    }
    format!("  not_written_yet(); // {message}\n")
}

fn spelled(ty: &Named) -> &str {
    match ty {
        Named::Header(name) => name,
        Named::Scalar(ty) => match ty {
            Type::Bool => "bool",
            Type::U8 => "uint8_t",
            Type::S8 => "int8_t",
            Type::U16 => "uint16_t",
            Type::S16 => "int16_t",
            Type::S32 => "int32_t",
            Type::U64 => "uint64_t",
            Type::S64 => "int64_t",
            Type::F32 => "float",
            Type::F64 => "double",
            // Type::U32 and Type::Char.
            _ => "uint32_t",
        },
    }
}
