//! Calls of plugins that export `transform`, and the contract's types at their most convenient.

use std::path::Path;
use std::{fmt, fs, io};

use crate::bindings::transformer::exports::plugwright::plugin::transform as wit;
use crate::runtime::block_on;
use crate::{
    Attribute, CallError, Description, Document, Head, Location, Plugin, Setting, Transformer,
    World,
};

/// Why a plugin gave no document: the contract's `failure`.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The document is not what it says it is.
    #[error("invalid input{}: {message}", Place(.at))]
    InvalidInput {
        /// What is wrong with it.
        message: String,
        /// Where it is wrong, if that can be said.
        at: Option<Location>,
    },
    /// The plugin has no option of this name.
    #[error("unknown option `{key}`: `plugwright inspect` lists those that the plugin has")]
    UnknownOption {
        /// The option's name.
        key: String,
    },
    /// The option does not take this value.
    #[error("option `{key}`: {message}")]
    BadOption {
        /// The option's name.
        key: String,
        /// What values it takes.
        message: String,
    },
    /// The plugin is at fault.
    #[error("internal error of the plugin: {message}")]
    Internal {
        /// What went wrong.
        message: String,
    },
}

/// What a plugin of the world [`Transformer`] can do, and of each world that includes it.
///
/// Each function waits for the answer; the one of the same name with `_async` lets other tasks run
/// meanwhile.
impl<W: World + AsRef<Transformer>> Plugin<W> {
    /// Asks the plugin to describe itself.
    ///
    /// # Errors
    ///
    /// What ended the call; a plugin cannot refuse this.
    pub fn describe(&self) -> Result<Description, CallError<Failure>> {
        block_on(|| self.describe_async())
    }

    /// As [`Plugin::describe`].
    ///
    /// # Errors
    ///
    /// As [`Plugin::describe`].
    pub async fn describe_async(&self) -> Result<Description, CallError<Failure>> {
        self.call_async("describe", async |plugin, store| {
            plugin.as_ref().plugwright_plugin_transform().call_describe(store).await.map(Ok)
        })
        .await
    }

    /// Turns `input` into another document, with the plugin's defaults for what is not in `options`.
    ///
    /// # Errors
    ///
    /// [`CallError::Refused`] with the plugin's failure, and otherwise what ended the call.
    pub fn transform(
        &self,
        input: &Document,
        options: &[Setting],
    ) -> Result<Document, CallError<Failure>> {
        block_on(|| self.transform_async(input, options))
    }

    /// As [`Plugin::transform`].
    ///
    /// # Errors
    ///
    /// As [`Plugin::transform`].
    pub async fn transform_async(
        &self,
        input: &Document,
        options: &[Setting],
    ) -> Result<Document, CallError<Failure>> {
        self.call_async("transform", async |plugin, store| {
            store.data_mut().count_input(input.size());
            let transform = plugin.as_ref().plugwright_plugin_transform();
            let answer = transform.call_transform(&mut *store, input, options).await?;
            let size = answer.as_ref().map_or_else(size_of_failure, Document::size);
            store.data_mut().count_output(size)?;
            Ok(answer.map_err(Failure::from))
        })
        .await
    }
}

impl Document {
    /// Makes a document without attributes.
    pub fn new(
        name: impl Into<String>,
        media_type: impl Into<String>,
        body: impl Into<Vec<u8>>,
    ) -> Self {
        Head::new(name, media_type).with_body(body)
    }

    /// The size in bytes of the body and of all that is known about it.
    pub(crate) fn size(&self) -> usize {
        let Self { name, media_type, body, attributes } = self;
        name.len() + media_type.len() + body.len() + size_of_attributes(attributes)
    }

    /// Reads the file `path`, with what [`Head::of_path`] says of it.
    ///
    /// # Errors
    ///
    /// The system's, if the file cannot be read.
    pub fn from_file(path: impl AsRef<Path>) -> io::Result<Self> {
        let body = fs::read(&path)?;
        Ok(Head::of_path(path).with_body(body))
    }
}

impl Setting {
    /// Sets the option `key` to `value`.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { key: key.into(), value: value.into() }
    }
}

impl AsRef<Self> for Transformer {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl From<wit::Failure> for Failure {
    fn from(failure: wit::Failure) -> Self {
        match failure {
            wit::Failure::InvalidInput(wit::InvalidInput { message, at }) => {
                Self::InvalidInput { message, at }
            }
            wit::Failure::UnknownOption(key) => Self::UnknownOption { key },
            wit::Failure::BadOption(wit::BadOption { key, message }) => {
                Self::BadOption { key, message }
            }
            wit::Failure::Internal(message) => Self::Internal { message },
        }
    }
}

/// The size in bytes of attributes.
pub(crate) fn size_of_attributes(attributes: &[Attribute]) -> usize {
    attributes.iter().map(|it| it.key.len() + it.value.len()).sum()
}

/// The size in bytes of why there is no document.
pub(crate) fn size_of_failure(failure: &wit::Failure) -> usize {
    match failure {
        wit::Failure::InvalidInput(wit::InvalidInput { message, at: _ }) => message.len(),
        wit::Failure::BadOption(wit::BadOption { key, message }) => key.len() + message.len(),
        wit::Failure::UnknownOption(text) | wit::Failure::Internal(text) => text.len(),
    }
}

/// A place in a document as part of a sentence.
struct Place<'a>(&'a Option<Location>);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(Location { line, column }) => write!(f, " at line {line}, column {column}"),
            None => Ok(()),
        }
    }
}
