//! The recorder of a running script. The script, its answers and the plugin's log write to it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plugwright::{LogLine, LogSource};
use serde_json::Value;

use crate::script::json::object;
use crate::script::recording::Recording;
use crate::script::trace::Trace;
use crate::script::transcript::{Entry, EntryKind, LeftOut, Transcript};

/// The recorder, which all writers share.
#[derive(Clone)]
pub(crate) struct Recorder {
    recorded: Arc<Mutex<Recorded>>,
    /// Whether entries also have JSON.
    has_json: bool,
    /// Gets each entry when it is recorded.
    listener: Arc<dyn Fn(&Entry) + Send + Sync>,
}

/// Everything that has been recorded so far.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    pub(crate) entries: Vec<Entry>,
    pub(crate) left_out: LeftOut,
    /// The end or the result of the last call, if it is short and comes after entries that were left out.
    pub(crate) last: Option<Entry>,
    bytes: usize,
    pub(crate) recording: Recording,
    /// The trace of all values, if the caller wants one.
    pub(crate) trace: Option<Trace>,
    /// A mistake of the script that was found while the plugin was running, and ended it.
    pub(crate) problem: Option<Problem>,
    /// Where the running statement begins, as a byte offset in the script.
    pub(crate) statement_at: usize,
}

/// What is wrong with a script, and where, as a byte offset in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) at: usize,
    pub(crate) message: String,
}

impl Recorder {
    pub(crate) fn new(has_json: bool, listener: impl Fn(&Entry) + Send + Sync + 'static) -> Self {
        Self { recorded: Arc::default(), has_json, listener: Arc::new(listener) }
    }

    /// Makes the recorder also keep a trace of all values.
    pub(crate) fn tracing(self) -> Self {
        self.recorded().trace = Some(Trace::default());
        self
    }

    pub(crate) fn recorded(&self) -> MutexGuard<'_, Recorded> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records an entry.
    pub(crate) fn push(&self, kind: EntryKind, text: impl Into<String>) {
        self.push_with(kind, text.into(), |text| Value::from(text));
    }

    /// Records an entry. `json` makes its JSON from its text, if entries have JSON.
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
            // The lock is held, so that the listener gets the entries in order.
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

    /// Records the bytes that the plugin wrote, if there is a trace.
    pub(crate) fn written(&self, source: LogSource, bytes: &[u8]) {
        if let Some(trace) = &mut self.recorded().trace {
            trace.write(source, bytes);
        }
    }

    /// Records a line that the plugin logged or printed.
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
