//! The answer if there is no document.

use serde_json::{Value, json};

use crate::bindings::plugwright::plugin::transform::{BadOption, Failure, InvalidInput, Location};

/// Why there is no document.
#[derive(Debug)]
pub enum Stop {
    /// A problem that the client is told about.
    Problem(Problem),
    /// The client does not send the rest of the request, or no longer reads the answer.
    Gone,
}

/// A problem as in [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457).
#[derive(Debug)]
pub struct Problem {
    pub(crate) status: u16,
    /// The case of the failure, if the plugin returned one.
    pub(crate) failure: Option<&'static str>,
    pub(crate) detail: String,
    option: Option<String>,
    at: Option<Location>,
}

impl Problem {
    /// The request is wrong.
    pub(crate) fn request(detail: String) -> Self {
        Self { status: 400, failure: None, detail, option: None, at: None }
    }

    /// The request has an unsupported method.
    pub(crate) fn method() -> Self {
        Self {
            status: 405,
            ..Self::request(
                "use `POST` with a document, or `GET /` for the plugin's description".to_owned(),
            )
        }
    }

    /// The name or the attributes are too long to fit into an answer.
    pub(crate) fn too_much() -> Self {
        let detail = "the name can have at most 4 KiB, and the attributes 32 KiB".to_owned();
        Self { status: 431, ..Self::request(detail) }
    }

    /// The body is incomplete.
    pub(crate) fn broken_off() -> Self {
        Self::request("the body is incomplete".to_owned())
    }

    /// The plugin is at fault.
    pub(crate) fn plugin(detail: String) -> Self {
        Self { status: 500, failure: Some("internal"), ..Self::request(detail) }
    }

    /// The path of a `GET` request is not a folder.
    pub(crate) fn nothing_there() -> Self {
        Self {
            status: 404,
            ..Self::request("use `GET /`, or `POST /NAME` with a document".to_owned())
        }
    }

    /// Returns the problem as JSON.
    pub(crate) fn to_json(&self) -> Value {
        let mut told =
            json!({ "title": self.title(), "status": self.status, "detail": self.detail });
        let more = [
            ("failure", self.failure.map(Value::from)),
            ("option", self.option.as_deref().map(Value::from)),
            ("line", self.at.map(|at| at.line.into())),
            ("column", self.at.map(|at| at.column.into())),
        ];
        for (key, value) in more {
            if let Some(value) = value {
                told[key] = value;
            }
        }
        told
    }

    fn title(&self) -> &'static str {
        match self.status {
            400 => "Bad Request",
            404 => "Not Found",
            405 => "Method Not Allowed",
            422 => "Unprocessable Content",
            431 => "Request Header Fields Too Large",
            _ => "Internal Server Error",
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let (status, name, detail, option, at) = match failure {
            Failure::InvalidInput(InvalidInput { message, at }) => {
                (422, "invalid-input", message, None, at)
            }
            Failure::UnknownOption(key) => {
                (400, "unknown-option", format!("there is no option `{key}`"), Some(key), None)
            }
            Failure::BadOption(BadOption { key, message, at }) => {
                (400, "bad-option", message, Some(key), at)
            }
            Failure::Internal(message) => (500, "internal", message, None, None),
        };
        Self { status, failure: Some(name), detail, option, at }
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Problem(failure.into())
    }
}
