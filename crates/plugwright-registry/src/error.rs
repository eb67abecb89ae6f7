//! Why a plugin does not get to a registry, or from one.

use std::io;
use std::path::PathBuf;

/// Why a plugin does not get to a registry, or from one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// The registry cannot be reached, or broke off.
    #[error("cannot reach `{host}`: {why}")]
    Unreachable {
        /// The registry.
        host: String,
        /// What happened.
        why: String,
    },
    /// Whoever answers is not the registry, as far as certificates tell.
    #[error(
        "`{host}` is not who it says: {why}; `--authority` trusts a certificate authority beside those of the system"
    )]
    Untrusted {
        /// The registry.
        host: String,
        /// What is wrong with its certificate.
        why: String,
    },
    /// A certificate authority is none.
    #[error("a certificate authority is not one in PEM: {why}")]
    Authority {
        /// What is wrong with it.
        why: String,
    },
    /// The registry asks who it is, or does not let them.
    #[error(
        "`{host}` does not allow this: {why}; log in with `docker login {host}`, or another program that writes Docker's configuration"
    )]
    Denied {
        /// The registry.
        host: String,
        /// What it says.
        why: String,
    },
    /// The registry has no such thing.
    #[error("`{host}` has no `{what}`")]
    Missing {
        /// The registry.
        host: String,
        /// The name, with its tag or digest.
        what: String,
    },
    /// The registry answers what it may not.
    #[error("`{host}` answered wrongly: {why}")]
    Answer {
        /// The registry.
        host: String,
        /// What is wrong.
        why: String,
    },
    /// What is there is longer than is allowed.
    #[error(
        "`{what}` has {bytes} bytes, and {most} are allowed: to allow more, raise the limit `component-size`"
    )]
    TooLong {
        /// What is too long.
        what: String,
        /// How long it is.
        bytes: u64,
        /// How long it may be.
        most: u64,
    },
    /// What is there is no plugin.
    #[error("this is no plugin: {why}")]
    Layout {
        /// What it has that a plugin has not, or the other way round.
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
        /// What the system says.
        error: io::Error,
    },
    /// The folder of plugins is not what it was a moment ago.
    #[error("the folder `{}` was changed meanwhile: type the command again", folder.display())]
    Changed {
        /// The folder.
        folder: PathBuf,
    },
    /// What is pushed is named by a tag.
    #[error(
        "`{reference}` is by a digest: what is pushed is named by a tag alone, such as `:1.0.0`"
    )]
    NoTag {
        /// The reference.
        reference: String,
    },
    /// The system gives no means to wait for a network.
    #[error("cannot wait for a network: {0}")]
    System(io::Error),
}

/// The most that is shown of what others say, in characters.
const MOST: usize = 300;

impl RegistryError {
    pub(crate) fn answer(host: &str, why: &str) -> Self {
        Self::Answer { host: host.to_owned(), why: brief(why) }
    }

    pub(crate) fn layout(why: &str) -> Self {
        Self::Layout { why: brief(why) }
    }
}

/// The beginning of a text in one line, since others make up parts of it.
fn brief(text: &str) -> String {
    let line =
        text.chars().map(|it| if it.is_control() { char::REPLACEMENT_CHARACTER } else { it });
    let mut line: String = line.take(MOST).collect();
    if text.chars().nth(MOST).is_some() {
        line.push('…');
    }
    line
}
