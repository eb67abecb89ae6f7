//! A script that does once more what was done.

use std::collections::BTreeMap;

use plugwright::wasmtime::component::{ResourceAny, Val};
use plugwright::write_value_whole;

use crate::script::Script;
use crate::script::statement::NOTHING;

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
    /// A file and a handle stand in one value, which would have to be written with what is in the file.
    #[error(
        "a file and a handle are in one argument, and what is in the file cannot be written there: type it in the place of `file(…)`"
    )]
    FileBesideHandle,
    /// No statement was done.
    #[error("no statement was done, and a script has one at least: type a call")]
    Empty,
}

/// What was called, and what was asked and answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recording {
    statements: Vec<String>,
    /// How long the last statement is in its script.
    length: usize,
    /// Each `import TARGET(PATTERNS)` in the order of its first use, and what was answered in turn.
    questions: Vec<(String, Answers)>,
    /// How many arguments of each of these match any.
    any: BTreeMap<String, usize>,
    /// Where each question is in these.
    places: BTreeMap<String, usize>,
    bytes: usize,
    error: Option<RecordError>,
}

/// What was answered in turn.
#[derive(Debug, Clone)]
struct Answers {
    turns: Vec<String>,
    /// How many times more the last one was given.
    again: usize,
}

/// What was answered.
pub(crate) enum Answered<'a> {
    /// The function has no result.
    Nothing,
    Value(&'a Val),
    Trap(&'a str),
}

impl Answers {
    /// How many bytes more there are with this one after them.
    fn more(&self, answer: &str) -> usize {
        match self.turns.last() {
            Some(last) if last != answer => {
                let again = last.len().saturating_add(2).saturating_mul(self.again);
                again.saturating_add(answer.len()).saturating_add(2)
            }
            // The last one is given again and again.
            _ => 0,
        }
    }

    fn add(&mut self, answer: String) {
        match self.turns.last().cloned() {
            Some(last) if last != answer => {
                self.turns.extend(std::iter::repeat_n(last, self.again));
                self.again = 0;
                self.turns.push(answer);
            }
            _ => self.again = self.again.saturating_add(1),
        }
    }
}

impl Recording {
    /// Adds a statement that was done, as it stands in its script.
    pub(crate) fn statement(&mut self, source: &str) {
        self.count(source.len().saturating_add(1));
        self.length = source.len();
        if self.error.is_none() {
            self.statements.push(source.to_owned());
        }
    }

    /// Puts the value in the place of an argument of the last statement, which names a file, as files have their place beside
    /// one script. The argument begins `at` bytes into the statement and is `length` bytes long.
    pub(crate) fn argument(&mut self, at: usize, length: usize, value: &Val) {
        let mut has_handle = false;
        let text = write_value_whole(value, Script::MOST_BYTES, &mut |_: &ResourceAny| {
            has_handle = true;
            String::new()
        });
        if has_handle {
            self.error.get_or_insert(RecordError::FileBesideHandle);
            return;
        }
        let Some(text) = text else { return self.count(Script::MOST_BYTES.saturating_add(1)) };
        self.count(text.len());
        // What comes after it stands as far from the end as in the script, whatever was put before it.
        let behind = self.length.saturating_sub(at);
        if let Some(statement) = self.statements.last_mut() {
            let begin = statement.len().saturating_sub(behind);
            let end = begin.saturating_add(length).min(statement.len());
            if statement.is_char_boundary(begin) && statement.is_char_boundary(end) {
                statement.replace_range(begin..end, &text);
            }
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
            Answered::Nothing => Some(NOTHING.to_owned()),
            Answered::Value(value) => whole(value),
            Answered::Trap(words) => {
                whole(&Val::String((*words).to_owned())).map(|words| format!("trap {words}"))
            }
        };
        let Some((patterns, answer)) = patterns.zip(answer) else {
            return self.count(Script::MOST_BYTES.saturating_add(1));
        };
        let question = format!("import {function}({})", patterns.join(", "));
        let place = self.places.get(&question).copied();
        if let Some((_, answers)) = place.and_then(|place| self.questions.get_mut(place)) {
            let more = answers.more(&answer);
            self.count(more);
            // Unless that was too much.
            if let Some((_, answers)) = place.and_then(|place| self.questions.get_mut(place)) {
                answers.add(answer);
            }
            return;
        }
        self.count(question.len().saturating_add(answer.len()));
        let any = patterns.iter().filter(|pattern| *pattern == "_").count();
        self.any.insert(question.clone(), any);
        self.places.insert(question.clone(), self.questions.len());
        self.questions.push((question, Answers { turns: vec![answer], again: 0 }));
    }

    pub(crate) fn script(&self) -> Result<String, RecordError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        if self.statements.is_empty() {
            return Err(RecordError::Empty);
        }
        let mut text = String::new();
        for (question, answers) in self.ordered() {
            text.push_str(question);
            if answers.turns != [NOTHING] {
                text.push_str(" = ");
                text.push_str(&answers.turns.join(", "));
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
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > Script::MOST_BYTES {
            self.error.get_or_insert(RecordError::TooLong);
            self.statements.clear();
            self.questions.clear();
        }
    }
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
