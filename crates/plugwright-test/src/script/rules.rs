//! The `import` statements of a script, and the checks of them before the script runs.

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
    /// The full name of the function.
    pub(crate) function: String,
    pub(crate) statement: Import,
    /// The number of answers so far.
    given: AtomicUsize,
}

impl Rule {
    /// Returns the answer whose turn it is, if there is one.
    pub(crate) fn next(&self) -> Option<&Answer> {
        let number = self.given.fetch_add(1, Ordering::Relaxed);
        let answers = &self.statement.answers;
        answers.get(number).or(answers.last())
    }

    /// Returns whether the rule matches all arguments.
    fn takes_all(&self) -> bool {
        let patterns = self.statement.patterns.as_deref();
        patterns.is_none_or(|patterns| patterns.iter().all(|pattern| pattern.text == "_"))
    }
}

/// Makes rules from the statements.
///
/// # Errors
///
/// Fails if a statement is for a function that the plugin does not import, if its patterns or answers do not fit the
/// function's types, or if an earlier statement always shadows it. Values of types with handles are checked only when
/// the rule is used.
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
                "this statement never answers, because an earlier `import` answers `{name}` for any arguments: move this one before that"
            )));
        }
        Check { functions, folder, name }.check(statement, found)?;
        rules.push(Rule { function, statement: statement.clone(), given: AtomicUsize::new(0) });
    }
    Ok(rules)
}

/// Makes the error for a function that the plugin does not import.
fn missing(error: &FunctionError) -> String {
    match error {
        FunctionError::Missing { name, likest: Some(likest) } => {
            format!("the plugin does not import `{name}`: did you mean `{likest}`?")
        }
        FunctionError::Missing { name, .. } => format!(
            "the plugin does not import `{name}`: a plugin imports only the functions of its world that it calls; remove \
             this statement"
        ),
        other => other.to_string(),
    }
}

/// Makes the error for a text that is not a value of the type `wanted`, for the parameter `name` or for the result.
pub(crate) fn wrong_value(value: &Value, error: ValueError, name: &str, wanted: &str) -> Problem {
    let ValueError { at, message } = error;
    let is_said = name.is_empty() && message.ends_with(&format!("is not a value of `{wanted}`"));
    let message = match is_said {
        true => message,
        false => format!("{message}; expected `{name}{wanted}`"),
    };
    Problem { at: value.at.saturating_add(at), message }
}

/// Returns whether the text has the name of a handle outside of strings, as transcripts show it: `ship#1`.
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

/// Checks a statement for the function of this name.
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
                    return wrong(format!(
                        "`{name}` has no result: remove `=` and what follows it"
                    ));
                }
                (Answer::Nothing(value) | Answer::Value(value), Some(ty)) => {
                    self.value(value, ty, "")?;
                }
            }
        }
        match result {
            Some(ty) if statement.answers.is_empty() => {
                let ty = self.type_text(&ty);
                wrong(format!("`{name}` has a result: add `= …` with a value of type `{ty}`"))
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
        Err("a handle cannot be made here".to_owned())
    }

    fn resource_name(&mut self, resource: ResourceType) -> Option<String> {
        self.functions.resource_in_type(resource).map(str::to_owned)
    }
}

/// Returns whether values of the type can contain handles.
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
