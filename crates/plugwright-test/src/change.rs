//! Snapshots that changed, told in the project's own words, for those who have no cargo and no insta.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use std::{fmt, fs, io};

use anstyle::{AnsiColor, Style};
use libtest_mimic::Failed;
use plugwright::ForeignText;
use similar::{Algorithm, ChangeTag, TextDiff};

use crate::case_error::{CaseError, failed};
use crate::project::Project;
use crate::snapshot_file;

/// So many lines of a difference are shown.
const MOST_LINES: usize = 200;

/// So many characters of a line.
const MOST_OF_LINE: usize = 500;

/// So many lines around what differs.
const AROUND: usize = 3;

/// What becomes of snapshots that changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Update {
    /// Their tests fail, and nothing is written.
    Nothing,
    /// Their tests pass, and each is [proposed](Change::proposed) in a file beside.
    Propose,
    /// The same, and those that no test uses are to go.
    Accept,
}

/// A snapshot that changed, or that is not there yet.
///
/// Shown, it is the difference, with colours as a terminal takes them, and nothing else that steers one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    folder: PathBuf,
    path: PathBuf,
    /// The file of the project that it is of.
    input: Option<String>,
    old: Option<String>,
    new: String,
}

/// The snapshots that changed in a run.
pub(crate) struct Changes {
    update: Update,
    found: Mutex<BTreeMap<PathBuf, Change>>,
    /// Those that cannot be proposed.
    unwritten: Mutex<BTreeSet<PathBuf>>,
}

impl Changes {
    pub(crate) fn new(update: Update) -> Self {
        Self { update, found: Mutex::default(), unwritten: Mutex::default() }
    }

    /// Those that were found, by path.
    pub(crate) fn all(&self) -> Vec<Change> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// How many changed and cannot be proposed.
    pub(crate) fn unwritten(&self) -> usize {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Says whether what changed is proposed in files.
    pub(crate) fn are_proposed(&self) -> bool {
        self.update != Update::Nothing
    }

    /// Says whether all that changed is to be accepted.
    pub(crate) fn are_accepted(&self) -> bool {
        self.update == Update::Accept
    }

    /// Compares what came out with the snapshot, without insta, which would print what is in files and names as it is.
    pub(crate) fn compare(
        &self,
        project: &Project,
        plugin: &str,
        name: &str,
        input: Option<&Path>,
        text: &str,
    ) -> Result<(), Failed> {
        let change =
            Change::of(project, plugin, name, input, text).map_err(|error| failed(&error))?;
        if change.is_same() {
            // One that an earlier run proposed is out of date.
            let _ = change.withdraw();
            return Ok(());
        }
        let shown = change.to_string();
        let shown = shown.trim_end();
        if self.update == Update::Nothing {
            self.keep(change);
            return Err(shown.into());
        }
        if let Err(error) = snapshot_file::propose(&change.proposed(), &change.accepted_text()) {
            let path = ForeignText::of_path(&change.path);
            let failed = format!("cannot write beside `{path}`: {error}\n{shown}");
            self.unwritten.lock().unwrap_or_else(PoisonError::into_inner).insert(change.path);
            return Err(failed.into());
        }
        self.keep(change);
        Ok(())
    }

    fn keep(&self, change: Change) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.insert(change.path.clone(), change);
    }
}

impl Change {
    /// What came out, `text`, and what was kept before as the snapshot `name` of the plugin.
    pub(crate) fn of(
        project: &Project,
        plugin: &str,
        name: &str,
        input: Option<&Path>,
        text: &str,
    ) -> Result<Self, CaseError> {
        let path = PathBuf::from(project.snapshot_path(plugin, name));
        let folder = project.folder().to_owned();
        let old = snapshot_file::read(&folder, &path)?;
        let input = input.and_then(|input| project.path_of(input));
        Ok(Self { folder, path, input, old, new: snapshot_file::normal(text) })
    }

    /// Says whether nothing changed.
    pub(crate) fn is_same(&self) -> bool {
        self.old.as_ref().is_some_and(|old| snapshot_file::are_same(old, &self.new))
    }

    /// The snapshot's path, from the project's folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Says whether there is no snapshot yet.
    pub fn is_new(&self) -> bool {
        self.old.is_none()
    }

    /// The snapshot's file.
    pub fn file(&self) -> PathBuf {
        self.folder.join(&self.path)
    }

    /// The file that is proposed in its place.
    pub fn proposed(&self) -> PathBuf {
        snapshot_file::proposed(&self.file())
    }

    /// What the snapshot's file holds once the change is accepted, which is what the proposed one holds.
    pub fn accepted_text(&self) -> String {
        snapshot_file::whole(self.input.as_deref(), &self.new)
    }

    /// Removes the file that is proposed.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn withdraw(&self) -> io::Result<()> {
        fs::remove_file(self.proposed())
    }

    /// Says whether the snapshot is by now what came out.
    pub fn is_accepted(&self) -> bool {
        let now = snapshot_file::read(&self.folder, &self.path);
        now.is_ok_and(|now| now.is_some_and(|now| snapshot_file::are_same(&now, &self.new)))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = ForeignText::of_path(&self.path);
        let Some(old) = &self.old else {
            writeln!(f, "there is no snapshot `{path}` yet; what came out:")?;
            return difference(f, "", &self.new);
        };
        writeln!(
            f,
            "the snapshot `{path}` is not what came out; `-` is the snapshot's, `+` is new:"
        )?;
        difference(f, old, &self.new)
    }
}

/// Writes the lines that differ, and some around them.
fn difference(f: &mut fmt::Formatter<'_>, old: &str, new: &str) -> fmt::Result {
    let mut differ = TextDiff::configure();
    differ.algorithm(Algorithm::Patience).timeout(Duration::from_millis(500));
    let diff = differ.diff_lines(old, new);
    let (mut lines, mut left_out) = (0_usize, 0_usize);
    for (index, hunk) in diff.grouped_ops(AROUND).iter().enumerate() {
        if index > 0 && left_out == 0 {
            writeln!(f, "  …")?;
        }
        for change in hunk.iter().flat_map(|op| diff.iter_changes(op)) {
            lines = lines.saturating_add(1);
            if lines > MOST_LINES {
                left_out = left_out.saturating_add(1);
                continue;
            }
            let (sign, style) = match change.tag() {
                ChangeTag::Equal => (' ', Style::new()),
                ChangeTag::Delete => ('-', AnsiColor::Red.on_default()),
                ChangeTag::Insert => ('+', AnsiColor::Green.on_default()),
            };
            let line: String =
                change.value().trim_end_matches('\n').chars().take(MOST_OF_LINE).collect();
            let shown = ForeignText::from(&*line);
            writeln!(f, "{style}{sign} {}{style:#}", shown.whole())?;
        }
    }
    if left_out > 0 { writeln!(f, "  … and {left_out} more lines") } else { Ok(()) }
}
