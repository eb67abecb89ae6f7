//! What happens while a script runs, written down by all that take part: the script, its answers and the plugin's log.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plugwright::{LogLine, LogSource};
use serde_json::Value;

use crate::script::json::object;
use crate::script::recording::Recording;
use crate::script::trace::Trace;
use crate::script::transcript::{Entry, EntryKind, LeftOut, Transcript};

/// What is written down, shared by all that write.
#[derive(Clone)]
pub(crate) struct Recorder {
    recorded: Arc<Mutex<Recorded>>,
    /// Whether values are written down in JSON, too.
    has_json: bool,
    /// Hears each entry as it is written down.
    listener: Arc<dyn Fn(&Entry) + Send + Sync>,
}

/// What was written down up to now.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    pub(crate) entries: Vec<Entry>,
    pub(crate) left_out: LeftOut,
    /// What came out of the last call, or ended it, if it is short and comes after what is left out.
    pub(crate) last: Option<Entry>,
    bytes: usize,
    pub(crate) recording: Recording,
    /// What is done value by value, if that is asked for.
    pub(crate) trace: Option<Trace>,
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
    pub(crate) fn new(has_json: bool, listener: impl Fn(&Entry) + Send + Sync + 'static) -> Self {
        Self { recorded: Arc::default(), has_json, listener: Arc::new(listener) }
    }

    /// Writes values down, too.
    pub(crate) fn tracing(self) -> Self {
        self.recorded().trace = Some(Trace::default());
        self
    }

    pub(crate) fn recorded(&self) -> MutexGuard<'_, Recorded> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down an entry.
    pub(crate) fn push(&self, kind: EntryKind, text: impl Into<String>) {
        self.push_with(kind, text.into(), |text| Value::from(text));
    }

    /// Writes down an entry that `json` gives in JSON, if that is asked for, out of its text.
    pub(crate) fn push_with(
        &self,
        kind: EntryKind,
        text: String,
        json: impl FnOnce(&str) -> Value,
    ) {
        let json = self.has_json.then(|| object(kind.key(), json(&text)).to_string());
        let entry = Entry { kind, text, json };
        let shown = entry.to_string();
        let json = entry.json.as_ref().map_or(0, String::len);
        let mut recorded = self.recorded();
        let own = shown.len().saturating_add(json).saturating_add(1);
        let bytes = recorded.bytes.saturating_add(own);
        let is_full = recorded.left_out.lines > 0 || recorded.last.is_some();
        if !is_full && bytes <= Transcript::MOST_BYTES {
            recorded.bytes = bytes;
            // Under the lock, so that it hears them in order.
            (self.listener)(&entry);
            recorded.entries.push(entry);
        } else if kind != EntryKind::Frame {
            if let Some(last) = recorded.last.take() {
                recorded.left_out.add(&last.to_string());
            }
            match kind {
                EntryKind::Result | EntryKind::End if own <= Transcript::MOST_BYTES_OF_LAST => {
                    recorded.last = Some(entry);
                }
                _ => recorded.left_out.add(&shown),
            }
        }
    }

    /// Writes down what the plugin wrote, as it is, if values are written down.
    pub(crate) fn written(&self, source: LogSource, bytes: &[u8]) {
        if let Some(trace) = &mut self.recorded().trace {
            trace.write(source, bytes);
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
