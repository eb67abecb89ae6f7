//! Renders JSON data with a template of Jinja's language, in the world `transformer`.
//!
//! The document is the data: the members of an object are the template's variables, and any other value
//! is the variable `data`. The template comes by option, as text or as a name in the folder `/templates`,
//! which has to be granted; templates include, extend and import others of that folder and nothing else.
//! The text that comes out ends as the template does, with or without a line break. What is neither text
//! nor a number is printed as Jinja does it, `True` and `None`, unless JSON comes out.
//!
//! The engine is MiniJinja, Jinja's own author's. Of its features, naming what is undefined costs 28 KB of
//! the plugin's 900, and keeping the data's order nothing. Two things bound what a template can do, beside
//! the host's limits: how many steps it takes, and how deep it goes. They do not bound an expression of
//! thousands of operators or a list in itself: there it is the host's limit of the stack that ends the call.
#![expect(missing_docs, unsafe_code, reason = "what wit-bindgen generates")]

mod data;
mod folder;
mod kind;
mod options;
mod render;
mod source;

wit_bindgen::generate!({ path: "../../wit", world: "transformer" });

use exports::plugwright::plugin::transform::{
    Description, Document, Failure, Guest, InvalidInput, Location, Setting,
};
use options::Options;

struct Template;

export!(Template);

impl Guest for Template {
    fn describe() -> Description {
        Description {
            name: "template".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "renders JSON data with a template of Jinja's language".to_owned(),
            takes: vec!["application/json".to_owned()],
            gives: vec!["text/html".to_owned(), "text/plain".to_owned(), "*/*".to_owned()],
            options: options::describe(),
        }
    }

    fn transform(input: Document, settings: Vec<Setting>) -> Result<Document, Failure> {
        let options = Options::from_settings(settings)?;
        let variables = data::variables(&input.body)?;
        let text = render::render(&options, &input, variables)?;
        Ok(Document {
            name: options.kind.rename(&input.name),
            media_type: options.kind.media_type,
            body: text.into_bytes(),
            attributes: input.attributes,
        })
    }
}

/// A failure of the document, at a place whose numbers count from 1, if it has one.
fn invalid(message: String, place: Option<(usize, usize)>) -> Failure {
    let bounded = |number| u32::try_from(number).unwrap_or(u32::MAX);
    let at = place.map(|(line, column)| Location { line: bounded(line), column: bounded(column) });
    Failure::InvalidInput(InvalidInput { message, at })
}
