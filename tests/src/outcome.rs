//! What came out of a call: the one type that every case snapshots.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use plugwright::{CallError, Exceeded, LOG_TARGET, Plugin, World};
use plugwright_contract::prelude::*;
use plugwright_contract::{Attribute, Document, Setting, Transformer};
use sha2::{Digest as _, Sha256};
use tracing::field::{Field, Visit};
use tracing::span;

use crate::Expectation;

/// What came out of a call: a result, a failure, a trap or a limit, and all that the plugin said meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "snapshot it"]
pub struct Outcome {
    answer: Answer,
    lines: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    Result(Value),
    Failure(String),
    Trap { reason: String },
    Limit(Exceeded),
}

/// A result: text, or a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value {
    kind: String,
    body: Vec<u8>,
    attributes: Vec<Attribute>,
}

/// A line that the plugin logged or wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Line {
    source: String,
    level: String,
    message: String,
    fields: String,
}

/// Makes the call and listens to the plugin meanwhile.
pub(crate) fn of<F: fmt::Debug + fmt::Display>(
    call: impl FnOnce() -> Result<Value, CallError<F>>,
) -> Outcome {
    let listener = Listener::default();
    let answer = tracing::subscriber::with_default(listener.clone(), call);
    let lines = std::mem::take(&mut *listener.lines());
    let answer = match answer {
        Ok(value) => Answer::Result(value),
        Err(CallError::Refused { failure, .. }) => Answer::Failure(failure.to_string()),
        Err(CallError::Trapped { reason, .. }) => Answer::Trap { reason: reason.to_string() },
        Err(CallError::Exceeded { exceeded, .. }) => Answer::Limit(exceeded),
        Err(other) => panic!("an outcome that tests do not know: {other}"),
    };
    Outcome { answer, lines }
}

impl Outcome {
    /// Turns the document into another, and tells what came out of it.
    pub fn of_transform<W: World<Data = ()> + AsRef<Transformer>>(
        plugin: &Plugin<W>,
        document: &Document,
        options: &[Setting],
    ) -> Self {
        of(|| plugin.transform(document, options).map(Into::into))
    }

    /// What kind of outcome it is.
    pub fn kind(&self) -> Expectation {
        match self.answer {
            Answer::Result(_) => Expectation::Result,
            Answer::Failure(_) => Expectation::Failure,
            Answer::Trap { .. } => Expectation::Trap,
            Answer::Limit(_) => Expectation::Limit,
        }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self { kind: "text".to_owned(), body: text.into_bytes(), attributes: Vec::new() }
    }
}

impl From<Document> for Value {
    fn from(document: Document) -> Self {
        let Document { name, media_type, body, attributes } = document;
        Self { kind: format!("{name}, {media_type}"), body, attributes }
    }
}

/// A heading for each part that is not empty, and the part below it.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.answer {
            Answer::Result(Value { kind, body, attributes }) => {
                writeln!(f, "result: {kind}")?;
                match std::str::from_utf8(body) {
                    Ok(text) => writeln!(f, "{text}")?,
                    Err(_) => {
                        let digest: String =
                            Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
                        writeln!(f, "{} bytes that are not UTF-8, SHA-256 {digest}", body.len())?;
                    }
                }
                if !attributes.is_empty() {
                    writeln!(f, "── attributes")?;
                }
                for Attribute { key, value } in attributes {
                    writeln!(f, "{key}: {value:?}")?;
                }
            }
            Answer::Failure(failure) => writeln!(f, "failure: {failure}")?,
            Answer::Trap { reason } => writeln!(f, "trap: {reason}")?,
            Answer::Limit(exceeded) => writeln!(f, "limit: {exceeded}")?,
        }
        for source in ["log", "stdout", "stderr"] {
            let mut lines = self.lines.iter().filter(|line| line.source == source).peekable();
            if lines.peek().is_some() {
                writeln!(f, "── {source}")?;
            }
            for Line { level, message, fields, .. } in lines {
                match (source, fields.is_empty()) {
                    ("log", true) => writeln!(f, "{level} {message}")?,
                    ("log", false) => writeln!(f, "{level} {message} {fields}")?,
                    _ => writeln!(f, "{message}")?,
                }
            }
        }
        Ok(())
    }
}

/// A `tracing` subscriber that keeps what plugins say.
#[derive(Debug, Clone, Default)]
struct Listener(Arc<Mutex<Vec<Line>>>);

impl Listener {
    fn lines(&self) -> std::sync::MutexGuard<'_, Vec<Line>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl tracing::Subscriber for Listener {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == LOG_TARGET
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let level = event.metadata().level().to_string().to_lowercase();
        let mut line = Line { level, ..Line::default() };
        event.record(&mut line);
        self.lines().push(line);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "source" {
            value.clone_into(&mut self.source);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            "fields" => self.fields = format!("{value:?}"),
            _ => {}
        }
    }
}

/// The text with a letter in the place of the last number of WASI's versions, which is the standard library's.
pub fn wasi_versions_masked(text: &str) -> String {
    let masked = |line: &str| {
        let mut parts = line.split("wasi:");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |before, part| match part.split_once("@0.2.") {
            Some((name, rest)) => {
                let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
                format!("{before}wasi:{name}@0.2.N{rest}")
            }
            None => format!("{before}wasi:{part}"),
        })
    };
    text.split_inclusive('\n').map(masked).collect()
}
