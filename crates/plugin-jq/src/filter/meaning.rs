//! Rewrites filters to which jaq gives another meaning than jq, so that jaq does what jq would do.
//!
//! - If two operands have several results each, the right operand goes through its results first. In `f[g]` it is `g`,
//!   and in a string it is the last part.
//! - Assignments and updates work with paths. Missing places are created, and places for which an update has no result
//!   are deleted after all updates.
//! - If an update of `reduce` has several results, the last one is the next state. If it has none, the state is `null`.
//! - `?//` tries one pattern after the other.
//! - `$__loc__` is its own place in the filter.
//! - A recursive definition reports an error if it is called too deep.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Pattern, Term};
use jaq_core::load::{Arena, span};
use jaq_core::path::{Part, Path};
use plugwright_guest::Location;

/// The names of functions that rewritten filters call. Nobody can write these names in a filter.
pub(crate) const ASSIGN: &str = "?assign";
pub(crate) const UPDATE: &str = "?update";
pub(crate) const RECURSE: &str = "?recurse";
pub(crate) const ENTER: &str = "?enter";
pub(crate) const LAST: &str = "?last";

/// Marks the alternatives of `?//`, which `tokens` turns into an array.
pub(super) const ALTERNATIVES: &str = "$?//";

/// The name of the function that alternatives call with their variables.
const BODY: &str = "?body";

/// Variables for indices and parts of strings. Further ones go through their results in jaq's order.
const INDICES: [&str; 8] = ["$?0", "$?1", "$?2", "$?3", "$?4", "$?5", "$?6", "$?7"];

/// Rewrites the filters of one text.
pub(super) struct Meaning<'a> {
    /// The text from which the filters were parsed.
    pub(super) code: &'a str,
    /// Owns texts that were created and are not in the original text.
    pub(super) arena: &'a Arena,
}

