//! Turns a run into a script that repeats it.

use std::collections::BTreeMap;

use plugwright::wasmtime::component::{ResourceAny, Val};
use plugwright::write_value_whole;

use crate::script::Script;
use crate::script::statement::NOTHING;

/// Why a run cannot be turned into a script.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The calls and answers are longer than a script can be.
    #[error(
        "the calls and answers do not fit into a script, which has at most {} bytes: record fewer calls",
        Script::MOST_BYTES
    )]
    TooLong,
    /// An argument or a result cannot be written as text.
    #[error(
        "`{function}` took or returned {what}, which cannot be written as text: answer it with a host function of your own"
    )]
    Unsayable {
        /// The imported function.
        function: String,
        /// The kind of value: a stream, a future or an error context.
        what: &'static str,
    },
    /// One value has both a file and a handle, so the contents of the file cannot be put into it.
    #[error(
        "an argument has both a file and a handle, so the contents of the file cannot be recorded: write them instead of `file(…)`"
    )]
    FileBesideHandle,
    /// No statement was run.
    #[error("no statement was run, but a script needs at least one: type a call")]
    Empty,
}

/// The calls of a run, with the plugin's calls of imports and their answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recording {
    statements: Vec<String>,
    /// The length of the last statement in its script.
    length: usize,
    /// Each `import TARGET(PATTERNS)` in the order of its first use, with its answers in turn.
    questions: Vec<(String, Answers)>,
    /// For each question, the number of patterns that match anything.
    any: BTreeMap<String, usize>,
    /// For each question, its index in `questions`.
    places: BTreeMap<String, usize>,
    bytes: usize,
    error: Option<RecordError>,
}

/// The answers to a question, in turn.
#[derive(Debug, Clone)]
struct Answers {
    turns: Vec<String>,
    /// How often the last answer was repeated.
    again: usize,
}

/// The answer to a question.
pub(crate) enum Answered<'a> {
    /// The function has no result.
    Nothing,
    Value(&'a Val),
    Trap(&'a str),
}

impl Answers {
    /// Returns by how many bytes the text grows if this answer is added.
    fn more(&self, answer: &str) -> usize {
        match self.turns.last() {
            Some(last) if last != answer => {
                let again = last.len().saturating_add(2).saturating_mul(self.again);
                again.saturating_add(answer.len()).saturating_add(2)
            }
            // The last answer is repeated without being written again.
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
    /// Adds a statement that was run, as its script has it.
    pub(crate) fn statement(&mut self, source: &str) {
        self.count(source.len().saturating_add(1));
        self.length = source.len();
        if self.error.is_none() {
            self.statements.push(source.to_owned());
        }
    }

    /// Replaces an argument of the last statement with its value, because it names a file and the recorded script may
    /// be in another folder. The argument begins `at` bytes into the statement and is `length` bytes long.
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
        // Earlier replacements only change what comes before this argument, so its distance from the end is that in the
        // script.
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
            // The question is gone if this exceeded the limit.
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

    /// Returns the questions, grouped by function. In each group, questions with fewer `_` patterns come first: the first
    /// statement that matches answers, and a question with more `_` patterns also matches what others ask.
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

    /// Counts bytes that were added to the script.
    fn count(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > Script::MOST_BYTES {
            self.error.get_or_insert(RecordError::TooLong);
            self.statements.clear();
            self.questions.clear();
        }
    }
}

/// Returns the pattern for an argument, unless it is too long for a script.
fn pattern(argument: &Val) -> Option<String> {
    let mut has_handle = false;
    let text = write_value_whole(argument, Script::MOST_BYTES, &mut |_: &ResourceAny| {
        has_handle = true;
        String::new()
    });
    // The name of a handle is valid in one instance only.
    if has_handle { Some("_".to_owned()) } else { text }
}

/// Returns the value as text that reads as the same value, unless it is too long for a script.
fn whole(value: &Val) -> Option<String> {
    write_value_whole(value, Script::MOST_BYTES, &mut |_: &ResourceAny| "new".to_owned())
}

/// Returns the first part of the value that cannot be written as text.
fn unsayable(value: &Val) -> Option<&'static str> {
    match value {
        Val::Stream(_) => Some("a stream"),
        Val::Future(_) => Some("a future"),
        Val::ErrorContext(_) => Some("an error context"),
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
