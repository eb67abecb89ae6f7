//! What has to be hooked up is: each guard says what is missing and what to do.

use std::collections::BTreeSet;
use std::fs;

use libtest_mimic::Trial;
use tests::{Guest, cases, dist, folder_names, guests, manifest, plugin_crates, root};

pub(crate) fn trials() -> Vec<Trial> {
    let guards: [(&str, fn()); 6] = [
        ("every plugin has a case", every_plugin_has_a_case),
        ("every plugin has a budget", every_plugin_has_a_budget),
        ("every folder of cases has a plugin", every_folder_of_cases_has_a_plugin),
        (
            "every plugin is in dist and is what the pipeline checked",
            every_plugin_is_in_dist_and_is_what_the_pipeline_checked,
        ),
        ("every case is a file with a snapshot", every_case_is_a_file_with_a_snapshot),
        (
            "every folder of a crate is named as its package",
            every_folder_of_a_crate_is_named_as_its_package,
        ),
    ];
    let trial = |(name, guard): (&str, fn())| {
        Trial::test(format!("guards/{name}"), move || {
            guard();
            Ok(())
        })
    };
    guards.into_iter().map(trial).collect()
}

fn every_plugin_has_a_case() {
    let tested: BTreeSet<_> = cases().into_iter().map(|case| case.plugin).collect();
    for plugin in plugin_crates() {
        assert!(
            tested.contains(&plugin),
            "the plugin `{plugin}` has no case: put a file of input into tests/cases/{plugin}/, then \
             type `just review`"
        );
    }
}

fn every_plugin_has_a_budget() {
    let dist = dist();
    for plugin in plugin_crates() {
        assert!(
            manifest(&dist, &plugin).budget.is_some(),
            "`crates/plugin-{plugin}/plugin.toml` does not say how large the plugin may be: add a line such \
             as `budget = \"100KiB\"`"
        );
    }
}

fn every_folder_of_cases_has_a_plugin() {
    let mut plugins = plugin_crates();
    plugins.extend(guests().into_iter().filter(Guest::has_cases).map(|guest| guest.name));
    for folder in folder_names(&root().join("tests/cases")) {
        assert!(
            plugins.contains(&folder),
            "tests/cases/{folder}/ is for no plugin: there is no crates/plugin-{folder}/, and no guest of \
             this name without a reference"
        );
    }
}

fn every_plugin_is_in_dist_and_is_what_the_pipeline_checked() {
    let dist = dist();
    let built: Vec<_> = dist.plugins().iter().map(|entry| entry.name.clone()).collect();
    assert_eq!(built, plugin_crates(), "dist/ has other plugins than crates/: type `just build`");
    for plugin in built {
        dist.read(&plugin).unwrap_or_else(|error| panic!("{error}"));
    }
}

fn every_case_is_a_file_with_a_snapshot() {
    for case in cases() {
        let (plugin, name) = (&case.plugin, &case.name);
        assert!(case.input().is_file(), "`{}` is not a file", case.input().display());
        let snapshot = case.snapshot_path();
        assert!(
            root().join(&snapshot).is_file(),
            "the case {plugin}/{name} has no snapshot {snapshot}: type `just review` to see what \
             comes out, and accept it if it is right"
        );
    }
}

fn every_folder_of_a_crate_is_named_as_its_package() {
    for parent in ["crates", "examples"] {
        for folder in folder_names(&root().join(parent)) {
            let manifest = root().join(parent).join(&folder).join("Cargo.toml");
            let manifest = fs::read_to_string(manifest)
                .unwrap_or_else(|error| panic!("{parent}/{folder}/Cargo.toml: {error}"));
            let name = format!("name = \"{folder}\"");
            assert!(
                manifest.contains(&name),
                "{parent}/{folder}/ does not hold a package `{folder}`"
            );
        }
    }
}
