//! Answers HTTP with what a transformer makes of a document, once all of it is there.

use adapter_http::bindings::plugwright::plugin::transform::{self, Document};
use adapter_http::{Answer, Asked, Known, Stop};

adapter_http::adapter!(answer);

fn answer(asked: Asked, answer: &mut Answer) -> Result<(), Stop> {
    let Asked { name, media_type, attributes, body, settings } = asked;
    let input = Document { name, media_type, body: body.all()?, attributes };
    let output = transform::transform(&input, &settings)?;
    // Both of them at once can be too much.
    drop(input);
    let Document { name, media_type, body, attributes } = output;
    answer.finish(body, &Known { name, media_type, attributes })
}
