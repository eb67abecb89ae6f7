//! Answers HTTP with the result of a streamer, while the document arrives.

use adapter_http::{Answer, Asked, Known, Stop};
use bindings::plugwright::plugin::sessions::{Head, TransformSession};

mod bindings {
    plugwright_guest::generate!({
        inline: "
            package plugwright:http-streamer;

            world streamer {
                import plugwright:plugin/sessions@0.2.0;
            }
        ",
        path: "../../wit",
        world: "plugwright:http-streamer/streamer",
        generate_all,
        with: {
            "plugwright:plugin/transform@0.2.0": adapter_http::bindings::plugwright::plugin::transform,
        },
    });
}

adapter_http::adapter!(answer);

fn answer(asked: Asked, answer: &mut Answer) -> Result<(), Stop> {
    let Asked { name, media_type, attributes, body, settings } = asked;
    let session = TransformSession::open(&Head { name, media_type, attributes }, &settings)?;
    while let Some(piece) = body.next()? {
        answer.push(session.push(&piece)?, || known(session.head()))?;
    }
    let head = session.head();
    let ending = TransformSession::finish(session)?;
    answer.finish(ending.body, &Known { attributes: ending.attributes, ..known(head) })
}

fn known(Head { name, media_type, attributes }: Head) -> Known {
    Known { name, media_type, attributes }
}
