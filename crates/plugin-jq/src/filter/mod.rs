//! A filter, from its text to its results.

mod depth;
mod meaning;
mod nesting;
mod tokens;

use std::borrow::Cow;
use std::rc::Rc;

use jaq_core::load::parse::{Def, Parser, Term};
use jaq_core::load::{Arena, File, Lexer, Loader, lex, parse};
use jaq_core::{Compiler, Ctx, Vars, compile};
use plugwright_guest::{Failure, Invalid};

pub(crate) use depth::enter;
pub(crate) use meaning::{ASSIGN, ENTER, LAST, RECURSE, UPDATE};

use crate::functions::{self, Data};
use crate::options::Output;
use crate::output::Results;
use crate::value::{Entries, Val};

/// A compiled filter.
pub(crate) struct Filter {
    filter: jaq_core::Filter<Data>,
    /// The values of its global variables.
    variables: Vec<Val>,
}

/// Why a filter stopped.
pub(crate) enum Stop {
    /// The filter stopped itself.
    Halted,
    Failed(String),
}

/// The name of the definition that holds the filter.
const MAIN: &str = "_main";

impl Filter {
    /// Compiles a filter, with variables for the names and values of `arguments`.
    pub(crate) fn compile(code: &str, arguments: Vec<(String, Val)>) -> Result<Self, Failure> {
        let bad = |wrong: Invalid| wrong.of_option("filter");
        let entry = |name: &str, value| (Rc::new(name.to_owned()), value);
        let named = arguments.iter().map(|(name, value)| entry(name, value.clone()));
        let named = Val::object(named.collect());
        let all = [entry("positional", Val::array(Vec::new())), entry("named", named)];
        let mut names = vec!["$ENV".to_owned(), "$ARGS".to_owned()];
        let mut variables =
            vec![Val::object(Entries::default()), Val::object(Entries::from_iter(all))];
        for (name, value) in arguments {
            names.push(format!("${name}"));
            variables.push(value);
        }

        let code = &*paired(code);
        nesting::check(code)
            .map_err(|(offset, message)| bad(Invalid::new(message).in_text(code, offset)))?;
        let arena = Arena::default();
        let main = read(code).map_err(|(message, piece)| bad(at(code, message, piece)))?;
        let main = meaning::Meaning { code, arena: &arena }.definition(main);
        let own = functions::DEFINITIONS;
        let own_meaning = meaning::Meaning { code: own, arena: &arena };
        let definitions = parse(own, |parser| parser.defs()).unwrap_or_default();
        let definitions = definitions.into_iter().map(|one| own_meaning.definition(one));
        let loader = Loader::new(definitions.chain([main]));
        let modules = loader.load(&arena, File { code: MAIN, path: () });
        let modules = modules.map_err(|_| bad(Invalid::new("it is not a filter")))?;
        let filter = Compiler::default()
            .with_funs(functions::natives())
            .with_global_vars(names.iter().map(|name| &**name))
            .compile(modules);
        let filter = filter.map_err(|errors| {
            let error = errors.iter().find_map(|(_, error)| undefined(error));
            bad(error.map_or(Invalid::new("it is not a filter"), |(message, piece)| {
                at(code, message, piece)
            }))
        })?;
        Ok(Self { filter, variables })
    }

    /// Runs the filter on one value.
    pub(crate) fn run(
        &self,
        value: Val,
        results: &mut Results,
        output: Output,
    ) -> Result<(), Stop> {
        depth::begin();
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

/// Returns the filter with characters beyond `\uffff` unescaped. In a JSON string, such a character is escaped as two
/// halves, and jaq cannot read half a character.
fn paired(code: &str) -> Cow<'_, str> {
    let half = |text: &str| {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        let number = u16::from_str_radix(digits, 16).ok()?;
        (0xd800..0xe000).contains(&number).then_some(number)
    };
    let mut paired = String::new();
    let mut rest = code;
    while let Some(place) = rest.find('\\') {
        let (before, escape) = rest.split_at(place);
        paired.push_str(before);
        let Some(first) = half(escape) else {
            // A backslash after a backslash does not begin an escape.
            let length = 1 + escape[1..].chars().next().map_or(0, char::len_utf8);
            paired.push_str(&escape[..length]);
            rest = &escape[length..];
            continue;
        };
        let halves = [Some(first), half(&escape[6..])];
        let whole = char::decode_utf16(halves.into_iter().flatten()).next().and_then(Result::ok);
        paired.push(whole.unwrap_or(char::REPLACEMENT_CHARACTER));
        rest = &escape[if whole.is_some() { 12 } else { 6 }..];
    }
    if paired.is_empty() {
        return Cow::Borrowed(code);
    }
    paired.push_str(rest);
    Cow::Owned(paired)
}

/// Parses a filter, or returns what is wrong with which piece of it.
fn read(code: &str) -> Result<Def<&str>, (String, &str)> {
    let end = &code[code.len()..];
    let mut tokens = Lexer::new(code).lex().map_err(|errors| {
        let error = errors.into_iter().next();
        let (expected, rest): lex::Error<&str> = error.unwrap_or((lex::Expect::Token, end));
        let found = rest.chars().next().map_or("the filter's end".to_owned(), |c| format!("`{c}`"));
        (format!("expected {}, found {found}", expected.as_str()), rest)
    })?;
    if let Some(lex::Token(word @ ("import" | "include" | "module"), _)) = tokens.first() {
        let message = format!("there are no modules to {word}, because filters cannot read files");
        return Err((message, word));
    }
    tokens::adapt(code, &mut tokens);
    if tokens.is_empty() {
        return Ok(Def { name: MAIN, args: Vec::new(), body: Term::Id });
    }
    let body: Result<Term<&str>, _> = Parser::new(&tokens).parse(Parser::term);
    let body = body.map_err(|errors| {
        let Some((expected, found)) = errors.first() else {
            return ("it is not a filter".to_owned(), end);
        };
        let piece = lex::Token::opt_as_str(*found, code);
        let found =
            if piece.is_empty() { "the filter's end".to_owned() } else { format!("`{piece}`") };
        let expected = match expected {
            parse::Expect::Just(token) => format!("`{token}`"),
            _ => expected.as_str().to_owned(),
        };
        (format!("expected {expected}, found {found}"), piece)
    })?;
    Ok(Def { name: MAIN, args: Vec::new(), body })
}

/// Returns what is wrong with a piece of the filter. The piece may not be in its text.
fn at(code: &str, message: String, piece: &str) -> Invalid {
    let wrong = Invalid::new(message);
    match piece.as_ptr().addr().checked_sub(code.as_ptr().addr()) {
        Some(offset) if offset <= code.len() => wrong.in_text(code, offset),
        _ => wrong,
    }
}

/// Returns the error for an undefined name in the filter.
fn undefined<'a>(errors: &Vec<compile::Error<&'a str>>) -> Option<(String, &'a str)> {
    let (name, kind) = errors.first()?;
    let what = kind.as_str();
    Some(match kind {
        compile::Undefined::Filter(arity) => (format!("there is no {what} `{name}/{arity}`"), name),
        _ => (format!("there is no {what} `{name}`"), name),
    })
}