impl<'a> Meaning<'a> {
    pub(super) fn definition(&self, definition: Def<&'a str>) -> Def<&'a str> {
        let Def { name, args, body } = definition;
        let recursive = calls(&body, name, args.len());
        let body = self.term(body);
        let body = if recursive { pipe(call(ENTER, Vec::new()), body) } else { body };
        Def { name, args, body }
    }

    pub(super) fn term(&self, term: Term<&'a str>) -> Term<&'a str> {
        let boxed = |term: Box<Term<&'a str>>| Box::new(self.term(*term));
        match term {
            Term::Id | Term::Num(_) | Term::Break(_) => term,
            Term::Recurse => call(RECURSE, Vec::new()),
            Term::Var(name) if name == "$__loc__" => self.location(name),
            Term::Var(_) => term,
            Term::Str(format, parts) => self.text(format, parts),
            Term::Arr(values) => Term::Arr(values.map(boxed)),
            Term::Obj(entries) => {
                Term::Obj(entries.into_iter().map(|(key, value)| self.entry(key, value)).collect())
            }
            Term::Neg(term) => Term::Neg(boxed(term)),
            Term::BinOp(left, operator, right) => self.operation(*left, operator, *right),
            Term::Label(name, term) => Term::Label(name, boxed(term)),
            Term::Fold(name, source, pattern, terms) => self.fold(name, *source, pattern, terms),
            Term::TryCatch(term, catch) => Term::TryCatch(boxed(term), catch.map(boxed)),
            Term::IfThenElse(cases, other) => {
                let case = |(condition, then)| (self.term(condition), self.term(then));
                Term::IfThenElse(cases.into_iter().map(case).collect(), other.map(boxed))
            }
            Term::Def(definitions, term) => {
                let definitions = definitions.into_iter().map(|one| self.definition(one));
                Term::Def(definitions.collect(), boxed(term))
            }
            Term::Call(name, terms) => call(name, self.terms(terms)),
            Term::Path(term, path) => self.path(self.term(*term), path),
        }
    }

    fn terms(&self, terms: Vec<Term<&'a str>>) -> Vec<Term<&'a str>> {
        terms.into_iter().map(|term| self.term(term)).collect()
    }

    fn entry(
        &self,
        key: Term<&'a str>,
        value: Option<Term<&'a str>>,
    ) -> (Term<&'a str>, Option<Term<&'a str>>) {
        match (key, value) {
            (Term::Var(name), None) if name == "$__loc__" => {
                (text("__loc__"), Some(self.location(name)))
            }
            (key, value) => (self.term(key), value.map(|value| self.term(value))),
        }
    }

    fn operation(
        &self,
        left: Term<&'a str>,
        operator: BinaryOp<&'a str>,
        right: Term<&'a str>,
    ) -> Term<&'a str> {
        let (several, left, right) = match operator {
            BinaryOp::Pipe(Some(pattern)) => {
                return self.destructure(self.term(left), pattern, self.term(right));
            }
            _ => (!is_single(&left) && !is_single(&right), self.term(left), self.term(right)),
        };
        let by = |by| binary(Term::Id, by, Term::Var("$?right"));
        let update = |left, by| call(UPDATE, vec![left, by]);
        match operator {
            BinaryOp::Assign => call(ASSIGN, vec![left, right]),
            BinaryOp::Update => update(left, right),
            BinaryOp::UpdateMath(math) => {
                bind(right, "$?right", update(left, by(BinaryOp::Math(math))))
            }
            BinaryOp::UpdateAlt => bind(right, "$?right", update(left, by(BinaryOp::Alt))),
            BinaryOp::Math(_) | BinaryOp::Cmp(_) if several => {
                let operands = binary(Term::Var("$?left"), operator, Term::Var("$?right"));
                bind(right, "$?right", bind(left, "$?left", operands))
            }
            operator => binary(left, operator, right),
        }
    }

    /// Returns `source as pattern | body`, in which only the pattern still needs to be rewritten.
    fn destructure(
        &self,
        source: Term<&'a str>,
        pattern: Pattern<&'a str>,
        body: Term<&'a str>,
    ) -> Term<&'a str> {
        let patterns = match alternatives(pattern) {
            Ok(patterns) => patterns,
            Err(pattern) => {
                return binary(source, BinaryOp::Pipe(Some(self.pattern(pattern))), body);
            }
        };
        // Every alternative has the variables of all, and calls one body with them.
        let mut names: Vec<&'a str> = Vec::new();
        patterns.iter().for_each(|pattern| variables(pattern, &mut names));
        let alternative = |pattern| {
            let arguments = names.iter().map(|name| Term::Var(*name)).collect();
            let operator = BinaryOp::Pipe(Some(self.pattern(pattern)));
            let matched = binary(Term::Var("$?value"), operator, call(BODY, arguments));
            names.iter().fold(matched, |term, name| bind(call("null", Vec::new()), name, term))
        };
        // The alternatives are built from the last, which alone may fail, to the first.
        let mut alternatives = patterns.into_iter().rev().map(alternative);
        let last = alternatives.next().unwrap_or_default();
        let tried = alternatives.fold(last, |other, term| {
            let other = pipe(Term::Var("$?input"), other);
            Term::TryCatch(Box::new(term), Some(Box::new(other)))
        });
        let tried = bind(Term::Id, "$?input", bind(source, "$?value", tried));
        Term::Def(vec![Def { name: BODY, args: names, body }], Box::new(tried))
    }

    fn pattern(&self, pattern: Pattern<&'a str>) -> Pattern<&'a str> {
        match pattern {
            Pattern::Var(_) => pattern,
            Pattern::Arr(patterns) => {
                Pattern::Arr(patterns.into_iter().map(|pattern| self.pattern(pattern)).collect())
            }
            Pattern::Obj(entries) => {
                let entry = |(key, pattern)| (self.term(key), self.pattern(pattern));
                Pattern::Obj(entries.into_iter().map(entry).collect())
            }
        }
    }

    fn fold(
        &self,
        name: &'a str,
        source: Term<&'a str>,
        pattern: Pattern<&'a str>,
        terms: Vec<Term<&'a str>>,
    ) -> Term<&'a str> {
        let source = self.term(source);
        let terms: Vec<_> = terms
            .into_iter()
            .enumerate()
            .map(|(index, term)| {
                // The last of several states goes on, and `null` if there is none.
                let one = name != "reduce" || index != 1 || is_single(&term);
                let term = self.term(term);
                if one { term } else { call(LAST, vec![term]) }
            })
            .collect();
        if alternatives(pattern.clone()).is_err() {
            return Term::Fold(name, Box::new(source), self.pattern(pattern), terms);
        }
        // Collects all variables of the source in an array.
        let mut names = Vec::new();
        variables(&pattern, &mut names);
        names.retain(|name| *name != ALTERNATIVES);
        let values = names.iter().map(|name| Term::Var(*name));
        let values = values.reduce(|all, one| binary(all, BinaryOp::Comma, one));
        let source = self.destructure(source, pattern, Term::Arr(values.map(Box::new)));
        let pattern = Pattern::Arr(names.iter().map(|name| Pattern::Var(*name)).collect());
        Term::Fold(name, Box::new(source), pattern, terms)
    }

    fn path(&self, term: Term<&'a str>, path: Path<Term<&'a str>>) -> Term<&'a str> {
        let Path(parts) = path;
        let count = parts.iter().filter(|(part, _)| is_several(part)).count();
        let many =
            count > 1 || (count == 1 && (!is_single(&term) || parts.iter().any(is_iteration)));
        let mut bound = Bound::default();
        let mut free = |term| bound.free(self, term, many);
        let parts = parts.into_iter().map(|(part, optional)| {
            let part = match part {
                Part::Index(index) => Part::Index(free(index)),
                Part::Range(start, end) => Part::Range(start.map(&mut free), end.map(&mut free)),
            };
            (part, optional)
        });
        let path = Path(parts.collect());
        bound.around(Term::Path(Box::new(term), path))
    }

