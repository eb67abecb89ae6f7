//! Calls of imported functions, as transcripts and recordings show them.

use std::collections::BTreeSet;

use plugwright::wasmtime::component::{ResourceAny, Val};
use plugwright::{FunctionName, Functions, write_value};
use serde_json::Value as Json;

use crate::script::json::bounded;
use crate::script::recorder::Recorder;
use crate::script::recording::Answered;
use crate::script::session::COLUMNS;
use crate::script::transcript::EntryKind;

/// The greatest number of bytes of an argument or an answer that are shown.
const MOST_OF_VALUE: usize = 64 << 10;

/// The short names that several imported functions of a plugin share.
pub(crate) struct Ambiguous(BTreeSet<String>);

impl Ambiguous {
    pub(crate) fn of(functions: &Functions) -> Self {
        let names = functions.imported().iter().map(FunctionName::short);
        Self(names.filter(|short| functions.find_imported(short).is_err()).collect())
    }

    /// Returns the shortest unambiguous name of the function.
    pub(crate) fn name(&self, function: &FunctionName) -> String {
        let short = function.short();
        if self.0.contains(&short) { function.whole() } else { short }
    }
}

/// A call of an imported function.
pub(crate) struct Imported<'a> {
    pub(crate) name: &'a str,
    pub(crate) function: &'a FunctionName,
    pub(crate) arguments: &'a [Val],
    /// The arguments as text.
    pub(crate) shown: &'a [String],
}

/// Returns the value as transcripts show it.
pub(crate) fn shown(value: &Val, handle: &mut dyn FnMut(&ResourceAny) -> String) -> String {
    write_value(value, COLUMNS, MOST_OF_VALUE, handle)
}

impl Imported<'_> {
    /// Records the call and its answer. `answer` is the text of the answer.
    pub(crate) fn tell(
        &self,
        recorder: &Recorder,
        answered: &Answered<'_>,
        answer: Option<&str>,
        handle: &mut dyn FnMut(&ResourceAny) -> String,
    ) {
        let Self { name, function, arguments, shown } = self;
        let mut text = format!("{name}({})", shown.join(", "));
        let equals = answer.map_or_else(String::new, |answer| format!(" = {answer}"));
        let is_wide = text.chars().count().saturating_add(equals.chars().count()) > COLUMNS;
        if !shown.is_empty() && (text.contains('\n') || is_wide) {
            let lines = shown.iter().map(|it| format!("  {},\n", it.replace('\n', "\n  ")));
            text = format!("{name}(\n{})", lines.collect::<String>());
        }
        let json = |_: &str| self.json(answered, answer, handle);
        recorder.push_with(EntryKind::Import, text + &equals, json);
        let mut recorded = recorder.recorded();
        recorded.recording.question(name, arguments, answered);
        if let Some(trace) = &mut recorded.trace {
            trace.ask(function, arguments, answered, handle);
        }
    }

    /// Returns the call and its answer as JSON.
    fn json(
        &self,
        answered: &Answered<'_>,
        answer: Option<&str>,
        handle: &mut dyn FnMut(&ResourceAny) -> String,
    ) -> Json {
        let mut json = |value, shown| bounded(value, MOST_OF_VALUE, shown, handle);
        let arguments = self.arguments.iter().zip(self.shown);
        let arguments = arguments.map(|(value, shown)| json(value, shown)).collect();
        let answer = answer.unwrap_or_default();
        let mut fields =
            vec![("function", Json::from(self.name)), ("arguments", Json::Array(arguments))];
        match answered {
            Answered::Nothing => {}
            Answered::Value(value) => fields.push(("answer", json(value, answer))),
            Answered::Trap(words) => fields.push(("trap", Json::from(*words))),
        }
        Json::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }
}
