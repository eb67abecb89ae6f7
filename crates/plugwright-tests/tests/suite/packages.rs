//! The packages of the crates that others depend on: what is in them, and what their manifests say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tests::{Output, program, root};

use crate::new::files;

/// Runs cargo in this workspace, without a network, and returns what it printed.
fn cargo(arguments: &[&str]) -> String {
    let mut command = program(Path::new("cargo"), &root(), arguments);
    let output = Output::of(command.env("CARGO_NET_OFFLINE", "true"));
    assert_eq!(output.code, Some(0), "{output}");
    output.stdout
}

/// The packages of the workspace by name, as `cargo metadata` has them.
fn packages() -> BTreeMap<String, Value> {
    let metadata = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&metadata).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    packages.iter().map(|it| (text(&it["name"]).to_owned(), it.clone())).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().map(|it| it.iter().map(text).collect()).unwrap_or_default()
}

/// The names of the packages that a registry may be given. `publish` is an empty list where it is `false`.
fn published(packages: &BTreeMap<String, Value>) -> BTreeSet<String> {
    let is_published = |(_, package): &(&String, &Value)| package["publish"].is_null();
    packages.iter().filter(is_published).map(|(name, _)| name.clone()).collect()
}

#[test]
fn manifests_say_what_a_registry_shows() {
    let packages = packages();
    let published = published(&packages);
    assert!(published.contains("plugwright"), "{published:?}");
    for name in &published {
        let package = &packages[name];
        let folder =
            Path::new(text(&package["manifest_path"])).parent().expect("it is in a folder");
        assert_eq!(folder.file_name(), Some(name.as_ref()), "the folder is called as the package");
        assert!(text(&package["description"]).ends_with('.'), "{name}: description");
        assert_eq!(text(&package["license"]), "MIT OR Apache-2.0", "{name}");
        assert_eq!(text(&package["documentation"]), format!("https://docs.rs/{name}"));
        for key in ["repository", "homepage"] {
            assert_eq!(package[key], packages["plugwright"][key], "{name}: {key}");
            assert!(text(&package[key]).starts_with("https://"), "{name}: {key}");
        }
        let words = texts(&package["keywords"]);
        assert!(
            (1..=5).contains(&words.len()) && words.iter().all(|it| it.len() <= 20),
            "{name}: {words:?}"
        );
        assert!((1..=5).contains(&texts(&package["categories"]).len()), "{name}: categories");
        assert!(package["metadata"]["docs"]["rs"].is_object(), "{name}: metadata of docs.rs");
        // Of what is only for its tests, cargo takes out of the package what has no version.
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let on = text(&dependency["name"]);
            if packages.contains_key(on) && dependency["kind"] != "dev" {
                assert!(published.contains(on), "{name} depends on {on}, which is not published");
                let version = format!("^{}", text(&package["version"]));
                assert_eq!(text(&dependency["req"]), version, "{name} depends on {on}");
            }
        }
    }
}

#[test]
fn packages_hold_what_they_need_and_nothing_else() {
    let needs = ["Cargo.lock", "Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "src"];
    // What cargo and clippy add or read, and what some crates need.
    let may = [".cargo_vcs_info.json", "Cargo.toml.orig", "clippy.toml", "templates", "wit"];
    for name in published(&packages()) {
        let folder = root().join("crates").join(&name);
        let list = cargo(&["package", "--list", "--allow-dirty", "--offline", "--package", &name]);
        let holds: BTreeSet<_> = list.lines().filter_map(|file| file.split('/').next()).collect();
        assert!(needs.iter().all(|it| holds.contains(it)), "{name}: {holds:?}");
        assert!(holds.iter().all(|it| needs.contains(it) || may.contains(it)), "{name}: {holds:?}");
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            let read = |folder: &Path| fs::read(folder.join(licence)).expect("the licence");
            assert!(read(&folder) == read(&root()), "{name}: copy `{licence}` from the top folder");
        }
        // The contract is in one place of this repository, and in each package that reads it.
        let wit = list.lines().filter_map(|file| file.strip_prefix("wit/").map(PathBuf::from));
        let wit: Vec<_> = wit.collect();
        if name == "plugwright-contract" {
            assert_eq!(contents(&folder.join("wit")), contents(&root().join("wit")), "{name}");
            assert!(wit.iter().eq(contents(&root().join("wit")).keys()), "{name}: {wit:?}");
        } else {
            assert!(wit.is_empty(), "{name} has a contract, and reads none");
        }
        let readme = fs::read_to_string(folder.join("README.md")).expect("it is there");
        assert!(readme.starts_with(&format!("# {name}\n")), "{name}: README.md");
    }
}

/// What is in the files below the folder, by their paths from there.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let read = |file: PathBuf| {
        let bytes = fs::read(&file).expect("it is there");
        (file.strip_prefix(folder).expect("it is in there").to_owned(), bytes)
    };
    files(folder).into_iter().map(read).collect()
}
