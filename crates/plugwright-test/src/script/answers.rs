//! Answers to what a plugin imports, out of a script's `import` statements.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use plugwright::wasmtime::component::{ResourceAny, ResourceType, Type, Val};
use plugwright::wasmtime::{Error, Result};
use plugwright::{
    DynamicError, FunctionError, FunctionKind, Functions, Import, Imports, Names, ValueError,
    read_value, type_text,
};

use crate::script::file;
use crate::script::handles;
use crate::script::imported::{Ambiguous, Imported, shown};
use crate::script::recorder::{Problem, Recorder};
use crate::script::recording::Answered;
use crate::script::statement::{self, Answer, Value};

/// An `import` statement.
struct Rule {
    /// The function, with its whole name.
    function: String,
    statement: statement::Import,
    /// How many answers were given.
    given: AtomicUsize,
}

/// Something was found to be wrong with the script, which the recorder has.
struct Wrong;

/// What answers, by the rules.
///
/// # Errors
///
/// Says which rule is for nothing that the plugin imports.
pub(crate) fn answers<'s>(
    statements: impl Iterator<Item = &'s statement::Import>,
    functions: &Functions,
    recorder: &Recorder,
    folder: &Path,
) -> std::result::Result<Imports, Problem> {
    let mut rules = Vec::new();
    for statement in statements {
        let function = functions.find_imported(&statement.target).map_err(|error| {
            let message = match error {
                FunctionError::Missing { name, likest: Some(likest) } => {
                    format!("the plugin imports no `{name}`: did you mean `{likest}`?")
                }
                FunctionError::Missing { name, .. } => format!("the plugin imports no `{name}`"),
                other => other.to_string(),
            };
            Problem { at: statement.target_at, message }
        })?;
        let (function, statement) = (function.whole(), statement.clone());
        rules.push(Rule { function, statement, given: AtomicUsize::new(0) });
    }
    let ambiguous = Ambiguous::of(functions);
    let (rules, recorder, folder) = (Arc::<[_]>::from(rules), recorder.clone(), folder.to_owned());
    Ok(Imports::default().otherwise(move |import| {
        let name = ambiguous.name(import.function());
        let mut asked = Asked::new(import, name, &recorder, &folder);
        match asked.answer(&rules) {
            Ok(result) => result,
            // The recorder knows better, unless the plugin went too far.
            Err(Wrong) => {
                Err(asked.ended.take().unwrap_or_else(|| Error::msg("the script is wrong")))
            }
        }
    }))
}

/// A question of the plugin's.
struct Asked<'a, 'i> {
    import: &'a mut Import<'i>,
    /// What the function is called, as short as is clear.
    name: String,
    /// The arguments as they are shown.
    shown: Vec<String>,
    recorder: &'a Recorder,
    folder: &'a Path,
    /// Whether what is read is what an argument is to match.
    is_pattern: bool,
    /// Handles that were made for the answer, and what they are called.
    made: Vec<(ResourceAny, String)>,
    /// What ends the call because the plugin has more handles than it may have.
    ended: Option<Error>,
}

impl<'a, 'i> Asked<'a, 'i> {
    fn new(
        import: &'a mut Import<'i>,
        name: String,
        recorder: &'a Recorder,
        folder: &'a Path,
    ) -> Self {
        let mut handle_name = |handle: &ResourceAny| match import.handle(handle) {
            Some((resource, number)) => handles::handle_name(resource, number),
            None => "handle".to_owned(),
        };
        let arguments = import.arguments().iter();
        let shown = arguments.map(|it| shown(it, &mut handle_name)).collect();
        let made = Vec::new();
        Self { import, name, shown, recorder, folder, is_pattern: false, made, ended: None }
    }

