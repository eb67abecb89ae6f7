//! Runs plugins that were built for released versions of the contract in the current host, with a test for each of
//! their cases. `releases/<version>/` holds the plugins, their cases and the outcomes of that time. Each plugin's
//! file name has the plugin's name and the first digits of its SHA-256. No recipe rewrites these files. The cases
//! of `quote` were other files then. Today they are scripts that make the same calls, and their transcripts have
//! the answers and log lines of that time.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use plugwright_contract::inspect;
use plugwright_contract::prelude::*;
use plugwright_test::{Case, Subject};
use tests::{cases_in, folder_names, host, root, subject};

pub(crate) fn trials() -> Vec<Trial> {
    let releases = root().join("tests/releases");
    let mut trials = Vec::new();
    for version in folder_names(&releases) {
        let folder = releases.join(&version);
        let plugins = plugins(&folder.join("plugins"), &version);
        let cases = cases_in(&folder.join("cases"));
        assert!(plugins.keys().all(|plugin| cases.iter().any(|case| case.plugin() == plugin)));
        for case in cases {
            let plugin = Arc::clone(&plugins[case.plugin()]);
            let outcomes = folder.join("outcomes").join(case.plugin());
            let name = format!("release {version}: {}/{}", case.plugin(), case.name());
            trials.push(Trial::test(name, move || {
                compare(&case, &plugin, &outcomes.join(format!("{}.txt", case.name())))
            }));
        }
    }
    trials
}

/// Returns the plugins in `folder` by name. All of them are of the version `version` of the contract.
fn plugins(folder: &Path, version: &str) -> BTreeMap<String, Arc<Subject>> {
    let files = fs::read_dir(folder).expect("the folder of the release exists").flatten();
    let plugin = |file: fs::DirEntry| {
        let path = file.path();
        let (name, digest) = path.file_stem()?.to_str()?.rsplit_once('-')?;
        let bytes = fs::read(&path).expect("the file exists");
        let found = inspect(name, &bytes).expect("the component is valid").sha256;
        assert!(found.starts_with(digest), "`{}` has the digest {found}", path.display());
        let plugin = host().load_any_bytes(name, &bytes).expect("the old plugin loads");
        assert!(plugin.world().ends_with(&format!("@{version}")), "{}", plugin.world());
        Some((name.to_owned(), Arc::new(subject(name, &bytes))))
    };
    files.filter_map(plugin).collect()
}

/// Runs the case, and compares its outcome with the recorded one.
fn compare(case: &Case, plugin: &Subject, outcome: &Path) -> Result<(), Failed> {
    let loaded = plugin.load(case)?;
    let found = loaded.run()?;
    let expected = fs::read_to_string(outcome)
        .unwrap_or_else(|error| panic!("`{}`: {error}", outcome.display()));
    // The recorded outcomes do not list the host functions that a plugin calls.
    let told = found.to_string();
    let told: Vec<_> = told.lines().filter(|line| !line.starts_with("  host.")).collect();
    assert_eq!(
        told.join("\n").trim_end(),
        expected.trim_end(),
        "a plugin for a released version no longer has its recorded outcome"
    );
    for (what, other) in loaded.otherwise()? {
        assert_eq!(found, other, "the outcome of {what} differs");
    }
    Ok(())
}
