//! Answers a plugin's imports with the `import` statements of a script.

use std::path::Path;
use std::sync::Arc;

use plugwright::wasmtime::component::{ResourceAny, ResourceType, Type, Val};
use plugwright::wasmtime::{Error, Result};
use plugwright::{FunctionKind, Functions, Import, Imports, Names, read_value, type_text};

use crate::script::file;
use crate::script::handles;
use crate::script::imported::{Ambiguous, Imported, shown};
use crate::script::recorder::{Problem, Recorder};
use crate::script::recording::Answered;
use crate::script::rules::{Rule, names_handle, rules, wrong_value};
use crate::script::statement::{self, Answer, Value};

/// A mistake in the script, whose description is in the recorder.
struct Wrong;

/// Makes the functions that answer the plugin's imports.
///
/// # Errors
///
/// Returns the first mistake in the statements, as [`rules`] does.
pub(crate) fn answers<'s>(
    statements: impl Iterator<Item = &'s statement::Import>,
    functions: &Functions,
    recorder: &Recorder,
    folder: &Path,
) -> std::result::Result<Imports, Problem> {
    let rules = rules(statements, functions, folder)?;
    let ambiguous = Ambiguous::of(functions);
    let (rules, recorder, folder) = (Arc::<[_]>::from(rules), recorder.clone(), folder.to_owned());
    Ok(Imports::default().otherwise(move |import| {
        let name = ambiguous.name(import.function());
        let mut asked = Asked::new(import, name, &recorder, &folder);
        match asked.answer(&rules) {
            Ok(result) => result,
            // The recorder has a better message, unless the plugin exceeded its number of handles.
            Err(Wrong) => {
                Err(asked.ended.take().unwrap_or_else(|| Error::msg("the script is wrong")))
            }
        }
    }))
}

/// One call of an imported function by the plugin.
struct Asked<'a, 'i> {
    import: &'a mut Import<'i>,
    /// The shortest unambiguous name of the function.
    name: String,
    /// The arguments as text.
    shown: Vec<String>,
    recorder: &'a Recorder,
    folder: &'a Path,
    /// Whether the value that is being read is a pattern.
    is_pattern: bool,
    /// Handles that were made for the answer, with their names.
    made: Vec<(ResourceAny, String)>,
    /// The error that ends the call because the plugin has too many handles.
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

    /// Returns and records the answer of the first rule that matches, or the error that ends the call.
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
        let value = match (found.map(Rule::next), ty) {
            (Some(Some(Answer::Trap(words))), _) => return self.trap(words).map(Err),
            (Some(Some(Answer::Nothing(value) | Answer::Value(value))), Some(ty)) => {
                Some(self.read(value, &ty, "")?)
            }
            (Some(_) | None, None) => None,
            // This was checked before the script began.
            (Some(None), Some(_)) => return Err(Wrong),
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
                    "the plugin called `{name}`, but no statement answers: add `import {name}({}) = …`, with a value of type `{ty}`",
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

    /// Ends the call with these words as the reason.
    fn trap(&mut self, words: &Value) -> std::result::Result<Error, Wrong> {
        let Val::String(text) = self.read(words, &Type::String, "")? else { return Err(Wrong) };
        self.tell(&Answered::Trap(&text), Some(&format!("trap {words}")));
        Ok(Error::msg(text))
    }

    /// Records the call and its answer.
    fn tell(&self, answered: &Answered<'_>, answer: Option<&str>) {
        let mut handle = |handle: &ResourceAny| match self.import.handle(handle) {
            Some((resource, number)) => handles::handle_name(resource, number),
            None => self.name_of_made(handle),
        };
        let (name, arguments) = (&*self.name, self.import.arguments());
        let function = self.import.function();
        let imported = Imported { name, function, arguments, shown: &self.shown };
        imported.tell(self.recorder, answered, answer, &mut handle);
    }

    /// Returns the name of a handle that was made for the answer.
    fn name_of_made(&self, handle: &ResourceAny) -> String {
        let found = self.made.iter().find(|(known, _)| known == handle);
        found.map_or_else(|| "handle".to_owned(), |(_, name)| name.clone())
    }

    /// Returns whether the arguments match the patterns of the statement.
    fn matches(&mut self, statement: &statement::Import) -> std::result::Result<bool, Wrong> {
        let Some(patterns) = &statement.patterns else { return Ok(true) };
        let parameters = self.import.parameters();
        for (index, (pattern, (name, ty))) in patterns.iter().zip(&parameters).enumerate() {
            // The text of a handle is its name in the transcript.
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

    /// Reads a value of type `ty`, for the parameter `name` or for the result.
    fn read(&mut self, value: &Value, ty: &Type, name: &str) -> std::result::Result<Val, Wrong> {
        read_value(&value.text, ty, self).map_err(|error| {
            let wanted = self.type_text(ty);
            let Problem { at, message } = wrong_value(value, error, name, &wanted);
            self.wrong(at, message)
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

    /// Records a mistake of the script at the statement that is being run.
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
            Err(format!("the variable `{name}` is not available here: write `new` for a handle to a new resource"))
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

/// The error for other texts as a pattern for a handle.
const OF_HANDLES: &str =
    "to match a handle, write `_` or the handle's name in the transcript, such as `ship#1`";

/// Returns an argument as the pattern of a suggested statement.
fn pattern(shown: &str) -> &str {
    let is_long = shown.chars().nth(60).is_some() || shown.contains('\n');
    if is_long || shown.contains(['#', '<']) { "_" } else { shown }
}