    /// The answer of the first rule that matches, which is told, or what ends the call.
    fn answer(&mut self, rules: &[Rule]) -> std::result::Result<Result<Option<Val>>, Wrong> {
        let function = self.import.function().whole();
        let ty = self.import.result();
        let mut found = None;
        for rule in rules.iter().filter(|rule| rule.function == function) {
            if self.matches(&rule.statement)? {
                found = Some(rule);
                break;
            }
        }
        let name = self.name.clone();
        let value = match (found.map(|rule| (rule, &rule.statement.answer)), ty) {
            (Some((_, Answer::Trap(words))), _) => return self.trap(words).map(Err),
            (Some((rule, Answer::Values(_))), None) => {
                let message = format!("`{name}` has no result: leave out what is from `=` on");
                return Err(self.wrong(rule.statement.target_at, message));
            }
            (Some((rule, Answer::Values(values))), Some(ty)) => {
                let number = rule.given.fetch_add(1, Ordering::Relaxed);
                let Some(value) = values.get(number).or(values.last()) else { return Err(Wrong) };
                Some(self.read(value, &ty, "")?)
            }
            (Some((_, Answer::Nothing)) | None, None) => None,
            (Some((rule, Answer::Nothing)), Some(ty)) => {
                let ty = self.type_text(&ty);
                let message = format!("`{name}` has a result: add `= …` with a value of `{ty}`");
                return Err(self.wrong(rule.statement.target_at, message));
            }
            (None, Some(Type::Own(resource)))
                if self.import.function().kind() == FunctionKind::Constructor =>
            {
                let made = self.new_handle(resource);
                Some(made.map_err(|message| self.wrong_statement(message))?)
            }
            (None, Some(ty)) => {
                let ty = self.type_text(&ty);
                let arguments: Vec<_> = self.shown.iter().map(|it| pattern(it)).collect();
                let message = format!(
                    "the plugin called `{name}`, and nothing answers: add `import {name}({}) = …`, with a value of `{ty}`",
                    arguments.join(", ")
                );
                return Err(self.wrong_statement(message));
            }
        };
        let answered = value.as_ref().map_or(Answered::Nothing, Answered::Value);
        let text = value.as_ref().map(|value| {
            let mut name = |handle: &ResourceAny| self.name_of_made(handle);
            shown(value, &mut name)
        });
        self.tell(&answered, text.as_deref());
        Ok(Ok(value))
    }

    /// Ends the call over the words.
    fn trap(&mut self, words: &Value) -> std::result::Result<Error, Wrong> {
        let Val::String(text) = self.read(words, &Type::String, "")? else { return Err(Wrong) };
        self.tell(&Answered::Trap(&text), Some(&format!("trap {words}")));
        Ok(Error::msg(text))
    }

    /// Writes down what was asked and what is answered.
    fn tell(&self, answered: &Answered<'_>, answer: Option<&str>) {
        let mut handle = |handle: &ResourceAny| match self.import.handle(handle) {
            Some((resource, number)) => handles::handle_name(resource, number),
            None => self.name_of_made(handle),
        };
        let (name, arguments) = (&*self.name, self.import.arguments());
        let imported = Imported { name, arguments, shown: &self.shown };
        imported.tell(self.recorder, answered, answer, &mut handle);
    }

    /// What a handle is called that was made for the answer.
    fn name_of_made(&self, handle: &ResourceAny) -> String {
        let found = self.made.iter().find(|(known, _)| known == handle);
        found.map_or_else(|| "handle".to_owned(), |(_, name)| name.clone())
    }

