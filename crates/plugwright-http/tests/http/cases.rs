//! Runs the cases of plugins over HTTP. The results must be those of `plugwright run`.

use hyper::Method;
use hyper::header::{CONTENT_TYPE, HeaderName};
use insta::assert_snapshot;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use plugwright::{CallError, ForeignText, Plugin};
use plugwright_contract::cases::DocumentCase;
use plugwright_contract::prelude::*;
use plugwright_contract::{Attribute, Document, Failure, Location, Setting, Transformer};
use serde_json::{Value, json};
use tests::{cases, dist, host};

use crate::client::{Answer, ask};
use crate::served::Server;

/// All plugins that take documents and ask for no grant.
const PLUGINS: [&str; 7] =
    ["checksum", "count", "csv-json", "jq", "markdown", "redact", "thumbnail"];

const ATTRIBUTE: &str = "plugwright-attribute";

#[test]
fn every_case_gives_what_it_gives_without_http() {
    let (mut same, mut others) = (0, String::new());
    for name in PLUGINS {
        let server = Server::of(name);
        let bytes = dist().read(name).expect("it is built");
        let plugin: Plugin<Transformer> = host().load_bytes(name, &bytes).expect("a plugin");
        for case in cases().iter().filter(|case| case.plugin() == name) {
            let told = format!("{name}/{}", case.name());
            let case = DocumentCase::read(case).unwrap_or_else(|error| panic!("{told}: {error:?}"));
            let given = match plugin.transform(&case.document, &case.options) {
                Ok(document) => Ok(document),
                Err(CallError::Refused { failure, .. }) => Err(failure),
                // Engines do not have the limits of this host.
                Err(error) => {
                    others += &format!("{told}: {error}\n");
                    continue;
                }
            };
            let answer = asked(&server, &case).unwrap_or_else(|error| panic!("{told}: {error}"));
            match given {
                Ok(document) => assert_eq!(document_of(&answer), document, "{told}"),
                Err(failure) => {
                    assert_eq!((answer.status, failure_of(&answer)), expected(failure), "{told}");
                }
            }
            same += 1;
        }
        assert!(!server.log().contains("failed"), "{}", server.log());
    }
    assert!(same > 200, "{same} cases");
    assert_snapshot!(others, @"jq/endless.case: plugin `jq` was ended in `transform`: the time of a call is limited to 10s; to allow more, raise the limit `deadline`");
}

/// Sends a case, and returns the answer.
fn asked(
    server: &Server,
    DocumentCase { document, options }: &DocumentCase,
) -> Result<Answer, String> {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let Document { name, media_type, body, attributes } = document;
    let query: Vec<_> = options
        .iter()
        .map(|Setting { key, value }| format!("{}={}", encode(key), encode(value)))
        .collect();
    let target = format!("/{}?{}", encode(name), query.join("&"));
    let attributes = attributes.iter().map(|Attribute { key, value }| {
        (HeaderName::from_static(ATTRIBUTE), format!("{}={}", encode(key), encode(value)))
    });
    let headers: Vec<_> = attributes.chain([(CONTENT_TYPE, media_type.clone())]).collect();
    ask(&server.address, Method::POST, &target, &headers, body.clone())
}

/// Returns the document of an answer.
fn document_of(answer: &Answer) -> Document {
    assert_eq!(answer.status, 200, "{}", answer.shown());
    let decode = |text: &str| percent_decode_str(text).decode_utf8().expect("text").into_owned();
    let name = answer.header("content-disposition").strip_prefix("attachment; filename*=UTF-8''");
    // Attributes that are known only at the end are trailers of a long body.
    let values = match answer.header("trailer") {
        "" => answer.headers.get_all(ATTRIBUTE),
        _ => answer.trailers.get_all(ATTRIBUTE),
    };
    let attributes = values.iter().map(|value| {
        let (key, value) = value.to_str().expect("text").split_once('=').expect("a pair");
        Attribute { key: decode(key), value: decode(value) }
    });
    Document {
        name: decode(name.expect("a name")),
        media_type: answer.header("content-type").to_owned(),
        body: answer.body.clone(),
        attributes: attributes.collect(),
    }
}

/// Returns the failure of an answer.
fn failure_of(answer: &Answer) -> Value {
    let mut told: Value = serde_json::from_slice(&answer.body)
        .unwrap_or_else(|error| panic!("{error}: {}", answer.shown()));
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(told["failure"], answer.header("plugwright-failure"));
    assert_eq!(told["status"], answer.status);
    for key in ["title", "status"] {
        told.as_object_mut().expect("an object").remove(key);
    }
    told
}

/// Returns the expected status and failure.
fn expected(failure: Failure) -> (u16, Value) {
    let exact = ForeignText::into_exact;
    let place = |mut told: Value, at: Option<Location>| {
        if let Some(Location { line, column }) = at {
            (told["line"], told["column"]) = (line.into(), column.into());
        }
        told
    };
    match failure {
        Failure::InvalidInput { message, at } => {
            (422, place(json!({ "failure": "invalid-input", "detail": exact(message) }), at))
        }
        Failure::UnknownOption { key } => {
            let key = exact(key);
            let detail = format!("there is no option `{key}`");
            (400, json!({ "failure": "unknown-option", "option": key, "detail": detail }))
        }
        Failure::BadOption { key, message, at } => {
            let (key, message) = (exact(key), exact(message));
            (400, place(json!({ "failure": "bad-option", "option": key, "detail": message }), at))
        }
        other => panic!("{other}"),
    }
}
