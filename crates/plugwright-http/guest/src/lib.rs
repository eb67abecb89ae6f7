//! What the adapters that answer HTTP have in common: what a request asks for, and how it is answered.
//!
//! | HTTP | contract |
//! | --- | --- |
//! | `POST /NAME`, its body, `content-type` | the document: its name, body and media type |
//! | the query | the options |
//! | `plugwright-attribute: KEY=VALUE`, both percent-encoded | an attribute, in the request and in the response |
//! | a status of 400, 422 or 500, `plugwright-failure`, and a body by [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) | a failure |
//! | `GET /` | the description, as JSON |

mod answer;
mod asked;
#[expect(missing_docs, reason = "what is generated of the contract")]
pub mod bindings;
mod body;
mod problem;

pub use answer::{Answer, Known};
pub use asked::Asked;
pub use body::Body;
pub use problem::Stop;

use bindings::plugwright::plugin::transform;
use bindings::wasi::http::types::{IncomingRequest, Method, ResponseOutparam};
use problem::Problem;

/// Makes a component of a function that answers a `POST` request: it is given what is asked, and what it answers by.
#[macro_export]
macro_rules! adapter {
    ($answer:ident) => {
        struct Adapter;

        impl $crate::bindings::exports::wasi::http::incoming_handler::Guest for Adapter {
            fn handle(
                request: $crate::bindings::wasi::http::types::IncomingRequest,
                out: $crate::bindings::wasi::http::types::ResponseOutparam,
            ) {
                $crate::handle(&request, out, $answer);
            }
        }

        $crate::bindings::export!(Adapter with_types_in $crate::bindings);
        plugwright_guest::without_wasi!(log);

        fn log(level: plugwright_guest::host::Level, line: &str) {
            plugwright_guest::host::log(level, line, &[]);
        }
    };
}

/// Answers a request.
pub fn handle(
    request: &IncomingRequest,
    out: ResponseOutparam,
    post: impl FnOnce(Asked, &mut Answer) -> Result<(), Stop>,
) {
    let mut answer = Answer::new(out);
    let outcome = match request.method() {
        Method::Post => Asked::read(request).and_then(|asked| post(asked, &mut answer)),
        Method::Get | Method::Head => describe(request, &mut answer),
        _ => Err(Stop::Problem(Problem::method())),
    };
    if let Err(stop) = outcome {
        answer.stop(stop);
    }
}

/// Says what the plugin is, wherever a folder is asked for, since what stands before it can have put it below one.
fn describe(request: &IncomingRequest, answer: &mut Answer) -> Result<(), Stop> {
    if !asked::target(request).0.ends_with('/') {
        return Err(Stop::Problem(Problem::nothing_there()));
    }
    let it = transform::describe();
    let options = it.options.iter();
    let options: Vec<_> = options
        .map(|it| serde_json::json!({ "key": it.key, "default": it.default, "help": it.help }))
        .collect();
    let described = serde_json::json!({
        "name": it.name, "version": it.version, "summary": it.summary,
        "takes": it.takes, "gives": it.gives, "options": options,
    });
    answer.json(200, Vec::new(), &described)
}