    /// Says whether the arguments are those of the statement.
    fn matches(&mut self, statement: &statement::Import) -> std::result::Result<bool, Wrong> {
        let Some(patterns) = &statement.patterns else { return Ok(true) };
        let parameters = self.import.parameters();
        if patterns.len() != parameters.len() {
            let mut wanted = Vec::new();
            for (name, ty) in &parameters {
                wanted.push(format!("{name}: {}", self.type_text(ty)));
            }
            let (function, given) = (self.name.clone(), patterns.len());
            let error = DynamicError::Count { function, wanted, given };
            return Err(self.wrong(statement.target_at, error.to_string()));
        }
        for (index, (pattern, (name, ty))) in patterns.iter().zip(&parameters).enumerate() {
            // A handle has no other text than that by which it is shown.
            if pattern.text == "_" || self.shown.get(index) == Some(&pattern.text) {
                continue;
            }
            if names_handle(&pattern.text) {
                return Ok(false);
            }
            self.is_pattern = true;
            let wanted = self.read(pattern, ty, &format!("{name}: "));
            self.is_pattern = false;
            let wanted = wanted?;
            if self.import.arguments().get(index) != Some(&wanted) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The value of that type, which is the parameter `name`, or the result.
    fn read(&mut self, value: &Value, ty: &Type, name: &str) -> std::result::Result<Val, Wrong> {
        read_value(&value.text, ty, self).map_err(|ValueError { at, message }| {
            let wanted = self.type_text(ty);
            let is_said = name.is_empty() && message.ends_with(&format!("is no `{wanted}`"));
            let message = match is_said {
                true => message,
                false => format!("{message}; `{name}{wanted}` is wanted"),
            };
            self.wrong(value.at.saturating_add(at), message)
        })
    }

    fn type_text(&mut self, ty: &Type) -> String {
        type_text(ty, &mut |resource| self.resource_name(resource))
    }

    fn wrong(&self, at: usize, message: String) -> Wrong {
        if self.ended.is_none() {
            self.recorder.recorded().problem.get_or_insert(Problem { at, message });
        }
        Wrong
    }

    /// Says what is wrong with the script as a whole, at the statement that is being done.
    fn wrong_statement(&self, message: String) -> Wrong {
        let at = self.recorder.recorded().statement_at;
        self.wrong(at, message)
    }
}

impl Names for Asked<'_, '_> {
    fn variable(&mut self, name: &str, wanted: &Type) -> Option<std::result::Result<Val, String>> {
        matches!(wanted, Type::Own(_) | Type::Borrow(_)).then(|| {
            if self.is_pattern {
                return Err(OF_HANDLES.to_owned());
            }
            Err(format!("variables are not known here, as `{name}`: type `new` for a handle to a new resource"))
        })
    }

    fn file(&mut self, path: &str) -> std::result::Result<Vec<u8>, String> {
        file::read(self.folder, path)
    }

    fn new_handle(&mut self, resource: ResourceType) -> std::result::Result<Val, String> {
        if self.is_pattern {
            return Err(OF_HANDLES.to_owned());
        }
        let made = self.import.new_handle(resource);
        let (value, number) = made.map_err(|error| {
            let message = error.to_string();
            self.ended = Some(error);
            message
        })?;
        if let (Val::Resource(handle), Some(name)) = (&value, self.import.resource_name(resource)) {
            self.made.push((*handle, handles::handle_name(name, number)));
        }
        Ok(value)
    }

    fn resource_name(&mut self, resource: ResourceType) -> Option<String> {
        self.import.resource_name(resource).map(str::to_owned)
    }
}

/// What is said of other names where a handle is to be matched.
const OF_HANDLES: &str =
    "a handle is matched by `_`, or by what the transcript calls it, as in `ship#1`";

/// Says whether the text has the name of a handle, as transcripts show it: `ship#1`, outside of strings.
fn names_handle(text: &str) -> bool {
    let (mut inside, mut escaped) = (None, false);
    text.chars().any(|c| {
        match (inside, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(quote), c) if c == quote => inside = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => inside = Some(c),
            (None, _) => return c == '#',
        }
        false
    })
}

/// An argument as it is shown in a line that is to be added.
fn pattern(shown: &str) -> &str {
    let is_long = shown.chars().nth(60).is_some() || shown.contains('\n');
    if is_long || shown.contains(['#', '<']) { "_" } else { shown }
}
