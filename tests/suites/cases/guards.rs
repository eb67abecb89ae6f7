//! Guards that check that everything in this repository is connected. Each says what is missing and what to
//! do. The runner has the guards that apply to any project with plugins.

use std::fs;

use libtest_mimic::Trial;
use tests::{dist, folder_names, manifest, plugin_crates, root};

pub(crate) fn trials() -> Vec<Trial> {
    let guards: [(&str, fn()); 3] = [
        ("every plugin has a budget", every_plugin_has_a_budget),
        (
            "every plugin is in dist and is what the pipeline checked",
            every_plugin_is_in_dist_and_is_what_the_pipeline_checked,
        ),
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

fn every_plugin_is_in_dist_and_is_what_the_pipeline_checked() {
    let dist = dist();
    let built: Vec<_> = dist.plugins().iter().map(|entry| entry.name.clone()).collect();
    assert_eq!(
        built,
        plugin_crates(),
        "dist/ and crates/ have different plugins: run `just build`"
    );
    for plugin in built {
        dist.read(&plugin).unwrap_or_else(|error| panic!("{error}"));
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
                "{parent}/{folder}/ does not contain the package `{folder}`"
            );
        }
    }
}
