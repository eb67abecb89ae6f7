//! The common code of the adapters that answer HTTP: it reads requests and writes responses.
//!
//! | HTTP | contract |
//! | --- | --- |
//! | `POST /NAME`, its body and `content-type` | the document: name, body and media type |
//! | the query | the options |
//! | `plugwright-attribute: KEY=VALUE`, both percent-encoded | an attribute, in the request and in the response |
//! | a status of 400, 422 or 500, `plugwright-failure`, and a body as in [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) | a failure |
//! | `GET /` | the description, as JSON |

mod answer;
mod asked;
#[expect(missing_docs, reason = "the bindings are generated")]
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

/// Makes a component from a function that answers `POST` requests. The function gets the request and the answer.
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

/// Answers with the plugin's description, for every path that ends in `/`. A proxy may serve the plugin below a folder.
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
