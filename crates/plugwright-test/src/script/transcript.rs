//! Transcripts: the calls of a script, everything that the plugin did meanwhile, and the results.

use std::fmt;

use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::script::error::ScriptError;
use crate::script::recording::{RecordError, Recording};

/// The record of a script's run: each call, what the plugin called, logged and printed meanwhile, and the result.
///
/// ```text
/// > words.greet(ada)
///   host.log(info, "greeting", [{key: "first-name", value: "Ada"}])
/// < ok("Hello, Ada Lovelace!")
/// ```
#[derive(Debug, Clone)]
#[must_use = "show it"]
pub struct Transcript {
    pub(crate) entries: Vec<Entry>,
    pub(crate) left_out: LeftOut,
    /// The last entry, after those that are left out.
    pub(crate) last: Option<Entry>,
    pub(crate) ending: Ending,
    pub(crate) error: Option<ScriptError>,
    pub(crate) recording: Recording,
}

/// How the last call of a script ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ending {
    /// The call returned a result, or there was no call.
    Result,
    /// The call returned `err(…)`.
    Failure,
    /// The call trapped.
    Trap,
    /// The call exceeded a limit.
    Limit,
    /// The call was not made, because something that was granted to the plugin does not exist.
    Denied,
}

/// An entry of a transcript.
///
/// Its `Display` is that of the transcript: a sign before the first line shows the kind, and further lines are indented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The kind of the entry.
    pub kind: EntryKind,
    /// The text without the sign. Foreign text in it is escaped.
    pub text: String,
    /// The entry's line of [`Transcript::to_json`], if the script was run [with JSON](crate::Script::with_json).
    pub json: Option<String>,
}

/// The lines that do not fit into a transcript. Frames are not counted, because snapshots do not have them.
#[derive(Debug, Clone, Default)]
pub(crate) struct LeftOut {
    pub(crate) lines: usize,
    digest: Sha256,
}

/// The kind of a transcript's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EntryKind {
    /// A statement of the script.
    Statement,
    /// A call of an imported function by the plugin, with its arguments and its answer.
    Import,
    /// A line that the plugin logged or printed.
    Log,
    /// The result of a call, which is empty if the function has none.
    Result,
    /// What ended the call, or why it was not made.
    End,
    /// A function of the plugin that was running when the call ended.
    Frame,
}

impl Transcript {
    /// The greatest length of a transcript, in bytes. A longer transcript ends with the number of lines that were left
    /// out and their SHA-256 digest, and with the end or the result of the last call if it has at most 4 KiB.
    pub const MOST_BYTES: usize = 1 << 20;
    pub(crate) const MOST_BYTES_OF_LAST: usize = 4 << 10;

    /// Returns the entries, in order, without those that were left out.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the transcript as a snapshot keeps it: without frames, because these depend on the compiler and on the
    /// symbols beside the plugin.
    pub fn snapshot(&self) -> String {
        let entries = Vec::from_iter(self.entries.iter().filter(|it| it.kind != EntryKind::Frame));
        Shown { entries, left_out: &self.left_out, last: self.last.as_ref() }.to_string()
    }

    /// Returns how the last call ended.
    pub fn ending(&self) -> Ending {
        self.ending
    }

    /// Returns what is wrong with the script, if it could not be run to its end.
    pub fn error(&self) -> Option<&ScriptError> {
        self.error.as_ref()
    }

