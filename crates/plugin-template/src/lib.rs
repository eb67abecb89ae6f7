//! Renders JSON data with a template of Jinja's language, in the world `transformer`.
//!
//! The document is the data. The members of an object are the template's variables, and any other value is the variable
//! `data`. An option has the template, as text or as a name in the folder `/templates`, which must be granted.
//! Templates can include, extend and import only other templates of this folder. The result ends as the template does,
//! with or without a line break. Values that are neither text nor numbers are printed as Jinja prints them, such as
//! `True` and `None`, unless the result is JSON.
//!
//! # Model
//!
//! The model is Jinja 3.1, as MiniJinja 3.1 implements it. These are the
//! [differences](https://docs.rs/minijinja/latest/minijinja/#template-compatibility) that templates meet:
//!
//! - An undefined value is an error, as with Jinja's `StrictUndefined`.
//! - `%` does not format. The filter `format` does.
//! - Only methods of strings, lists and dictionaries that templates often call exist, such as `items`, `split` and `lower`.
//!
//! # Engine
//!
//! The engine is MiniJinja, by the author of Jinja, with the methods of Python's strings, lists and dictionaries that
//! templates call. Naming undefined values in errors takes 28 KB of the plugin's 900 KB, and keeping the order of the
//! data takes nothing.
//!
//! Besides the host's limits, two limits bound a template: the number of its steps, and the depth of its nesting. They
//! do not bound an expression with thousands of operators, or a list that contains itself. In these cases, the host's
//! stack limit ends the call.

mod data;
mod folder;
mod kind;
mod options;
mod plan;
mod render;
mod source;

use options::Options;
use plan::Plan;
use plugwright_guest::{Document, Failure, transformer};

transformer! {
    summary: "renders JSON data with a template of Jinja's language",
    takes: ["application/json"],
    gives: ["text/html", "text/plain", "*/*"],
    run: template(Options)
}

fn template(input: Document, options: Options) -> Result<Document, Failure> {
    let plan = Plan::of(options)?;
    let variables = data::variables(&input)?;
    let text = render::render(&plan, &input, variables)?;
    Ok(input.with_extension(plan.kind.ending).with_media_type(plan.kind.media_type).with_body(text))
}
