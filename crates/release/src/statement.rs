//! The provenance statement of a release, in the same form as those of plugins: an in-toto Statement v1 with the predicate
//! SLSA provenance v1. It contains no time and no machine, so that the same release has the same statement.

use std::path::Path;

use anyhow::Result;
use semver::Version;
use serde_json::{Value, json};

use crate::files::{self, Digested};
use crate::git::Commit;

/// The build type of `just release`.
const BUILD: &str = "urn:plugwright:release:1";

/// The materials of a release besides the commit.
const MATERIALS: [&str; 3] = ["Cargo.lock", "rust-toolchain.toml", ".config/tools"];

/// Makes the statement that these files were built from this commit. `built_by` is the builder, a URI.
///
/// # Errors
///
/// Says which material cannot be read.
pub(crate) fn statement(
    root: &Path,
    version: &Version,
    commit: &Commit,
    built_by: &str,
    subjects: &[Digested],
) -> Result<String> {
    let resource = |it: &Digested| json!({ "name": it.name, "digest": { "sha256": it.sha256 } });
    let mut of_commit = json!({ "name": "commit", "digest": { "gitCommit": commit.id } });
    if let Some(changed) = commit.changed {
        of_commit["annotations"] = json!({ "changed": changed });
    }
    let mut materials = vec![of_commit];
    for material in MATERIALS.iter().filter(|name| root.join(name).is_file()) {
        materials.push(resource(&files::digested(root, material)?));
    }
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subjects.iter().map(resource).collect::<Vec<Value>>(),
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD,
                "externalParameters": { "version": version.to_string() },
                "resolvedDependencies": materials,
            },
            "runDetails": {
                "builder": { "id": built_by, "version": { "release": env!("CARGO_PKG_VERSION") } },
                "byproducts": [],
            },
        },
    });
    Ok(serde_json::to_string_pretty(&statement)? + "\n")
}
