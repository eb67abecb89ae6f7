//! The workspace of the peers, which is compiled only on request. Shared dependencies must have the same releases
//! as here.

use std::collections::BTreeMap;
use std::fs;

use tests::root;
use toml::{Table, Value};

fn read(file: &str) -> Table {
    let text = fs::read_to_string(root().join(file));
    let text = text.unwrap_or_else(|error| panic!("{file}: {error}"));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Returns the versions of a workspace's dependencies, by name.
fn versions(workspace: &Table) -> BTreeMap<&str, &str> {
    let dependencies =
        workspace["workspace"]["dependencies"].as_table().expect("the value is a table");
    let versions = dependencies.iter().map(|(name, value)| match value {
        Value::String(version) => (&**name, Some(&**version)),
        other => (&**name, other.get("version").and_then(Value::as_str)),
    });
    // A dependency without a version is a folder.
    versions.filter_map(|(name, version)| Some((name, version?))).collect()
}

/// Returns the releases of a package in a lock file whose versions begin with `begin`.
fn locked<'a>(lock: &'a Table, name: &str, begin: &str) -> Vec<&'a str> {
    let packages = lock["package"].as_array().expect("the lock file has packages").iter();
    let named = packages.filter(|package| package["name"].as_str() == Some(name));
    let versions = named.filter_map(|package| package["version"].as_str());
    versions.filter(|version| version.starts_with(begin)).collect()
}

#[test]
fn the_peers_have_the_releases_of_this_workspace() {
    let (ours, theirs) = (read("Cargo.toml"), read("benches/peers/Cargo.toml"));
    let (ours, theirs) = (versions(&ours), versions(&theirs));
    let (lock, their_lock) = (read("Cargo.lock"), read("benches/peers/Cargo.lock"));
    let shared: Vec<_> = theirs.keys().filter(|name| ours.contains_key(*name)).collect();
    assert!(shared.contains(&&"wasmtime") && shared.contains(&&"pulldown-cmark"), "{shared:?}");
    for name in shared {
        assert_eq!(ours[name], theirs[name], "`{name}` in benches/peers/Cargo.toml");
        // Extism has its own wasmtime.
        let major = ours[name].trim_start_matches(['~', '^', '=']).split('.').next();
        let begin = format!("{}.", major.expect("the version is not empty"));
        let [ours, theirs] = [&lock, &their_lock].map(|lock| locked(lock, name, &begin));
        assert_eq!(ours, theirs, "`{name}` in benches/peers/Cargo.lock");
    }
}
