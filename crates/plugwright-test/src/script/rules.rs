//! The `import` statements of a script, and what is found to be wrong with them before it runs.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use plugwright::wasmtime::component::types::ComponentFunc;
use plugwright::wasmtime::component::{ResourceType, Type, Val};
use plugwright::{
    DynamicError, FunctionError, FunctionName, Functions, Names, ValueError, read_value, type_text,
};

use crate::script::file;
use crate::script::imported::Ambiguous;
use crate::script::recorder::Problem;
use crate::script::statement::{Answer, Import, Value};

/// An `import` statement, for a function that the plugin imports.
pub(crate) struct Rule {
    /// The function, with its whole name.
    pub(crate) function: String,
    pub(crate) statement: Import,
    /// How many answers were given.
    given: AtomicUsize,
}

impl Rule {
    /// The answer whose turn it is, if there is any.
    pub(crate) fn next(&self) -> Option<&Answer> {
        let number = self.given.fetch_add(1, Ordering::Relaxed);
        let answers = &self.statement.answers;
        answers.get(number).or(answers.last())
    }

    /// Says whether it is for any arguments.
    fn takes_all(&self) -> bool {
        let patterns = self.statement.patterns.as_deref();
        patterns.is_none_or(|patterns| patterns.iter().all(|pattern| pattern.text == "_"))
    }
}

/// The rules that these statements are.
///
/// # Errors
///
/// Says which of them is for nothing that the plugin imports, is for other arguments or gives other answers than the
/// function has, or is never asked. Of types with handles, this is found when it is asked.
pub(crate) fn rules<'s>(
    statements: impl Iterator<Item = &'s Import>,
    functions: &Functions,
    folder: &Path,
) -> Result<Vec<Rule>, Problem> {
    let ambiguous = Ambiguous::of(functions);
    let mut rules: Vec<Rule> = Vec::new();
    for statement in statements {
        let problem = |message| Problem { at: statement.target_at, message };
        let found = functions.find_imported(&statement.target);
        let found = found.map_err(|error| problem(missing(&error)))?;
        let (function, name) = (found.whole(), ambiguous.name(found));
        if rules.iter().any(|rule| rule.function == function && rule.takes_all()) {
            return Err(problem(format!(
                "this is never asked: an `import` before it answers `{name}` for any arguments, so put that one behind it"
            )));
        }
        Check { functions, folder, name }.check(statement, found)?;
        rules.push(Rule { function, statement: statement.clone(), given: AtomicUsize::new(0) });
    }
    Ok(rules)
}

/// What is said where the plugin imports no such function.
fn missing(error: &FunctionError) -> String {
    match error {
        FunctionError::Missing { name, likest: Some(likest) } => {
            format!("the plugin imports no `{name}`: did you mean `{likest}`?")
        }
        FunctionError::Missing { name, .. } => format!(
            "the plugin imports no `{name}`: one that never calls it has no such import, whatever its world says; leave the \
             line out"
        ),
        other => other.to_string(),
    }
}

/// What is said of a text that is no value of the type `wanted`, that of the parameter `name` or of the result.
pub(crate) fn wrong_value(value: &Value, error: ValueError, name: &str, wanted: &str) -> Problem {
    let ValueError { at, message } = error;
    let is_said = name.is_empty() && message.ends_with(&format!("is not a value of `{wanted}`"));
    let message = match is_said {
        true => message,
        false => format!("{message}; expected `{name}{wanted}`"),
    };
    Problem { at: value.at.saturating_add(at), message }
}

/// Says whether the text has the name of a handle, as transcripts show it: `ship#1`, outside of strings.
pub(crate) fn names_handle(text: &str) -> bool {
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

/// Looks at a statement for the function of that name.
struct Check<'a> {
    functions: &'a Functions,
    folder: &'a Path,
    name: String,
}

impl Check<'_> {
    fn check(&mut self, statement: &Import, function: &FunctionName) -> Result<(), Problem> {
        let Some(ty) = self.functions.imported_type(function) else { return Ok(()) };
        self.patterns(statement, ty)?;
        let wrong = |message| Err(Problem { at: statement.target_at, message });
        let name = self.name.clone();
        let result = ty.results().next();
        for answer in &statement.answers {
            match (answer, &result) {
                (Answer::Trap(_), _) | (Answer::Nothing(_), None) => {}
                (Answer::Value(_), None) => {
                    return wrong(format!("`{name}` has no result: leave out what is from `=` on"));
                }
                (Answer::Nothing(value) | Answer::Value(value), Some(ty)) => {
                    self.value(value, ty, "")?;
                }
            }
        }
        match result {
            Some(ty) if statement.answers.is_empty() => {
                let ty = self.type_text(&ty);
                wrong(format!("`{name}` has a result: add `= …` with a value of `{ty}`"))
            }
            _ => Ok(()),
        }
    }

    fn patterns(&mut self, statement: &Import, ty: &ComponentFunc) -> Result<(), Problem> {
        let Some(patterns) = &statement.patterns else { return Ok(()) };
        if patterns.len() != ty.params().len() {
            let parameters =
                ty.params().map(|(name, ty)| format!("{name}: {}", self.type_text(&ty)));
            let (function, wanted) = (self.name.clone(), parameters.collect());
            let error = DynamicError::Count { function, wanted, given: patterns.len() };
            return Err(Problem { at: statement.target_at, message: error.to_string() });
        }
        for (pattern, (name, ty)) in patterns.iter().zip(ty.params()) {
            if pattern.text != "_" {
                self.value(pattern, &ty, &format!("{name}: "))?;
            }
        }
        Ok(())
    }

    fn value(&mut self, value: &Value, ty: &Type, name: &str) -> Result<(), Problem> {
        // There are no handles before the plugin runs.
        if has_handle(ty) {
            return Ok(());
        }
        let read = read_value(&value.text, ty, self);
        read.map(drop).map_err(|error| wrong_value(value, error, name, &self.type_text(ty)))
    }

    fn type_text(&self, ty: &Type) -> String {
        type_text(ty, &mut |ty| self.functions.resource_in_type(ty).map(str::to_owned))
    }
}

impl Names for Check<'_> {
    fn variable(&mut self, _: &str, _: &Type) -> Option<Result<Val, String>> {
        None
    }

    fn file(&mut self, path: &str) -> Result<Vec<u8>, String> {
        file::read(self.folder, path)
    }

    fn new_handle(&mut self, _: ResourceType) -> Result<Val, String> {
        Err("there is no resource here".to_owned())
    }

    fn resource_name(&mut self, resource: ResourceType) -> Option<String> {
        self.functions.resource_in_type(resource).map(str::to_owned)
    }
}

/// Says whether values of the type can have handles in them.
fn has_handle(ty: &Type) -> bool {
    let any = |ty: Option<Type>| ty.is_some_and(|ty| has_handle(&ty));
    match ty {
        Type::Own(_) | Type::Borrow(_) => true,
        Type::List(list) => has_handle(&list.ty()),
        Type::FixedLengthList(list) => has_handle(&list.ty()),
        Type::Map(map) => has_handle(&map.key()) || has_handle(&map.value()),
        Type::Option(option) => has_handle(&option.ty()),
        Type::Result(result) => any(result.ok()) || any(result.err()),
        Type::Tuple(tuple) => tuple.types().any(|ty| has_handle(&ty)),
        Type::Record(record) => record.fields().any(|field| has_handle(&field.ty)),
        Type::Variant(variant) => variant.cases().any(|case| any(case.ty)),
        _ => false,
    }
}
