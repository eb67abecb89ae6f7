//! What happens while a script runs, written down by all that take part: the script, its answers and the plugin's log.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plugwright::{LogLine, LogSource};
use serde_json::Value;

use crate::script::recording::Recording;
use crate::script::transcript::{Entry, EntryKind, Transcript};

/// What is written down, shared by all that write.
#[derive(Clone)]
pub(crate) struct Recorder {
    recorded: Arc<Mutex<Recorded>>,
    /// Hears each entry as it is written down.
    listener: Arc<dyn Fn(&Entry) + Send + Sync>,
}

/// What was written down up to now.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    pub(crate) entries: Vec<Entry>,
    pub(crate) left_out: usize,
    bytes: usize,
    pub(crate) recording: Recording,
    /// What is found to be wrong with the script while the plugin runs, which ends.
    pub(crate) problem: Option<Problem>,
    /// Where the statement begins that is being done, in bytes of the script.
    pub(crate) statement_at: usize,
}

/// What is wrong with a script, and where, in bytes of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) at: usize,
    pub(crate) message: String,
}

impl Recorder {
    pub(crate) fn new(listener: impl Fn(&Entry) + Send + Sync + 'static) -> Self {
        Self { recorded: Arc::default(), listener: Arc::new(listener) }
    }

    pub(crate) fn recorded(&self) -> MutexGuard<'_, Recorded> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down an entry.
    pub(crate) fn push(&self, kind: EntryKind, text: impl Into<String>) {
        self.push_with(kind, text.into(), None);
    }

    /// Writes down an entry of values, which are in JSON, too.
    pub(crate) fn push_with(&self, kind: EntryKind, text: String, value: Option<Value>) {
        let entry = Entry { kind, text, value };
        let shown = entry.to_string();
        let mut recorded = self.recorded();
        let bytes = recorded.bytes.saturating_add(shown.len()).saturating_add(1);
        if recorded.left_out == 0 && bytes <= Transcript::MOST_BYTES {
            recorded.bytes = bytes;
            // Under the lock, so that it hears them in order.
            (self.listener)(&entry);
            recorded.entries.push(entry);
        } else {
            recorded.left_out = recorded.left_out.saturating_add(shown.lines().count());
        }
    }

    /// Writes down a line that the plugin logged or wrote.
    pub(crate) fn log(&self, line: &LogLine) {
        let LogLine { source, level, message, fields, .. } = line;
        let message = message.whole();
        let text = match source {
            LogSource::Stdout => format!("stdout: {message}").trim_end().to_owned(),
            LogSource::Stderr => format!("stderr: {message}").trim_end().to_owned(),
            _ if fields.is_empty() => format!("log {level} {message}"),
            _ => format!("log {level} {message} {}", line.pairs()),
        };
        self.push(EntryKind::Log, text);
    }
}