    /// Rewrites a string so that its last part with several results goes through its results first.
    fn text(
        &self,
        format: Option<&'a str>,
        parts: Vec<StrPart<&'a str, Term<&'a str>>>,
    ) -> Term<&'a str> {
        let is_several =
            |part: &StrPart<_, _>| matches!(part, StrPart::Term(term) if !is_single(term));
        let many = parts.iter().filter(|part| is_several(part)).count() > 1;
        let mut bound = Bound::default();
        let part = |part| match part {
            StrPart::Term(term) => StrPart::Term(bound.free(self, term, many)),
            part => part,
        };
        let parts = parts.into_iter().map(part).collect();
        bound.around(Term::Str(format, parts))
    }

    /// Returns the place of `name`.
    fn location(&self, name: &'a str) -> Term<&'a str> {
        let line = Location::of(self.code, span(self.code, name).start).line;
        let entry = |name, value| (text(name), Some(value));
        let line: &'a str = self.arena.alloc(line.to_string());
        Term::Obj(vec![entry("file", text("<top-level>")), entry("line", Term::Num(line))])
    }
}

/// Filters whose results are bound to variables around another filter, the innermost first.
#[derive(Default)]
struct Bound<'a>(Vec<(&'static str, Term<&'a str>)>);

impl<'a> Bound<'a> {
    /// Returns the rewritten filter, or a variable for it if it is one of `many` filters with several results.
    fn free(&mut self, meaning: &Meaning<'a>, term: Term<&'a str>, many: bool) -> Term<&'a str> {
        let several = many && !is_single(&term);
        let term = meaning.term(term);
        match INDICES.get(self.0.len()).filter(|_| several) {
            Some(name) => {
                self.0.push((name, term));
                Term::Var(name)
            }
            None => term,
        }
    }

    fn around(self, term: Term<&'a str>) -> Term<&'a str> {
        self.0.into_iter().fold(term, |term, (name, source)| bind(source, name, term))
    }
}

/// Returns whether a filter certainly has one result, or none and an error.
fn is_single(term: &Term<&str>) -> bool {
    match term {
        Term::Id | Term::Num(_) | Term::Var(_) | Term::Arr(_) => true,
        Term::Str(_, parts) => parts.iter().all(|part| match part {
            StrPart::Term(term) => is_single(term),
            _ => true,
        }),
        Term::Obj(entries) => {
            entries.iter().all(|(key, value)| is_single(key) && value.iter().all(is_single))
        }
        Term::Neg(term) => is_single(term),
        Term::BinOp(left, operator, right) => {
            !matches!(operator, BinaryOp::Comma) && is_single(left) && is_single(right)
        }
        Term::IfThenElse(cases, other) => {
            let case = |(condition, then): &(_, _)| is_single(condition) && is_single(then);
            cases.iter().all(case) && other.iter().all(|other| is_single(other))
        }
        Term::Path(term, Path(parts)) => {
            is_single(term) && parts.iter().all(|part| !is_iteration(part) && !is_several(&part.0))
        }
        _ => false,
    }
}

fn is_iteration<T, O>((part, _): &(Part<T>, O)) -> bool {
    matches!(part, Part::Range(None, None))
}

fn is_several(part: &Part<Term<&str>>) -> bool {
    match part {
        Part::Index(index) => !is_single(index),
        Part::Range(start, end) => [start, end].into_iter().flatten().any(|end| !is_single(end)),
    }
}

