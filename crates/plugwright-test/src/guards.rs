//! What has to be hooked up is: each guard says what is missing and what to do.

use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use plugwright::ForeignText;

use crate::case::folder_names;
use crate::trial::{Tested, failed};

pub(crate) fn trials(tested: &Arc<Tested>) -> Vec<Trial> {
    type Guard = fn(&Tested) -> Result<(), Failed>;
    let guards: [(&str, Guard); 3] = [
        ("every plugin has a case", every_plugin_has_a_case),
        ("every folder of cases has a plugin", every_folder_of_cases_has_a_plugin),
        ("every case is a file with a snapshot", every_case_is_a_file_with_a_snapshot),
    ];
    let trial = |(name, guard): (&str, Guard)| {
        let tested = Arc::clone(tested);
        Trial::test(format!("guards/{name}"), move || guard(&tested))
    };
    guards.into_iter().map(trial).collect()
}

fn every_plugin_has_a_case(tested: &Tested) -> Result<(), Failed> {
    let folder = tested.project.cases_folder();
    let missing = tested.plugins().into_iter().filter(|plugin| {
        // One that is broken is one, too.
        let mut files = folder.join(plugin).read_dir().into_iter().flatten().flatten();
        !files.any(|file| file.path().is_file())
    });
    all(missing.map(|plugin| {
        format!(
            "the plugin `{plugin}` has no case: put a file of input into tests/cases/{plugin}/, run the tests, and accept \
             what comes out with `cargo insta review` if it is right"
        )
    }))
}

fn every_folder_of_cases_has_a_plugin(tested: &Tested) -> Result<(), Failed> {
    let mut plugins = tested.plugins();
    plugins.extend(tested.elsewhere.iter().cloned());
    let folders = folder_names(&tested.project.cases_folder()).map_err(|error| failed(&error))?;
    let dist = ForeignText::of_path(tested.project.dist_folder());
    all(folders.into_iter().filter(|folder| !plugins.contains(folder)).map(|folder| {
        format!(
            "tests/cases/{folder}/ is for no plugin: there is no `{folder}.wasm` in `{dist}`; build it, or remove the folder"
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
        (!tested.project.folder().join(&snapshot).is_file()).then(|| {
            format!(
                "the case {plugin}/{name} has no snapshot {snapshot}: `cargo insta review` shows what comes out; accept it \
                 if it is right"
            )
        })
    }))
}

/// Fails with all that is missing, a line each.
fn all(missing: impl Iterator<Item = String>) -> Result<(), Failed> {
    let missing: Vec<_> = missing.collect();
    if missing.is_empty() { Ok(()) } else { Err(missing.join("\n").into()) }
}
