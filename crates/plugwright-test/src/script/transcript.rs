//! What came of a script: its calls, what the plugin asked and said meanwhile, and what came out.

use std::fmt;

use serde_json::{Map, Value};

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
    /// How many lines there are more than fit.
    pub(crate) left_out: usize,
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
    /// Of a result, its value in JSON; of what the plugin called, an object with the `function`, its `arguments`, and the
    /// `answer` if there is one.
    pub value: Option<Value>,
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
    /// How long a transcript is at most, in bytes. How many lines more there would be is then its last one.
    pub const MOST_BYTES: usize = 1 << 20;

    /// The entries, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The transcript as a snapshot keeps it: without the functions that were running when a call ended, which are others
    /// when the plugin is built by another compiler, or has no symbols beside it.
    pub fn snapshot(&self) -> String {
        let entries = Vec::from_iter(self.entries.iter().filter(|it| it.kind != EntryKind::Frame));
        Shown { entries, left_out: self.left_out }.to_string()
    }

    /// What the last call came to.
    pub fn ending(&self) -> Ending {
        self.ending
    }

    /// What is wrong with the script, if it could not be done to its end.
    pub fn error(&self) -> Option<&ScriptError> {
        self.error.as_ref()
    }

    /// The transcript as JSON, an object a line. Its key says what it is: `statement`, `import`, `log`, `result`, `end` or
    /// `frame`; results and what is imported are values, as far as JSON has them, and all else is text.
    ///
    /// Records are objects, lists and tuples arrays, enums and cases without a value strings, other cases objects of one key.
    /// An option is `null` or its value, and `{"some": …}` where that can be `null` itself. Bytes are `{"utf8": …}` if they are
    /// text, and `{"base64": …}` otherwise. Handles, characters and numbers that JSON does not have are strings.
    pub fn to_json(&self) -> String {
        self.entries.iter().map(|entry| format!("{}\n", entry.to_json())).collect()
    }

    /// A script that makes the same calls, and answers what the plugin asked with what it was answered: the same questions in
    /// the same order get the same answers. Handles among the arguments match any.
    ///
    /// # Errors
    ///
    /// [`RecordError`] if it would be too long, or if text cannot say what was asked or answered.
    pub fn script(&self) -> Result<String, RecordError> {
        self.recording.script()
    }
}

/// Entries, and how many lines there are more.
struct Shown<'a> {
    entries: Vec<&'a Entry>,
    left_out: usize,
}

impl Entry {
    /// The entry as it is in [`Transcript::to_json`].
    pub fn to_json(&self) -> Value {
        let key = match self.kind {
            EntryKind::Statement => "statement",
            EntryKind::Import => "import",
            EntryKind::Log => "log",
            EntryKind::Result => "result",
            EntryKind::End => "end",
            EntryKind::Frame => "frame",
        };
        let text = || match self.kind {
            // Of a function without a result there is none.
            EntryKind::Result => Value::Null,
            _ => Value::from(&*self.text),
        };
        let value = self.value.clone().unwrap_or_else(text);
        Value::Object(Map::from_iter([(key.to_owned(), value)]))
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.entries.iter().collect();
        fmt::Display::fmt(&Shown { entries, left_out: self.left_out }, f)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for entry in &self.entries {
            writeln!(f, "{entry}")?;
        }
        match self.left_out {
            0 => Ok(()),
            more => writeln!(f, "… and {more} more lines"),
        }
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