/// Returns whether a filter calls the function with this name and number of arguments.
fn calls(term: &Term<&str>, name: &str, count: usize) -> bool {
    let call = |term: &Term<&str>| calls(term, name, count);
    let in_pattern = |pattern: &Pattern<&str>| pattern_calls(pattern, &call);
    match term {
        Term::Id | Term::Recurse | Term::Num(_) | Term::Break(_) | Term::Var(_) => false,
        Term::Str(format, parts) => {
            format.is_some_and(|format| format == name && count == 0)
                || parts.iter().any(|part| matches!(part, StrPart::Term(term) if call(term)))
        }
        Term::Arr(term) => term.iter().any(|term| call(term)),
        Term::Obj(entries) => {
            entries.iter().any(|(key, value)| call(key) || value.iter().any(&call))
        }
        Term::Neg(term) | Term::Label(_, term) => call(term),
        Term::BinOp(left, operator, right) => {
            let pattern = match operator {
                BinaryOp::Pipe(Some(pattern)) => in_pattern(pattern),
                _ => false,
            };
            pattern || call(left) || call(right)
        }
        Term::Fold(_, source, pattern, terms) => {
            call(source) || in_pattern(pattern) || terms.iter().any(call)
        }
        Term::TryCatch(term, catch) => call(term) || catch.iter().any(|catch| call(catch)),
        Term::IfThenElse(cases, other) => {
            cases.iter().any(|(condition, then)| call(condition) || call(then))
                || other.iter().any(|other| call(other))
        }
        Term::Def(definitions, term) => {
            definitions.iter().any(|definition| call(&definition.body)) || call(term)
        }
        Term::Call(called, terms) => {
            (*called == name && terms.len() == count) || terms.iter().any(call)
        }
        Term::Path(term, Path(parts)) => {
            let part = |(part, _): &(Part<Term<&str>>, _)| match part {
                Part::Index(index) => call(index),
                Part::Range(start, end) => [start, end].into_iter().flatten().any(&call),
            };
            call(term) || parts.iter().any(part)
        }
    }
}

fn pattern_calls(pattern: &Pattern<&str>, call: &dyn Fn(&Term<&str>) -> bool) -> bool {
    match pattern {
        Pattern::Var(_) => false,
        Pattern::Arr(patterns) => patterns.iter().any(|pattern| pattern_calls(pattern, call)),
        Pattern::Obj(entries) => {
            entries.iter().any(|(key, pattern)| call(key) || pattern_calls(pattern, call))
        }
    }
}

/// Returns the patterns between `?//`, or the pattern itself if there is no `?//`.
fn alternatives(pattern: Pattern<&str>) -> Result<Vec<Pattern<&str>>, Pattern<&str>> {
    match pattern {
        Pattern::Arr(mut patterns) if matches!(patterns.last(), Some(Pattern::Var(name)) if *name == ALTERNATIVES) =>
        {
            patterns.pop();
            Ok(patterns)
        }
        pattern => Err(pattern),
    }
}

/// Adds the variables of a pattern, each once.
fn variables<'a>(pattern: &Pattern<&'a str>, names: &mut Vec<&'a str>) {
    match pattern {
        Pattern::Var(name) if names.contains(name) => {}
        Pattern::Var(name) => names.push(name),
        Pattern::Arr(patterns) => patterns.iter().for_each(|pattern| variables(pattern, names)),
        Pattern::Obj(entries) => {
            entries.iter().for_each(|(_, pattern)| variables(pattern, names));
        }
    }
}

fn text(text: &str) -> Term<&str> {
    Term::Str(None, vec![StrPart::Str(text)])
}

fn call<'a>(name: &'a str, terms: Vec<Term<&'a str>>) -> Term<&'a str> {
    Term::Call(name, terms)
}

fn binary<'a>(
    left: Term<&'a str>,
    operator: BinaryOp<&'a str>,
    right: Term<&'a str>,
) -> Term<&'a str> {
    Term::BinOp(Box::new(left), operator, Box::new(right))
}

fn pipe<'a>(left: Term<&'a str>, right: Term<&'a str>) -> Term<&'a str> {
    binary(left, BinaryOp::Pipe(None), right)
}

/// Returns `source as $name | body`.
fn bind<'a>(source: Term<&'a str>, name: &'a str, body: Term<&'a str>) -> Term<&'a str> {
    binary(source, BinaryOp::Pipe(Some(Pattern::Var(name))), body)
}
