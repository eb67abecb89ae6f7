//! Renders JSON data with a template of Jinja's language, in the world `transformer`.
//!
//! The document is the data: the members of an object are the template's variables, and any other value
//! is the variable `data`. The template comes by option, as text or as a name in the folder `/templates`,
//! which has to be granted; templates include, extend and import others of that folder and nothing else.
//! The text that comes out ends as the template does, with or without a line break. What is neither text
//! nor a number is printed as Jinja does it, `True` and `None`, unless JSON comes out.
//!
//! # Model
//!
//! Jinja 3.1, as MiniJinja 3.1 understands it. Of its
//! [differences](https://docs.rs/minijinja/latest/minijinja/#template-compatibility), those that templates meet are:
//! what is undefined is an error, as with Jinja's `StrictUndefined`; `%` formats nothing, which the filter `format`
//! does; and a method of a string, list or dictionary is there if templates call it often, such as `items`, `split` and
//! `lower`.
//!
//! # Engine
//!
//! The engine is MiniJinja, Jinja's own author's, with the methods of Python's strings, lists and dictionaries that
//! templates call. Of its features, naming what is undefined costs 28 KB of
//! the plugin's 900, and keeping the data's order nothing. Two things bound what a template can do, beside
//! the host's limits: how many steps it takes, and how deep it goes. They do not bound an expression of
//! thousands of operators or a list in itself: there it is the host's limit of the stack that ends the call.

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