    /// Returns the transcript as JSON, with one object per line. The key of an object is its kind:
    ///
    /// - `statement`, `log` and `frame` are text.
    /// - `import` has the `function` that the plugin called, its `arguments`, and its `answer` or the words of the `trap`.
    /// - `result` is a value, or `null` if the function has no result.
    /// - `end` has a `kind` and a `message`, and for a limit also the `limit`. The kind is `trap`, `limit`, `denied`, `absent` if a
    ///   value that should be taken out does not exist, or `over` if the instance has ended.
    /// - `left-out` has the number of `lines` that did not fit, and their `sha256`.
    /// - `error` has the `line` and the `column` in the script, and the `message`.
    ///
    /// In values, records are objects, lists and tuples are arrays, enums and cases without a value are strings, and
    /// other cases are objects with one key. An option is `null` or its value, or `{"some": …}` if its value can be
    /// `null` itself. Bytes are `{"utf8": …}` if they are text, and `{"base64": …}` otherwise. Handles, characters and
    /// numbers that JSON cannot represent are strings. A value that is too long is `{"left-out": …}` with its text in
    /// the transcript.
    ///
    /// The entries are included only if the script was run [with JSON](crate::Script::with_json).
    pub fn to_json(&self) -> String {
        let lines = self.entries.iter().filter_map(|entry| entry.json.as_deref());
        lines.map(|line| format!("{line}\n")).collect::<String>() + &self.end_of_json()
    }

    /// Returns a script that repeats the run. It makes the same calls, and answers the plugin's calls of imports with
    /// the recorded answers, in the same order. Its patterns match any handle. The script contains the contents of
    /// files.
    ///
    /// # Errors
    ///
    /// Returns a [`RecordError`] if the script would be too long or empty, or if a value cannot be written as text.
    pub fn script(&self) -> Result<String, RecordError> {
        self.recording.script()
    }

    /// Returns the lines at the end of [`Transcript::to_json`] that are not from [`Transcript::entries`]: what was left
    /// out, the last entry, and the error.
    fn end_of_json(&self) -> String {
        let left_out = (self.left_out.lines > 0).then(|| {
            json!({ "left-out": { "lines": self.left_out.lines, "sha256": self.left_out.sha256() } })
        });
        let error = self.error.as_ref().map(|ScriptError { line, column, message }| {
            json!({ "error": { "line": line, "column": column, "message": message } })
        });
        let last = self.last.as_ref().and_then(|last| last.json.clone());
        let left_out = left_out.map(|line| line.to_string());
        let error = error.map(|line| line.to_string());
        left_out.into_iter().chain(last).chain(error).map(|line| line + "\n").collect()
    }
}

/// Entries, the lines that are left out, and the last entry.
struct Shown<'a> {
    entries: Vec<&'a Entry>,
    left_out: &'a LeftOut,
    last: Option<&'a Entry>,
}

impl EntryKind {
    /// Returns the name of the kind in JSON.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Statement => "statement",
            Self::Import => "import",
            Self::Log => "log",
            Self::Result => "result",
            Self::End => "end",
            Self::Frame => "frame",
        }
    }
}

impl LeftOut {
    /// Adds the text of an entry.
    pub(crate) fn add(&mut self, shown: &str) {
        self.lines = self.lines.saturating_add(shown.lines().count());
        self.digest.update(shown);
        self.digest.update("\n");
    }

    /// Returns the digest of the lines.
    fn sha256(&self) -> String {
        let digest = self.digest.clone().finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.entries.iter().collect();
        fmt::Display::fmt(&Shown { entries, left_out: &self.left_out, last: self.last.as_ref() }, f)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for entry in &self.entries {
            writeln!(f, "{entry}")?;
        }
        if self.left_out.lines > 0 {
            let LeftOut { lines, .. } = self.left_out;
            writeln!(f, "… and {lines} more lines, SHA-256 {}", self.left_out.sha256())?;
        }
        self.last.iter().try_for_each(|last| writeln!(f, "{last}"))
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, indent) = match self.kind {
            EntryKind::Statement => ("> ", "\n  "),
            EntryKind::Import | EntryKind::Log => ("  ", "\n  "),
            EntryKind::Result if self.text.is_empty() => ("<", ""),
            EntryKind::Result => ("< ", "\n  "),
            EntryKind::End => ("! ", "\n  "),
            EntryKind::Frame => ("    in ", "\n      "),
        };
        write!(f, "{sign}{}", self.text.replace('\n', indent))
    }
}
