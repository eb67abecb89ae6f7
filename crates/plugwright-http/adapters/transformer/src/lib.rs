//! Answers HTTP with the result of a transformer, after the whole document has arrived.

use adapter_http::bindings::plugwright::plugin::transform::{self, Document};
use adapter_http::{Answer, Asked, Known, Stop};

adapter_http::adapter!(answer);

fn answer(asked: Asked, answer: &mut Answer) -> Result<(), Stop> {
    let Asked { name, media_type, attributes, body, settings } = asked;
    let input = Document { name, media_type, body: body.all()?, attributes };
    let output = transform::transform(&input, &settings)?;
    // This frees memory, because both documents together may be too large.
    drop(input);
    let Document { name, media_type, body, attributes } = output;
    answer.finish(body, &Known { name, media_type, attributes })
}
