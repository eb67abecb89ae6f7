//! Snapshots that no test uses, because their cases or grants no longer exist.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::case::{entries, file_name, folder_names};
use crate::case_error::CaseError;
use crate::denied;
use crate::snapshot_file;
use crate::trial::Tested;

/// Returns the unused snapshots, as paths relative to the project's folder. Snapshots of plugins that are tested
/// elsewhere count as used.
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

/// Returns the paths of the files that tests may propose.
pub(crate) fn proposed(tested: &Tested) -> Vec<PathBuf> {
    let mut plugins: BTreeSet<_> = tested.names.iter().map(|(plugin, _)| plugin.clone()).collect();
    plugins.extend(tested.plugins());
    let folder = tested.project.folder();
    let of_plugin = |plugin: String| {
        let names = Used::of(tested, &plugin).names.into_iter();
        let paths = names.map(|name| tested.project.snapshot_path(&plugin, &name));
        // Nothing is proposed through a link, so nothing must be removed through a link either.
        let paths = paths.map(|path| snapshot_file::proposed(Path::new(&path)));
        let paths = paths.filter(|path| snapshot_file::refuse_links(folder, path).is_ok());
        paths.map(|path| folder.join(path)).collect::<Vec<_>>()
    };
    plugins.into_iter().flat_map(of_plugin).collect()
}

/// The names of a plugin's snapshots, as they are in file names.
struct Used {
    names: BTreeSet<String>,
    /// Whether every snapshot of a denied grant counts as used, because the plugin's grants are not known.
    is_any_grant: bool,
}

impl Used {
    fn of(tested: &Tested, plugin: &str) -> Self {
        let cases = tested.names.iter().filter(|(of, _)| of == plugin);
        let mut names: BTreeSet<_> =
            cases.map(|(_, name)| name.replace(['/', '\\'], "__")).collect();
        let is_built = tested.plugins().iter().any(|it| it == plugin);
        // A plugin with cases is known, even if it is not built now.
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
