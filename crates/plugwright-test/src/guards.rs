//! Guards: tests that find missing cases, plugins and snapshots, and say what to do.

use std::env;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use plugwright::ForeignText;

use crate::case::folder_names;
use crate::case_error::failed;
use crate::change::Changes;
use crate::trial::{Tested, in_a_line};
use crate::unused;

pub(crate) fn trials(tested: &Arc<Tested>) -> Vec<Trial> {
    type Guard = fn(&Tested) -> Result<(), Failed>;
    let guards: [(&str, Guard); 4] = [
        ("every plugin has a case", every_plugin_has_a_case),
        ("every folder of cases has a plugin", every_folder_of_cases_has_a_plugin),
        ("every case is a file with a snapshot", every_case_is_a_file_with_a_snapshot),
        ("every snapshot has a test", every_snapshot_has_a_test),
    ];
    let trial = |(name, guard): (&str, Guard)| {
        let tested = Arc::clone(tested);
        Trial::test(format!("guards/{name}"), move || guard(&tested))
    };
    guards.into_iter().map(trial).collect()
}

fn every_plugin_has_a_case(tested: &Tested) -> Result<(), Failed> {
    // A broken case counts, too.
    let has_one = |plugin: &String| tested.names.iter().any(|(of, _)| of == plugin);
    let missing = tested.plugins().into_iter().filter(|plugin| !has_one(plugin));
    all(missing.map(|plugin| {
        format!(
            "the plugin `{plugin}` has no case: put a file `first.calls` or a document into tests/cases/{plugin}/, run the tests, and accept \
             the outcome with `{}` if it is right",
            tested.review()
        )
    }))
}

fn every_folder_of_cases_has_a_plugin(tested: &Tested) -> Result<(), Failed> {
    let mut plugins = tested.plugins();
    plugins.extend(tested.elsewhere.iter().cloned());
    let folders = folder_names(&tested.project.cases_folder()).map_err(|error| failed(&error))?;
    let dist = ForeignText::of_path(tested.project.dist_folder());
    all(folders.into_iter().filter(|it| tested.is_tested(it) && !plugins.contains(it)).map(|folder| {
        format!(
            "tests/cases/{folder}/ belongs to no plugin: there is no `{folder}.wasm` in `{dist}`; build it, or remove the folder"
        )
    }))
}

fn every_case_is_a_file_with_a_snapshot(tested: &Tested) -> Result<(), Failed> {
    all(tested.cases.iter().filter_map(|case| {
        let (plugin, name, input) = (case.plugin(), case.name(), case.input());
        let snapshot = tested.project.snapshot_path(plugin, name);
        if !input.is_file() {
            return Some(format!("`{}` is not a file", ForeignText::of_path(input)));
        }
        // If the runner reports changes, the case's own test reports a missing snapshot.
        let is_missing = tested.changes.is_none() && !tested.project.folder().join(&snapshot).is_file();
        is_missing.then(|| {
            format!(
                "the case {plugin}/{name} has no snapshot {snapshot}: `{}` shows the outcome; accept it if it is right",
                tested.review()
            )
        })
    }))
}

fn every_snapshot_has_a_test(tested: &Tested) -> Result<(), Failed> {
    // `cargo insta test --unreferenced` looks for unused snapshots itself, and removes none if a test fails.
    let is_insta =
        tested.changes.is_none() && env::var_os("INSTA_SNAPSHOT_REFERENCES_FILE").is_some();
    if is_insta || tested.changes.as_ref().is_some_and(Changes::are_accepted) {
        return Ok(());
    }
    let unused = unused::snapshots(tested).map_err(|error| failed(&error))?;
    all(unused.iter().map(|path| {
        format!(
            "no test uses the snapshot `{}`: remove it, or run `plugwright test --bless` to remove all unused snapshots",
            ForeignText::of_path(path)
        )
    }))
}

/// Fails with one line for each missing thing.
fn all(missing: impl Iterator<Item = String>) -> Result<(), Failed> {
    let missing: Vec<_> = missing.map(|line| in_a_line(&line)).collect();
    if missing.is_empty() { Ok(()) } else { Err(missing.join("\n").into()) }
}
