//! Snapshots that changed, told in the project's own words, for those who have no cargo and no insta.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use std::{env, fs, io};

use anstyle::{AnsiColor, Style};
use insta::internals::{SnapshotContents, TextSnapshotContents};
use insta::{Snapshot, TextSnapshotKind};
use libtest_mimic::Failed;
use plugwright::{FileError, FileKind, ForeignText};
use similar::{Algorithm, ChangeTag, TextDiff};

use crate::anew::{WORKSPACE, anew};
use crate::project::{Project, ProjectError};

/// So many lines of a difference are shown.
const MOST_LINES: usize = 200;

/// So many characters of a line.
const MOST_OF_LINE: usize = 500;

/// So many lines around what differs.
const AROUND: usize = 3;

/// A snapshot that is proposed: 512 MiB at most, as what comes out.
const PROPOSED: FileKind = FileKind::new("new snapshot", 512 << 20);

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
    old: Option<String>,
    new: String,
}

/// The snapshots that changed in a run.
pub(crate) struct Changes {
    update: Update,
    found: Mutex<BTreeMap<PathBuf, Change>>,
    /// Those that insta could not propose.
    unwritten: Mutex<BTreeSet<PathBuf>>,
}

/// Starts this program anew, unless its environment has it that insta prints nothing, and writes what `update` says.
///
/// # Errors
///
/// [`ProjectError::Restart`] if that fails. Otherwise it does not come back.
pub fn restart(project: &Project, update: Update) -> Result<(), ProjectError> {
    let writes = match update {
        Update::Nothing => "no",
        Update::Propose | Update::Accept => "new",
    };
    let variables = [
        (WORKSPACE, project.folder().as_os_str()),
        ("INSTA_UPDATE", OsStr::new(writes)),
        ("INSTA_FORCE_PASS", OsStr::new("1")),
        ("INSTA_OUTPUT", OsStr::new("none")),
        // What would have it write more, or elsewhere.
        ("INSTA_FORCE_UPDATE", OsStr::new("0")),
        ("INSTA_FORCE_UPDATE_SNAPSHOTS", OsStr::new("0")),
        ("INSTA_REQUIRE_FULL_MATCH", OsStr::new("0")),
        ("INSTA_PENDING_DIR", OsStr::new("")),
    ];
    match variables.iter().all(|(name, value)| env::var_os(name).as_deref() == Some(value)) {
        true => Ok(()),
        false => Err(ProjectError::Restart(anew(&variables))),
    }
}

impl Changes {
    pub(crate) fn new(update: Update) -> Self {
        Self { update, found: Mutex::default(), unwritten: Mutex::default() }
    }

    /// Those that were found, by path.
    pub(crate) fn found(&self) -> Vec<Change> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// How many changed and cannot be proposed.
    pub(crate) fn unwritten(&self) -> usize {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Says whether all that changed is to be accepted.
    pub(crate) fn are_accepted(&self) -> bool {
        self.update == Update::Accept
    }

    /// Compares what came out with the snapshot, which insta has done, too, and `written_beside` is what came of that.
    pub(crate) fn compare(
        &self,
        project: &Project,
        plugin: &str,
        name: &str,
        text: &str,
        written_beside: Result<(), String>,
    ) -> Result<(), Failed> {
        let path = PathBuf::from(project.snapshot_path(plugin, name));
        let folder = project.folder().to_owned();
        let new = contents(text);
        let old = Snapshot::from_file(&folder.join(&path)).ok();
        if old.as_ref().is_some_and(|old| *old.contents() == new) {
            return Ok(written_beside?);
        }
        let old = old.map(|old| written(old.contents()));
        let change = Change { folder, path: path.clone(), old, new: written(&new) };
        let shown = change.to_string();
        if let Err(error) = written_beside {
            self.unwritten.lock().unwrap_or_else(PoisonError::into_inner).insert(path);
            return Err(format!("{error}\n{}", shown.trim_end()).into());
        }
        let failed = Failed::from(shown.trim_end());
        self.found.lock().unwrap_or_else(PoisonError::into_inner).insert(path, change);
        if self.update == Update::Nothing { Err(failed) } else { Ok(()) }
    }
}

impl Change {
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

    /// The file that insta proposes in its place.
    pub fn proposed(&self) -> PathBuf {
        self.file().with_added_extension("new")
    }

    /// What the snapshot's file holds once the proposed one is accepted.
    ///
    /// # Errors
    ///
    /// [`FileError`] if that cannot be read.
    pub fn accepted_text(&self) -> Result<String, FileError> {
        let text = PROPOSED.read_text(self.proposed())?;
        let (head, body) = text.split_once("\n---\n").unwrap_or(("", &text));
        // The line of sources is for those who review.
        let head = head.lines().filter(|line| !line.starts_with("assertion_line: "));
        Ok(format!("{}\n---\n{body}", head.collect::<Vec<_>>().join("\n")))
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
        let now = Snapshot::from_file(&self.file());
        now.is_ok_and(|now| *now.contents() == contents(&self.new))
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

fn contents(text: &str) -> SnapshotContents {
    SnapshotContents::Text(TextSnapshotContents::new(text.to_owned(), TextSnapshotKind::File))
}

/// The text as it is in the file.
fn written(contents: &SnapshotContents) -> String {
    match contents {
        SnapshotContents::Text(text) => text.to_string(),
        SnapshotContents::Binary(_) => String::new(),
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
