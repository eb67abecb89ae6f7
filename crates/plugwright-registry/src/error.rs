//! The errors of pushes and pulls.

use std::io;
use std::path::PathBuf;

/// Why a plugin cannot be pushed to a registry, or pulled from one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// The registry cannot be reached, or ended the connection.
    #[error("cannot reach `{host}`: {why}")]
    Unreachable {
        /// The registry.
        host: String,
        /// What happened.
        why: String,
    },
    /// The certificate of the registry is not valid.
    #[error(
        "cannot verify the identity of `{host}`: {why}; `--authority` adds a certificate authority to those of the system"
    )]
    Untrusted {
        /// The registry.
        host: String,
        /// What is wrong with its certificate.
        why: String,
    },
    /// A certificate authority is invalid.
    #[error("a certificate authority has no valid certificates in PEM: {why}")]
    Authority {
        /// What is wrong with the certificate.
        why: String,
    },
    /// The registry needs credentials, or does not accept those that it got.
    #[error(
        "`{host}` does not allow this: {why}; log in with `docker login {host}`, or another program that writes Docker's configuration"
    )]
    Denied {
        /// The registry.
        host: String,
        /// The answer of the registry.
        why: String,
    },
    /// The registry does not have the plugin.
    #[error("`{host}` has no `{what}`")]
    Missing {
        /// The registry.
        host: String,
        /// The name, with its tag or digest.
        what: String,
    },
    /// The registry gave an invalid answer.
    #[error("`{host}` gave an invalid answer: {why}")]
    Answer {
        /// The registry.
        host: String,
        /// What is wrong.
        why: String,
    },
    /// A part of the plugin is longer than the limits allow.
    #[error(
        "`{what}` has {bytes} bytes, but at most {most} are allowed: to allow more, raise the limit `component-size`"
    )]
    TooLong {
        /// The part that is too long.
        what: String,
        /// Its length in bytes.
        bytes: u64,
        /// The greatest length in bytes.
        most: u64,
    },
    /// The artifact in the registry is not a plugin.
    #[error("this is not a plugin: {why}")]
    Layout {
        /// How the artifact differs from a plugin.
        why: String,
    },
    /// Docker's configuration or a program that it names cannot give the credentials.
    #[error("cannot read the credentials for `{host}` in Docker's configuration: {why}")]
    Credentials {
        /// The registry.
        host: String,
        /// What is wrong.
        why: String,
    },
    /// A file cannot be written.
    #[error("cannot write `{path}`: {error}")]
    File {
        /// The file.
        path: String,
        /// The error of the system.
        error: io::Error,
    },
    /// The folder of plugins changed during the operation.
    #[error("the folder `{}` changed meanwhile: run the command again", folder.display())]
    Changed {
        /// The folder.
        folder: PathBuf,
    },
    /// A push needs a reference with a tag and without a digest.
    #[error("`{reference}` has a digest: to push, use a tag alone, such as `:1.0.0`")]
    NoTag {
        /// The reference.
        reference: String,
    },
    /// The network cannot be set up: its runtime or its TLS.
    #[error("cannot set up the network: {0}")]
    System(io::Error),
}

/// The greatest number of characters that are shown of a foreign text.
const MOST: usize = 300;

impl RegistryError {
    pub(crate) fn answer(host: &str, why: &str) -> Self {
        Self::Answer { host: host.to_owned(), why: brief(why) }
    }

    pub(crate) fn layout(why: &str) -> Self {
        Self::Layout { why: brief(why) }
    }
}

/// Returns the beginning of a text as one line. Parts of the text are foreign.
fn brief(text: &str) -> String {
    let line =
        text.chars().map(|it| if it.is_control() { char::REPLACEMENT_CHARACTER } else { it });
    let mut line: String = line.take(MOST).collect();
    if text.chars().nth(MOST).is_some() {
        line.push('…');
    }
    line
}
