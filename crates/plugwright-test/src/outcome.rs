//! What came out of a case: the one type that every case snapshots.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plugwright::{CallError, Exceeded, LogLine, LogSource, sha256};

use crate::case_error::{CaseError, told};
use crate::front::Expectation;

/// What came out of a case: a result, a failure, a trap or a limit, and all that the plugin said meanwhile.
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

/// More of a result, below a heading of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Section {
    title: String,
    lines: Vec<String>,
}

/// What a plugin says during calls, kept: its [sink](Heard::sink) is given to
/// [`Plugin::with_log`](plugwright::Plugin::with_log).
#[derive(Debug, Clone, Default)]
pub struct Heard(Arc<Mutex<Vec<LogLine>>>);

impl Heard {
    /// Where the plugin's lines go to.
    pub fn sink(&self) -> impl Fn(LogLine) + Send + Sync + 'static {
        let heard = self.clone();
        move |line| heard.lines().push(line)
    }

    /// The lines up to now, which are then gone from here.
    pub fn take(&self) -> Vec<LogLine> {
        std::mem::take(&mut *self.lines())
    }

    fn lines(&self) -> MutexGuard<'_, Vec<LogLine>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outcome {
    /// A result: `kind` says of what kind it is, in a few words, and `text` is all of it.
    pub fn result(kind: impl Into<String>, text: impl Into<String>) -> Self {
        Self::of_answer(Answer::Result { kind: kind.into(), text: text.into() })
    }

    /// What came of several calls, as a text that tells all of it, what the plugin said included; `kind` is what that
    /// comes to.
    pub fn transcript(kind: Expectation, text: impl Into<String>) -> Self {
        Self::of_answer(Answer::Transcript { kind, text: text.into() })
    }

    /// What came of a call that gave the result `answer`, or none, and what was heard of the plugin meanwhile.
    ///
    /// # Errors
    ///
    /// [`CaseError::Call`] if the call was not made, for a reason that is not the plugin's.
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

    /// The same with a section below the result, which has a heading, unless it has no lines.
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

    /// What kind of outcome it is.
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

/// The bytes as text, or how many they are and their digest if they are none.
pub fn bytes_as_text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            format!("{} bytes that are not UTF-8, SHA-256 {}", bytes.len(), sha256(bytes))
        }
    }
}

/// A heading for each part that is not empty, and the part below it.
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
