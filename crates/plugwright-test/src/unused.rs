//! Snapshots that no test uses: those of cases and grants that are gone.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::case::{entries, file_name, folder_names};
use crate::case_error::CaseError;
use crate::denied;
use crate::snapshot_file;
use crate::trial::Tested;

/// The snapshots, each as a path from the project's folder. Those of plugins that are tested elsewhere have tests there.
pub(crate) fn snapshots(tested: &Tested) -> Result<Vec<PathBuf>, CaseError> {
    let folder = tested.project.snapshots_folder();
    refuse_link(tested, &folder)?;
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut unused = Vec::new();
    for plugin in folder_names(&folder)? {
        if !tested.is_tested(&plugin) || tested.elsewhere.contains(&plugin) {
            continue;
        }
        refuse_link(tested, &folder.join(&plugin))?;
        let used = Used::of(tested, &plugin);
        for file in entries(&folder.join(&plugin))? {
            let is_snapshot = file.is_file() && file.extension().is_some_and(|it| it == "snap");
            if is_snapshot && !used.has(&file_name(file.file_stem())) {
                let path = file.strip_prefix(tested.project.folder()).unwrap_or(&file);
                unused.push(path.to_owned());
            }
        }
    }
    unused.sort();
    Ok(unused)
}

/// Refuses links on the way to a folder of snapshots.
fn refuse_link(tested: &Tested, folder: &Path) -> Result<(), CaseError> {
    let project = tested.project.folder();
    let path = folder.strip_prefix(project).unwrap_or(folder);
    snapshot_file::refuse_links(project, path)
}

/// The files that are proposed where a snapshot of a test changed.
pub(crate) fn proposed(tested: &Tested) -> Vec<PathBuf> {
    let mut plugins: BTreeSet<_> = tested.names.iter().map(|(plugin, _)| plugin.clone()).collect();
    plugins.extend(tested.plugins());
    let folder = tested.project.folder();
    let of_plugin = |plugin: String| {
        let names = Used::of(tested, &plugin).names.into_iter();
        let paths = names.map(|name| tested.project.snapshot_path(&plugin, &name));
        // Nothing is proposed where a link leads, and nothing is to go from there.
        let paths = paths.map(|path| snapshot_file::proposed(Path::new(&path)));
        let paths = paths.filter(|path| snapshot_file::refuse_links(folder, path).is_ok());
        paths.map(|path| folder.join(path)).collect::<Vec<_>>()
    };
    plugins.into_iter().flat_map(of_plugin).collect()
}

/// The names of a plugin's snapshots, as they are in those of files.
struct Used {
    names: BTreeSet<String>,
    /// What the plugin asks for is not known, and any snapshot without a grant may be one of it.
    is_any_grant: bool,
}

impl Used {
    fn of(tested: &Tested, plugin: &str) -> Self {
        let cases = tested.names.iter().filter(|(of, _)| of == plugin);
        let mut names: BTreeSet<_> =
            cases.map(|(_, name)| name.replace(['/', '\\'], "__")).collect();
        let is_built = tested.plugins().iter().any(|it| it == plugin);
        // One that has cases is only not built just now.
        let is_known = is_built || tested.project.cases_folder().join(plugin).is_dir();
        if is_known {
            names.insert("wit".to_owned());
        }
        match tested.plugins.subject(plugin).ok().filter(|_| is_built) {
            Some(subject) => {
                let requests = subject.candidate().manifest().into_iter().flat_map(|it| &it.grants);
                names.extend(requests.map(denied::snapshot_name));
                Self { names, is_any_grant: false }
            }
            None => Self { names, is_any_grant: is_known },
        }
    }

    fn has(&self, name: &str) -> bool {
        self.names.contains(name) || (self.is_any_grant && name.starts_with("without-"))
    }
}
