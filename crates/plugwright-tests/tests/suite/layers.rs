//! The shape of the sources: layers that depend in one direction, no import cycles, no long files, and a host that
//! knows no contract.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use tests::root;

use crate::new::files;

/// The layers of the library, from the bottom up. A file imports only from its own layer and the layers below.
const LAYERS: [&str; 10] = [
    "text",
    "permission",
    "component",
    "contract",
    "engine",
    "admission",
    "call",
    "host",
    "registry",
    "watch",
];

/// The largest number of lines in a Rust file.
const LONGEST: usize = 500;

/// Returns the Rust files in the folder and below, sorted by path.
pub(crate) fn sources(folder: &Path) -> Vec<PathBuf> {
    let is_rust = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "rs");
    files(folder).into_iter().filter(is_rust).collect()
}

/// Returns the module of a file, as a path within the crate: `call::wasi::link`.
fn module(src: &Path, file: &Path) -> String {
    let path = file.strip_prefix(src).expect("the path is inside the folder").with_extension("");
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    parts.join("::")
}

/// Returns, for each module of the crate, the modules that it imports from. An item belongs to the module that
/// defines it.
fn imports(krate: &str) -> BTreeMap<String, BTreeSet<String>> {
    let src = root().join("crates").join(krate).join("src");
    let files = sources(&src);
    let modules: BTreeSet<String> = files.iter().map(|file| module(&src, file)).collect();
    let mut imports = BTreeMap::new();
    for file in &files {
        let name = module(&src, file);
        if matches!(&*name, "lib" | "main") {
            continue;
        }
        let text = fs::read_to_string(file).expect("the file exists");
        // Tests may import more than the code does.
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let mut found = BTreeSet::new();
        // An import by way of `lib.rs` would hide the module that defines the item.
        let by_lib = paths(code, "crate::");
        let by_lib = by_lib.iter().find(|path| path.starts_with(char::is_uppercase));
        assert!(krate != "plugwright" || by_lib.is_none(), "{name} imports {by_lib:?}");
        for (root, begin) in [("", "crate::"), (&*parent(&name), "super::")] {
            // In a file at the top of the crate, `super` can only refer to a module within the file.
            let begins =
                if begin == "super::" && root.is_empty() { Vec::new() } else { paths(code, begin) };
            for path in begins {
                let path = if root.is_empty() { path } else { format!("{root}::{path}") };
                // The longest prefix that is a module.
                let parts: Vec<&str> = path.split("::").collect();
                let longest = (1..=parts.len()).rev().map(|length| parts[..length].join("::"));
                found.extend(longest.clone().find(|it| modules.contains(it)));
            }
        }
        found.remove(&name);
        imports.insert(name, found);
    }
    imports
}

fn parent(module: &str) -> String {
    module.rsplit_once("::").map_or_else(String::new, |(parent, _)| parent.to_owned())
}

/// Returns all paths in the code that begin with `begin`. Groups in braces are expanded.
fn paths(code: &str, begin: &str) -> Vec<String> {
    let code: String = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let mut found = Vec::new();
    for (at, _) in code.match_indices(begin) {
        // In a macro, `$crate` is not necessarily this crate.
        let before = code[..at].chars().next_back();
        if !before.is_some_and(|c| c == '$' || c == ':' || c.is_alphanumeric()) {
            found.extend(tree(&code[at + begin.len()..]).0);
        }
    }
    found
}

/// Returns the paths of a `use` tree, and the text after the tree.
fn tree(text: &str) -> (Vec<String>, &str) {
    let is_of_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let text = text.trim_start();
    let end = text.find(|c| !is_of_path(c)).unwrap_or(text.len());
    let (prefix, mut rest) = text.split_at(end);
    if !rest.starts_with('{') || !(prefix.is_empty() || prefix.ends_with("::")) {
        return (vec![prefix.trim_end_matches(':').to_owned()], rest);
    }
    let mut paths = Vec::new();
    rest = &rest[1..];
    loop {
        let (inner, after) = tree(rest);
        paths.extend(inner.iter().filter(|it| !it.is_empty()).map(|it| format!("{prefix}{it}")));
        let next = after.find([',', '}']).unwrap_or(after.len());
        let is_end = !after[next..].starts_with(',');
        rest = after.get(next + 1..).unwrap_or_default();
        if is_end {
            return (paths, rest);
        }
    }
}

/// Returns an import cycle, if there is one.
fn circle(imports: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn walk(
        imports: &BTreeMap<String, BTreeSet<String>>,
        way: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> Option<Vec<String>> {
        let here = way.last().expect("the cycle has a start").clone();
        for next in imports.get(&here).into_iter().flatten() {
            if let Some(begin) = way.iter().position(|module| module == next) {
                return Some(way[begin..].to_vec());
            }
            if !done.contains(next) {
                way.push(next.clone());
                if let Some(circle) = walk(imports, way, done) {
                    return Some(circle);
                }
                way.pop();
            }
        }
        done.insert(here);
        None
    }
    let mut done = BTreeSet::new();
    imports.keys().find_map(|module| walk(imports, &mut vec![module.clone()], &mut done))
}

#[test]
fn imports_of_the_library_point_down_its_layers() {
    let layer = |module: &str| {
        let name = module.split("::").next().unwrap_or_default();
        LAYERS
            .iter()
            .position(|layer| *layer == name)
            .unwrap_or_else(|| panic!("`{name}` is in no layer"))
    };
    let mut up = Vec::new();
    for (module, imports) in imports("plugwright") {
        let above = imports.iter().filter(|import| layer(import) > layer(&module));
        up.extend(above.map(|import| format!("{module} imports {import}")));
    }
    assert_eq!(up, [""; 0], "a layer imports from one above");
}

#[test]
fn no_imports_go_in_a_circle() {
    for krate in fs::read_dir(root().join("crates")).expect("the folder can be read") {
        let krate =
            krate.expect("the crate has an entry").file_name().to_string_lossy().into_owned();
        if root().join("crates").join(&krate).join("src").is_dir() {
            assert_eq!(circle(&imports(&krate)), None, "{krate}");
        }
    }
}

#[test]
fn a_circle_is_found() {
    let imports = [("a", "b"), ("b", "c"), ("c", "b")];
    let imports = imports.map(|(from, to)| (from.to_owned(), BTreeSet::from([to.to_owned()])));
    assert_eq!(circle(&imports.into()), Some(vec!["b".to_owned(), "c".to_owned()]));
    let code =
        "use crate::a::{B, c::{D, self}};\nuse crate::e;\nlet it = crate::f::g();\n// crate::h\n";
    assert_eq!(paths(code, "crate::"), ["a::B", "a::c::D", "a::c::self", "e", "f::g"]);
}

#[test]
fn no_file_is_long() {
    let folders = ["crates", "examples", "tests"];
    for file in folders.iter().flat_map(|folder| sources(&root().join(folder))) {
        let lines = fs::read_to_string(&file).expect("the file exists").lines().count();
        assert!(lines <= LONGEST, "`{}` has {lines} lines", file.display());
    }
}

#[test]
fn the_host_knows_no_contract() {
    for file in sources(&root().join("crates/plugwright")) {
        let text = fs::read_to_string(&file).expect("the file exists");
        assert!(!text.contains("plugwright:plugin"), "`{}` names a contract", file.display());
    }
}
