//! Changed snapshots: reports and proposes them without insta, for projects without cargo.

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

/// The greatest number of lines of a difference that are shown.
const MOST_LINES: usize = 200;

/// The greatest number of characters of a line that are shown.
const MOST_OF_LINE: usize = 500;

/// The number of unchanged lines that are shown around a difference.
const AROUND: usize = 3;

/// What happens to changed snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Update {
    /// Their tests fail, and nothing is written.
    Nothing,
    /// Their tests pass, and each change is [proposed](Change::proposed) in a file beside the snapshot.
    Propose,
    /// As [`Update::Propose`], and the caller will also remove snapshots that no test uses.
    Accept,
}

/// A changed or a new snapshot.
///
/// Its `Display` shows the difference, with escape sequences for the colours of a terminal. All other control
/// characters are escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    folder: PathBuf,
    path: PathBuf,
    /// The input file of the snapshot, as a path from the project's folder.
    input: Option<String>,
    old: Option<String>,
    new: String,
}

/// The changed snapshots of a run.
pub(crate) struct Changes {
    update: Update,
    found: Mutex<BTreeMap<PathBuf, Change>>,
    /// The snapshots whose proposals cannot be written.
    unwritten: Mutex<BTreeSet<PathBuf>>,
}

impl Changes {
    pub(crate) fn new(update: Update) -> Self {
        Self { update, found: Mutex::default(), unwritten: Mutex::default() }
    }

    /// Returns the changes so far, sorted by path.
    pub(crate) fn all(&self) -> Vec<Change> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Returns the number of changed snapshots whose proposals cannot be written.
    pub(crate) fn unwritten(&self) -> usize {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Returns whether changes are proposed in files.
    pub(crate) fn are_proposed(&self) -> bool {
        self.update != Update::Nothing
    }

    /// Returns whether all changes will be accepted.
    pub(crate) fn are_accepted(&self) -> bool {
        self.update == Update::Accept
    }

    /// Compares the outcome with the snapshot. This does not use insta, which would print texts of files and names
    /// unescaped.
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
            // A proposal of an earlier run is out of date.
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
    /// Makes a change from the outcome `text` and the snapshot `name` of the plugin.
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

    /// Returns whether nothing changed.
    pub(crate) fn is_same(&self) -> bool {
        self.old.as_ref().is_some_and(|old| snapshot_file::are_same(old, &self.new))
    }

    /// Returns the snapshot's path, relative to the project's folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns whether there is no snapshot yet.
    pub fn is_new(&self) -> bool {
        self.old.is_none()
    }

    /// Returns the path of the snapshot's file.
    pub fn file(&self) -> PathBuf {
        self.folder.join(&self.path)
    }

    /// Returns the path of the proposed file.
    pub fn proposed(&self) -> PathBuf {
        snapshot_file::proposed(&self.file())
    }

    /// Returns the text of the snapshot's file after the change is accepted. The proposed file holds the same text.
    pub fn accepted_text(&self) -> String {
        snapshot_file::whole(self.input.as_deref(), &self.new)
    }

    /// Removes the proposed file.
    ///
    /// # Errors
    ///
    /// Returns the error of the system if the file cannot be removed.
    pub fn withdraw(&self) -> io::Result<()> {
        fs::remove_file(self.proposed())
    }

    /// Returns whether the snapshot's file now has the new text.
    pub fn is_accepted(&self) -> bool {
        let now = snapshot_file::read(&self.folder, &self.path);
        now.is_ok_and(|now| now.is_some_and(|now| snapshot_file::are_same(&now, &self.new)))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = ForeignText::of_path(&self.path);
        let Some(old) = &self.old else {
            writeln!(f, "there is no snapshot `{path}` yet; the outcome:")?;
            return difference(f, "", &self.new);
        };
        writeln!(
            f,
            "the outcome differs from the snapshot `{path}`; `-` is the snapshot, `+` is the outcome:"
        )?;
        difference(f, old, &self.new)
    }
}

/// Writes the lines that differ, with some lines around them.
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
