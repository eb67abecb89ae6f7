//! What the host reports for a hostile plugin.

use std::error::Error;
use std::fmt::{Debug, Display};

use plugwright::{CallError, CompilerError, Host, LoadError, Plugin};
use plugwright_contract::prelude::*;
use plugwright_contract::{AnyPlugin, Document, Head, Person, Streamer};

use super::file::{Call, Hostile};

/// What the host reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The kind of error, in a few words.
    pub(crate) label: String,
    /// The error's message, or the plugin's result.
    pub(crate) text: String,
}

impl Verdict {
    /// Loads the plugin and calls it twice. Both calls must end in the same way.
    pub(crate) fn of(host: &Host, hostile: &Hostile, input: &[u8]) -> Self {
        let plugin = match hostile.load(host) {
            Ok(plugin) => plugin,
            Err(error) => return Self::of_load(&error),
        };
        let verdict = Self::of_plugin(&plugin, hostile, input);
        let again = Self::of_plugin(&plugin, hostile, input);
        assert_eq!(verdict, again, "a fresh instance ends differently");
        verdict
    }

    /// Calls the plugin.
    pub(crate) fn of_plugin(plugin: &AnyPlugin, hostile: &Hostile, input: &[u8]) -> Self {
        match (hostile.front.call, plugin) {
            (Call::Greet, AnyPlugin::Prettify(plugin)) => {
                let person = Person { first_name: "A".to_owned(), last_name: "B".to_owned() };
                Self::of_call(plugin.greet(&person))
            }
            (_, AnyPlugin::Prettify(plugin)) => {
                let words = String::from_utf8_lossy(input);
                let words: Vec<_> = words.split_whitespace().map(str::to_owned).collect();
                Self::of_call(plugin.prettify(&words))
            }
            (_, AnyPlugin::Streamer(plugin)) => session(plugin, input),
            (Call::Describe, AnyPlugin::Transformer(plugin)) => {
                Self::of_call(plugin.describe().map(|description| description.summary))
            }
            (_, AnyPlugin::Transformer(plugin)) => {
                let document = Document::new("input.txt", "text/plain", input);
                let answer = plugin.transform(&document, &[]);
                Self::of_call(
                    answer.map(|document| String::from_utf8_lossy(&document.body).into_owned()),
                )
            }
        }
    }

    fn of_call<F: Debug + Display + 'static>(answer: Result<String, CallError<F>>) -> Self {
        let label = match &answer {
            Ok(_) => "done".to_owned(),
            Err(CallError::Refused { .. }) => "refused".to_owned(),
            Err(CallError::Exceeded { exceeded, .. }) => format!("exceeded {}", exceeded.limit),
            Err(CallError::Trapped { kind, .. }) => format!("trapped {}", variant(kind)),
            Err(error) => variant(error),
        };
        Self { label, text: answer.unwrap_or_else(|error| whole(&error)) }
    }

    fn of_load(error: &LoadError) -> Self {
        let limit = match error {
            LoadError::Compiler { source: CompilerError::Exceeded { limit, .. }, .. } => {
                format!(" {}", limit.name())
            }
            _ => String::new(),
        };
        Self { label: format!("not loaded: {}{limit}", variant(error)), text: whole(error) }
    }
}

/// Returns the outcome of a session. After an error, the session cannot be used again.
fn session(plugin: &Plugin<Streamer>, input: &[u8]) -> Verdict {
    let mut session = match plugin.session(&Head::new("input.txt", "text/plain"), &[]) {
        Ok(session) => session,
        Err(error) => return Verdict::of_call(Err(error)),
    };
    match session.push(input) {
        Ok(_) => Verdict::of_call(session.finish().map(|_| String::new())),
        Err(error) => {
            let second = session.push(input);
            assert!(matches!(second, Err(CallError::InstanceOver { .. })), "{second:?}");
            Verdict::of_call(Err(error))
        }
    }
}

/// Returns the name of the variant, in lowercase, with hyphens between its words.
fn variant(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    let mut name = String::new();
    for c in text.chars().take_while(|c| c.is_alphanumeric()) {
        if c.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

/// Returns the error and its causes.
fn whole(error: &dyn Error) -> String {
    let source = error.source().map(|source| format!(": {}", whole(source)));
    format!("{error}{}", source.unwrap_or_default())
}
