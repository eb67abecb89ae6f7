//! What a plugin called, as a transcript and a recording have it.

use std::collections::BTreeSet;

use plugwright::wasmtime::component::{ResourceAny, Val};
use plugwright::{FunctionName, Functions, write_value};
use serde_json::Value as Json;

use crate::script::json::bounded;
use crate::script::recorder::Recorder;
use crate::script::recording::Answered;
use crate::script::session::COLUMNS;
use crate::script::transcript::EntryKind;

/// How many bytes of an argument or an answer are shown.
const MOST_OF_VALUE: usize = 64 << 10;

/// The names that several of the functions have that a plugin imports, without their packages.
pub(crate) struct Ambiguous(BTreeSet<String>);

impl Ambiguous {
    pub(crate) fn of(functions: &Functions) -> Self {
        let names = functions.imported().iter().map(FunctionName::short);
        Self(names.filter(|short| functions.find_imported(short).is_err()).collect())
    }

    /// What the function is called, as short as is clear.
    pub(crate) fn name(&self, function: &FunctionName) -> String {
        let short = function.short();
        if self.0.contains(&short) { function.whole() } else { short }
    }
}

/// A call of a function that the plugin imports.
pub(crate) struct Imported<'a> {
    pub(crate) name: &'a str,
    pub(crate) function: &'a FunctionName,
    pub(crate) arguments: &'a [Val],
    /// The arguments as they are shown.
    pub(crate) shown: &'a [String],
}

/// The value as transcripts show it.
pub(crate) fn shown(value: &Val, handle: &mut dyn FnMut(&ResourceAny) -> String) -> String {
    write_value(value, COLUMNS, MOST_OF_VALUE, handle)
}

impl Imported<'_> {
    /// Writes down what was asked and what is answered, which is shown as `answer`.
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

    /// The same in JSON.
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
