//! What came of a script: its calls, what the plugin asked and said meanwhile, and what came out.

use std::fmt;

use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::script::error::ScriptError;
use crate::script::recording::{RecordError, Recording};

/// What came of a script: each call, what the plugin called, logged and wrote meanwhile, and what came out of it.
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
    /// What comes after it.
    pub(crate) last: Option<Entry>,
    pub(crate) ending: Ending,
    pub(crate) error: Option<ScriptError>,
    pub(crate) recording: Recording,
}

/// What the last call of a script came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ending {
    /// It gave a result, or there was no call.
    Result,
    /// It gave `err(…)`.
    Failure,
    /// It trapped.
    Trap,
    /// It went beyond a limit.
    Limit,
    /// It was not made, because what the plugin was granted is not there.
    Denied,
}

/// An entry of a transcript.
///
/// Shown, it is as in the transcript: its first line has a sign before it that says what it is, further ones are indented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub kind: EntryKind,
    /// What it says, without the sign: what is foreign in it is escaped.
    pub text: String,
    /// It as [`Transcript::to_json`] has it, in one line, if the script was [run for it](crate::Script::with_json).
    pub json: Option<String>,
}

/// What does not fit into a transcript, but for functions that were running, which snapshots do not have.
#[derive(Debug, Clone, Default)]
pub(crate) struct LeftOut {
    pub(crate) lines: usize,
    digest: Sha256,
}

/// What an entry of a transcript is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EntryKind {
    /// A statement of the script, which is done.
    Statement,
    /// A function that the plugin called, with its arguments and what was answered.
    Import,
    /// A line that the plugin logged or wrote.
    Log,
    /// What came out: empty if the function has no result.
    Result,
    /// What ended the call, or why it was not made.
    End,
    /// A function of the plugin's own that was running then.
    Frame,
}

impl Transcript {
    /// How long a transcript is at most, in bytes. Then comes how many lines more there would be, with their SHA-256 digest,
    /// and what came out of the last call, or ended it, if that has at most 4 KiB.
    pub const MOST_BYTES: usize = 1 << 20;
    pub(crate) const MOST_BYTES_OF_LAST: usize = 4 << 10;

    /// The entries, in order, up to what is left out.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The transcript as a snapshot keeps it: without the functions that were running when a call ended, which are others
    /// when the plugin is built by another compiler, or has no symbols beside it.
    pub fn snapshot(&self) -> String {
        let entries = Vec::from_iter(self.entries.iter().filter(|it| it.kind != EntryKind::Frame));
        Shown { entries, left_out: &self.left_out, last: self.last.as_ref() }.to_string()
    }

    /// What the last call came to.
    pub fn ending(&self) -> Ending {
        self.ending
    }

    /// What is wrong with the script, if it could not be done to its end.
    pub fn error(&self) -> Option<&ScriptError> {
        self.error.as_ref()
    }

    /// The transcript as JSON, an object a line. Its key says what it is:
    ///
    /// - `statement`, `log` and `frame` are text;
    /// - `import` has the `function` that the plugin called, its `arguments`, and its `answer`, or the words of the `trap`;
    /// - `result` is a value, and `null` of a function without one;
    /// - `end` has its `kind`, which is `trap`, `limit`, `denied`, `absent` where a value to be taken out is not there, or
    ///   `over` where the instance is, and the `message`; of a limit also which `limit` it is;
    /// - `left-out` has how many `lines` did not fit, and their `sha256`;
    /// - `error` has the `line` and the `column` of the script, and the `message`.
    ///
    /// Records are objects, lists and tuples arrays, enums and cases without a value strings, other cases objects of one key.
    /// An option is `null` or its value, and `{"some": …}` where that can be `null` itself. Bytes are `{"utf8": …}` if they are
    /// text, and `{"base64": …}` otherwise. Handles, characters and numbers that JSON does not have are strings. A value that is
    /// too long is `{"left-out": …}` with the text that the transcript has of it.
    ///
    /// Values are in it if the script was [run for it](crate::Script::with_json).
    pub fn to_json(&self) -> String {
        let lines = self.entries.iter().filter_map(|entry| entry.json.as_deref());
        lines.map(|line| format!("{line}\n")).collect::<String>() + &self.end_of_json()
    }

    /// A script that makes the same calls, and answers what the plugin asked with what it was answered: the same questions in
    /// the same order get the same answers. Handles among the arguments match any. What files hold is in it.
    ///
    /// # Errors
    ///
    /// [`RecordError`] if it would be too long or empty, or if text cannot say what was given, asked or answered.
    pub fn script(&self) -> Result<String, RecordError> {
        self.recording.script()
    }

    /// The lines at the end of [`Transcript::to_json`] that are not of [`Transcript::entries`]: what was left out, what came
    /// after it, and what is wrong.
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

/// Entries, how many lines there are more, and the last one.
struct Shown<'a> {
    entries: Vec<&'a Entry>,
    left_out: &'a LeftOut,
    last: Option<&'a Entry>,
}

impl EntryKind {
    /// What it is called in JSON.
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
    /// Adds what is shown of an entry.
    pub(crate) fn add(&mut self, shown: &str) {
        self.lines = self.lines.saturating_add(shown.lines().count());
        self.digest.update(shown);
        self.digest.update("\n");
    }

    /// The digest of the lines.
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
