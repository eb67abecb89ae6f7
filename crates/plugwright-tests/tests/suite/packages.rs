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
    let folder = tempfile::tempdir().expect("a temporary folder");
    let target = folder.path().to_string_lossy().into_owned();
    let names = published(&packages());
    let mut arguments = vec!["package", "--no-verify", "--allow-dirty", "--target-dir", &target];
    arguments.extend(names.iter().flat_map(|name| ["--package", name]));
    cargo(&arguments);
    for name in &names {
        let package = unpacked(folder.path(), name);
        let holds: BTreeSet<_> = fs::read_dir(&package)
            .expect("the package is a folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        let needs =
            ["Cargo.lock", "Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "src"];
        // What cargo and clippy add or read, and what some crates need.
        let may = [".cargo_vcs_info.json", "Cargo.toml.orig", "clippy.toml", "templates", "wit"];
        assert!(needs.iter().all(|it| holds.contains(*it)), "{name}: {holds:?}");
        let is_known = |it: &String| [&needs[..], &may].concat().contains(&&**it);
        assert!(holds.iter().all(is_known), "{name}: {holds:?}");
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            let read = |folder: &Path| fs::read(folder.join(licence)).expect("the licence");
            assert!(
                read(&package) == read(&root()),
                "{name}: copy `{licence}` from the top folder"
            );
        }
        // The contract is in one place of this repository, and in each package that reads it.
        if name == "plugwright-contract" {
            assert_eq!(contents(&package.join("wit")), contents(&root().join("wit")), "{name}");
        } else {
            assert!(!package.join("wit").exists(), "{name} has a contract, and reads none");
        }
        let readme = fs::read_to_string(package.join("README.md")).expect("it is there");
        assert!(readme.starts_with(&format!("# {name}\n")), "{name}: README.md");
    }
}

/// The folder of the package, unpacked.
fn unpacked(target: &Path, name: &str) -> PathBuf {
    let version = env!("CARGO_PKG_VERSION");
    let archive = target.join("package").join(format!("{name}-{version}.crate"));
    let archive = archive.to_string_lossy();
    let mut tar = program(Path::new("tar"), target, ["-xzf", &archive]);
    let output = Output::of(&mut tar);
    assert_eq!(output.code, Some(0), "{output}");
    target.join(format!("{name}-{version}"))
}

/// What is in the files below the folder, by their paths from there.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let read = |file: PathBuf| {
        let bytes = fs::read(&file).expect("it is there");
        (file.strip_prefix(folder).expect("it is in there").to_owned(), bytes)
    };
    files(folder).into_iter().map(read).collect()
}
