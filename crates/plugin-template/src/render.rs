//! Renders a template with its variables, and reports errors.

use std::collections::BTreeMap;
use std::error::Error as _;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, Value, context};
use minijinja_contrib::pycompat::unknown_method_callback;
use plugwright_guest::{Document, Failure, Invalid, Location};

use crate::plan::{Plan, Source};
use crate::{folder, source};

/// The name of a template without a name, which is the name of its option.
const UNNAMED: &str = "template";

/// The greatest number of steps of a template, which takes some seconds.
const FUEL: u64 = 10_000_000;

/// The greatest depth of loops and blocks. A macro counts as five levels, and an included template as ten.
/// WebAssembly's stack bears this depth, and JSON is never deeper.
const RECURSION: usize = 200;

/// Renders the template of the plan.
///
/// In addition to the variables, the template gets `document` with the name, the media type and the attributes of the
/// document, unless a variable has this name.
pub(crate) fn render(plan: &Plan, input: &Document, variables: Value) -> Result<String, Failure> {
    let rendered = environment(plan).and_then(|mut environment| {
        environment.add_global("document", known(input));
        let template = match &plan.source {
            Source::Text(text) => {
                source::check(text)?;
                environment.template_from_named_str(UNNAMED, text)?
            }
            Source::File(name) => environment.get_template(name)?,
        };
        template.render(variables)
    });
    rendered.map_err(|error| failure(&error, &plan.source))
}

fn environment(plan: &Plan) -> Result<Environment<'_>, Error> {
    let mut environment = Environment::new();
    environment.set_loader(folder::read);
    let escape = plan.escape.clone();
    environment.set_auto_escape_callback(move |_| escape.clone());
    environment.set_undefined_behavior(plan.undefined);
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(plan.trim_blocks)
            .lstrip_blocks(plan.trim_blocks)
            .keep_trailing_newline(true)
            .build()?,
    );
    // Adds the methods of Python's strings, lists and dictionaries that templates call, and further filters of Jinja.
    environment.set_unknown_method_callback(unknown_method_callback);
    minijinja_contrib::add_to_environment(&mut environment);
    // Without this, errors do not name the undefined value.
    environment.set_debug(true);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(RECURSION);
    Ok(environment)
}

fn known(input: &Document) -> Value {
    let attributes = input.attributes.iter().map(|it| (it.key.clone(), it.value.clone()));
    let attributes: BTreeMap<_, _> = attributes.collect();
    context! { name => input.name.clone(), attributes }
}

/// Converts an error, with all places from its origin to the outermost template.
///
/// It is an error of the data if other data would fix it, and otherwise an error of the template.
fn failure(error: &Error, template: &Source) -> Failure {
    let (mut places, mut at) = (Vec::new(), None);
    let (mut cause, mut next) = (error, Some(error));
    while let Some(error) = next {
        if let (Some(name), Some(line)) = (error.name(), error.line()) {
            places.push((name, line));
        }
        if let (Source::Text(text), Some(UNNAMED), Some(range)) =
            (template, error.name(), error.range())
        {
            at = text.get(..range.start).map(|before| Location::of(text, before.len()));
        }
        cause = error;
        next = error.source().and_then(|it| it.downcast_ref());
    }
    let what = match (cause.kind(), cause.detail()) {
        // The details of these errors are complete.
        (
            ErrorKind::BadInclude
            | ErrorKind::TemplateNotFound
            | ErrorKind::UndefinedError
            | ErrorKind::UnknownFilter
            | ErrorKind::UnknownFunction
            | ErrorKind::UnknownMethod
            | ErrorKind::UnknownTest,
            Some(detail),
        ) => detail.to_owned(),
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    };
    places.dedup();
    let recursion = cause.detail() == Some("recursion limit exceeded");
    match (cause.kind(), template) {
        (ErrorKind::UndefinedError | ErrorKind::InvalidOperation, _) if !recursion => {
            Invalid::new(message(&what, &places)).into()
        }
        (_, Source::Text(_)) => {
            // The option has its own place. Included templates are named in the message.
            places.retain(|(name, _)| at.is_none() || *name != UNNAMED);
            let message = message(&what, &places);
            Invalid { message, at }.of_option(UNNAMED)
        }
        (_, Source::File(_)) => Invalid::new(message(&what, &places)).of_option("file"),
    }
}

/// Returns the message, after the innermost place and before the outer places.
fn message(what: &str, places: &[(&str, usize)]) -> String {
    let text = |(name, line): &(&str, usize)| format!("`{name}`, line {line}");
    match places.split_last() {
        Some((innermost, others)) => {
            let ways = others.iter().rev().map(|place| format!(", from {}", text(place)));
            format!("{}: {what}{}", text(innermost), ways.collect::<String>())
        }
        None => what.to_owned(),
    }
}
