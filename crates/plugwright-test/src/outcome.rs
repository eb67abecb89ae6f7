//! The outcome of a case, which becomes its snapshot.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plugwright::{CallError, Exceeded, LogLine, LogSource, sha256};

use crate::case_error::{CaseError, told};
use crate::front::Expectation;

/// The outcome of a case: a result, a failure, a trap or an exceeded limit, and everything that the plugin logged and
/// printed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "snapshot it"]
pub struct Outcome {
    answer: Answer,
    sections: Vec<Section>,
    lines: Vec<LogLine>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    Result { kind: String, text: String },
    Failure(String),
    Trap { reason: String },
    Limit(Exceeded),
    Transcript { kind: Expectation, text: String },
}

/// A further part of a result, with its own heading.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Section {
    title: String,
    lines: Vec<String>,
}

/// Collects the lines that a plugin logs and prints during calls. Pass its [sink](Heard::sink) to
/// [`Plugin::with_log`](plugwright::Plugin::with_log).
#[derive(Debug, Clone, Default)]
pub struct Heard(Arc<Mutex<Vec<LogLine>>>);

impl Heard {
    /// Returns a function that collects the plugin's lines here.
    pub fn sink(&self) -> impl Fn(LogLine) + Send + Sync + 'static {
        let heard = self.clone();
        move |line| heard.lines().push(line)
    }

    /// Removes and returns the lines so far.
    pub fn take(&self) -> Vec<LogLine> {
        std::mem::take(&mut *self.lines())
    }

    fn lines(&self) -> MutexGuard<'_, Vec<LogLine>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outcome {
    /// Makes the outcome of a result. `kind` names the kind of result in a few words, and `text` is the whole result.
    pub fn result(kind: impl Into<String>, text: impl Into<String>) -> Self {
        Self::of_answer(Answer::Result { kind: kind.into(), text: text.into() })
    }

    /// Makes the outcome of several calls. `text` tells everything, including what the plugin logged and printed.
    /// `kind` is the kind of the whole outcome.
    pub fn transcript(kind: Expectation, text: impl Into<String>) -> Self {
        Self::of_answer(Answer::Transcript { kind, text: text.into() })
    }

    /// Makes the outcome of a call from its answer and the lines that the plugin logged and printed.
    ///
    /// # Errors
    ///
    /// Returns [`CaseError::Call`] if the call was not made and the plugin is not the cause.
    pub fn of<F: fmt::Debug + fmt::Display + 'static>(
        answer: Result<Self, CallError<F>>,
        heard: &Heard,
    ) -> Result<Self, CaseError> {
        let outcome = match answer {
            Ok(outcome) => outcome,
            Err(CallError::Refused { failure, .. }) => {
                Self::of_answer(Answer::Failure(failure.to_string()))
            }
            Err(CallError::Trapped { reason, .. }) => {
                Self::of_answer(Answer::Trap { reason: reason.to_string() })
            }
            Err(CallError::Exceeded { exceeded, .. }) => Self::of_answer(Answer::Limit(exceeded)),
            Err(other) => return Err(CaseError::Call(told(&other).into())),
        };
        Ok(Self { lines: heard.take(), ..outcome })
    }

    /// Adds a section with a heading below the result, unless it has no lines.
    pub fn with_section(
        mut self,
        title: impl Into<String>,
        lines: impl IntoIterator<Item = String>,
    ) -> Self {
        let lines: Vec<_> = lines.into_iter().collect();
        if !lines.is_empty() {
            self.sections.push(Section { title: title.into(), lines });
        }
        self
    }

    /// Returns the kind of outcome.
    pub fn kind(&self) -> Expectation {
        match self.answer {
            Answer::Result { .. } => Expectation::Result,
            Answer::Failure(_) => Expectation::Failure,
            Answer::Trap { .. } => Expectation::Trap,
            Answer::Limit(_) => Expectation::Limit,
            Answer::Transcript { kind, .. } => kind,
        }
    }

    fn of_answer(answer: Answer) -> Self {
        Self { answer, sections: Vec::new(), lines: Vec::new() }
    }
}

/// Returns the bytes as text, or their number and digest if they are not UTF-8.
pub fn bytes_as_text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            format!("{} bytes that are not UTF-8, SHA-256 {}", bytes.len(), sha256(bytes))
        }
    }
}

/// Shows each part that is not empty below a heading.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.answer {
            Answer::Result { kind, text } => writeln!(f, "result: {kind}\n{text}")?,
            Answer::Failure(failure) => writeln!(f, "failure: {failure}")?,
            Answer::Trap { reason } => writeln!(f, "trap: {reason}")?,
            Answer::Limit(exceeded) => writeln!(f, "limit: {exceeded}")?,
            Answer::Transcript { text, .. } => writeln!(f, "{}", text.trim_end_matches('\n'))?,
        }
        for Section { title, lines } in &self.sections {
            writeln!(f, "── {title}")?;
            lines.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        }
        for (title, source) in
            [("log", LogSource::Log), ("stdout", LogSource::Stdout), ("stderr", LogSource::Stderr)]
        {
            let mut lines = self.lines.iter().filter(|line| line.source == source).peekable();
            if lines.peek().is_some() {
                writeln!(f, "── {title}")?;
            }
            for line in lines {
                let message = line.message.indented();
                match (source, line.fields.is_empty()) {
                    (LogSource::Log, true) => writeln!(f, "{} {message}", line.level)?,
                    (LogSource::Log, false) => {
                        writeln!(f, "{} {message} {}", line.level, line.pairs())?;
                    }
                    _ => writeln!(f, "{message}")?,
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_has_a_heading_unless_it_is_empty() {
        let outcome = Outcome::result("text", bytes_as_text(b"a"));
        let outcome = outcome.with_section("none", []).with_section("more", ["b".to_owned()]);
        assert_eq!(outcome.to_string(), "result: text\na\n── more\nb\n");
        assert_eq!(outcome.kind(), Expectation::Result);
        let transcript = Outcome::transcript(Expectation::Trap, "> a()\n! trap\n");
        assert_eq!(transcript.to_string(), "> a()\n! trap\n");
        assert_eq!(transcript.kind(), Expectation::Trap);
    }

    #[test]
    fn what_is_no_text_is_counted() {
        let digest = "a8100ae6aa1940d0b663bb31cd466142ebbdbd5187131b92d93818987832eb89";
        assert_eq!(bytes_as_text(b"\xff"), format!("1 bytes that are not UTF-8, SHA-256 {digest}"));
    }
}
