//! A filter: from its text to its results.

use jaq_core::load::{self, Arena, File, Loader, lex, parse};
use jaq_core::{Compiler, Ctx, Vars, compile};
use jaq_json::{Map, Val};
use plugwright_guest::{Failure, Invalid};

use crate::functions::{self, Data};
use crate::nesting;
use crate::options::Output;
use crate::output::Results;

/// A filter, ready to run.
pub(crate) struct Filter {
    filter: jaq_core::Filter<Data>,
    /// The values of its global variables.
    variables: Vec<Val>,
}

/// Why a filter gave no more results.
pub(crate) enum Stop {
    /// It said so.
    Halted,
    Failed(String),
}

impl Filter {
    /// Makes a filter of its text, with variables of the names and values of `arguments`.
    pub(crate) fn compile(code: &str, arguments: Vec<(String, Val)>) -> Result<Self, Failure> {
        let bad = |wrong: Invalid| wrong.of_option("filter");
        let named = arguments.iter().map(|(name, value)| (name.clone().into(), value.clone()));
        let named = Val::obj(named.collect::<Map>());
        let entry = |name: &str, value| (Val::from(name.to_owned()), value);
        let all = [entry("positional", Val::from_iter([])), entry("named", named)];
        let mut names = vec!["$ENV".to_owned(), "$ARGS".to_owned()];
        let mut variables = vec![Val::obj(Map::default()), Val::obj(all.into_iter().collect())];
        for (name, value) in arguments {
            names.push(format!("${name}"));
            variables.push(value);
        }

        nesting::check(code)
            .map_err(|(offset, message)| bad(Invalid::new(message).in_text(code, offset)))?;
        let arena = Arena::default();
        let loader = Loader::new(functions::definitions());
        let modules = loader.load(&arena, File { code, path: () });
        let modules = modules.map_err(|errors| bad(first(&errors, unread)))?;
        // Data files, too, are imported from nowhere.
        load::import(&modules, |_| Err("there are no files".to_owned()))
            .map_err(|errors| bad(first(&errors, unread)))?;
        let filter = Compiler::default()
            .with_funs(functions::natives())
            .with_global_vars(names.iter().map(|name| &**name))
            .compile(modules)
            .map_err(|errors| bad(first(&errors, undefined)))?;
        Ok(Self { filter, variables })
    }

    /// Runs the filter on one value.
    pub(crate) fn run(
        &self,
        value: Val,
        results: &mut Results,
        output: Output,
    ) -> Result<(), Stop> {
        let context = Ctx::<Data>::new(&self.filter.lut, Vars::new(self.variables.clone()));
        for result in self.filter.id.run((context, value)) {
            match result {
                Ok(value) => results.add(&value, output).map_err(Stop::Failed)?,
                Err(exception) => {
                    let exception = match exception.get_err() {
                        Ok(error) => {
                            return Err(Stop::Failed(functions::message(&error.into_val())));
                        }
                        Err(exception) => exception,
                    };
                    return Err(match exception.get_halt() {
                        Ok(0) => Stop::Halted,
                        Ok(code) => {
                            Stop::Failed(format!("the filter halted with the exit code {code}"))
                        }
                        Err(_) => Stop::Failed("the filter broke out of where it was".to_owned()),
                    });
                }
            }
        }
        Ok(())
    }
}

/// The first error of several, with its place.
fn first<'a, E>(
    errors: &load::Errors<&'a str, (), E>,
    explain: impl Fn(&E) -> Option<(String, &'a str)>,
) -> Invalid {
    let errors = errors.iter().filter_map(|(file, error)| Some((file.code, explain(error)?)));
    match errors.into_iter().next() {
        Some((code, (message, piece))) => {
            Invalid::new(message).in_text(code, load::span(code, piece).start)
        }
        None => Invalid::new("it is not a filter"),
    }
}

/// Why a filter cannot be read.
fn unread<'a>(error: &load::Error<&'a str>) -> Option<(String, &'a str)> {
    match error {
        load::Error::Io(errors) => {
            let (path, _) = errors.first()?;
            Some((format!("there is no module `{path}`, because filters cannot read files"), path))
        }
        load::Error::Lex(errors) => {
            let (expected, rest): &lex::Error<&str> = errors.first()?;
            let found =
                rest.chars().next().map_or("the filter's end".to_owned(), |c| format!("`{c}`"));
            Some((format!("expected {}, found {found}", expected.as_str()), rest))
        }
        load::Error::Parse(errors) => {
            let (expected, piece): &parse::Error<&str> = errors.first()?;
            let found =
                if piece.is_empty() { "the filter's end".to_owned() } else { format!("`{piece}`") };
            let expected = match expected {
                parse::Expect::Just(token) => format!("`{token}`"),
                _ => expected.as_str().to_owned(),
            };
            Some((format!("expected {expected}, found {found}"), piece))
        }
    }
}

/// What a filter names and is not there.
fn undefined<'a>(errors: &Vec<compile::Error<&'a str>>) -> Option<(String, &'a str)> {
    let (name, kind) = errors.first()?;
    let what = kind.as_str();
    Some(match kind {
        compile::Undefined::Filter(arity) => (format!("there is no {what} `{name}/{arity}`"), name),
        _ => (format!("there is no {what} `{name}`"), name),
    })
}
