//! A script that does once more what was done.

use std::collections::BTreeMap;

use plugwright::wasmtime::component::{ResourceAny, Val};
use plugwright::write_value_whole;

use crate::script::Script;

/// Why there is no script of a run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// What was asked and answered is more than a script can have.
    #[error(
        "what was called and answered is longer than a script can be, {} bytes: record fewer calls",
        Script::MOST_BYTES
    )]
    TooLong,
    /// Text cannot say what went through a function.
    #[error(
        "`{function}` was given or gave {what}, which text cannot say: answer it by a function of your own"
    )]
    Unsayable {
        /// The function, which the plugin imports.
        function: String,
        /// What it was: a stream, a future or the context of an error.
        what: &'static str,
    },
}

/// What was called, and what was asked and answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recording {
    statements: Vec<String>,
    /// Each `import TARGET(PATTERNS)` in the order of its first use, and what was answered in turn.
    questions: Vec<(String, Answers)>,
    /// How many arguments of each of these match any.
    any: BTreeMap<String, usize>,
    /// Where each question is in these.
    places: BTreeMap<String, usize>,
    bytes: usize,
    error: Option<RecordError>,
}

#[derive(Debug, Clone)]
enum Answers {
    Nothing,
    Values(Vec<String>),
    Trap(String),
}

/// What was answered.
pub(crate) enum Answered<'a> {
    /// The function has no result.
    Nothing,
    Value(&'a Val),
    Trap(&'a str),
}

impl Recording {
    /// Adds a statement that was done, as it stands in its script.
    pub(crate) fn statement(&mut self, source: &str) {
        self.count(source.len());
        if self.error.is_none() {
            self.statements.push(source.to_owned());
        }
    }

    /// Adds a question and its answer.
    pub(crate) fn question(&mut self, function: &str, arguments: &[Val], answer: &Answered<'_>) {
        if self.error.is_some() {
            return;
        }
        let result = match answer {
            Answered::Value(value) => Some(*value),
            _ => None,
        };
        if let Some(what) = arguments.iter().chain(result).find_map(unsayable) {
            self.error = Some(RecordError::Unsayable { function: function.to_owned(), what });
            return;
        }
        let patterns: Option<Vec<_>> = arguments.iter().map(pattern).collect();
        let answer = match answer {
            Answered::Nothing => Some(Answers::Nothing),
            Answered::Value(value) => whole(value).map(|it| Answers::Values(vec![it])),
            Answered::Trap(words) => whole(&Val::String((*words).to_owned())).map(Answers::Trap),
        };
        let Some((patterns, answer)) = patterns.zip(answer) else {
            return self.count(Script::MOST_BYTES);
        };
        let question = format!("import {function}({})", patterns.join(", "));
        self.count(match &answer {
            Answers::Nothing => 0,
            Answers::Values(values) => {
                values.iter().map(|value| value.len().saturating_add(2)).sum()
            }
            Answers::Trap(words) => words.len(),
        });
        let place = self.places.get(&question).and_then(|place| self.questions.get_mut(*place));
        match (place, answer) {
            (Some((_, Answers::Values(answers))), Answers::Values(new)) => answers.extend(new),
            // The call ended with it, or there is nothing to tell apart.
            (Some(_), _) => {}
            (None, answer) => {
                self.count(question.len());
                let any = patterns.iter().filter(|pattern| *pattern == "_").count();
                self.any.insert(question.clone(), any);
                self.places.insert(question.clone(), self.questions.len());
                self.questions.push((question, answer));
            }
        }
    }

    pub(crate) fn script(&self) -> Result<String, RecordError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        let mut text = String::new();
        for (question, answers) in self.ordered() {
            text.push_str(question);
            match answers {
                Answers::Nothing => {}
                Answers::Values(values) => {
                    text.push_str(" = ");
                    text.push_str(&shortened(values).join(", "));
                }
                Answers::Trap(words) => {
                    text.push_str(" = trap ");
                    text.push_str(words);
                }
            }
            text.push('\n');
        }
        if !self.questions.is_empty() {
            text.push('\n');
        }
        for statement in &self.statements {
            text.push_str(statement);
            text.push('\n');
        }
        if text.len() > Script::MOST_BYTES { Err(RecordError::TooLong) } else { Ok(text) }
    }

    /// The questions, each function's together, and of these the ones with the most arguments that match any at the end: the
    /// first one that matches is answered, and these match what others ask.
    fn ordered(&self) -> Vec<&(String, Answers)> {
        fn function(question: &str) -> &str {
            question.split('(').next().unwrap_or(question)
        }
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        for (number, (question, _)) in self.questions.iter().enumerate() {
            first.entry(function(question)).or_insert(number);
        }
        let mut ordered: Vec<_> = self.questions.iter().collect();
        ordered.sort_by_key(|(question, _)| {
            let any = self.any.get(question).copied().unwrap_or_default();
            (first.get(function(question)).copied(), any)
        });
        ordered
    }

    /// Counts what the script has more than before.
    fn count(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes).saturating_add(1);
        if self.bytes > Script::MOST_BYTES {
            self.error.get_or_insert(RecordError::TooLong);
            self.statements.clear();
            self.questions.clear();
        }
    }
}

/// The answers without those at the end that are the same: the last one is given again and again.
fn shortened(answers: &[String]) -> &[String] {
    let Some(last) = answers.last() else { return answers };
    let same = answers.iter().rev().take_while(|answer| *answer == last).count();
    answers.get(..answers.len().saturating_sub(same).saturating_add(1)).unwrap_or(answers)
}

/// What an argument is matched by, if a script can have that much.
fn pattern(argument: &Val) -> Option<String> {
    let mut has_handle = false;
    let text = write_value_whole(argument, Script::MOST_BYTES, &mut |_: &ResourceAny| {
        has_handle = true;
        String::new()
    });
    // Handles have names of one instance.
    if has_handle { Some("_".to_owned()) } else { text }
}

/// The value as text that is read as the same value, if a script can have that much.
fn whole(value: &Val) -> Option<String> {
    write_value_whole(value, Script::MOST_BYTES, &mut |_: &ResourceAny| "new".to_owned())
}

/// What of the value text cannot say, if anything.
fn unsayable(value: &Val) -> Option<&'static str> {
    match value {
        Val::Stream(_) => Some("a stream"),
        Val::Future(_) => Some("a future"),
        Val::ErrorContext(_) => Some("the context of an error"),
        Val::List(values) | Val::Tuple(values) | Val::FixedLengthList(values) => {
            values.iter().find_map(unsayable)
        }
        Val::Map(entries) => {
            entries.iter().find_map(|(key, value)| unsayable(key).or_else(|| unsayable(value)))
        }
        Val::Record(fields) => fields.iter().find_map(|(_, value)| unsayable(value)),
        Val::Variant(_, value) | Val::Option(value) => value.as_deref().and_then(unsayable),
        Val::Result(Ok(value) | Err(value)) => value.as_deref().and_then(unsayable),
        _ => None,
    }
}
