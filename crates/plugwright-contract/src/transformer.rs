//! The world `transformer`, calls of plugins that export `transform`, and helpers for the contract's types.

use std::path::Path;
use std::{fmt, fs, io};

use plugwright::wasmtime::component::{Instance, InstancePre, Linker};
use plugwright::wasmtime::{Result, Store};
use plugwright::{CallError, ForeignText, OlderWorld, Plugin, State, World};

use crate::adapters::{OlderTransform, TransformIndices};
use crate::bindings::transform_0_1;
use crate::bindings::transformer::exports::plugwright::plugin::transform as wit;
use crate::{Attribute, Description, Document, Head, Location, Setting, bindings, host_functions};

/// A plugin of the world `transformer`.
pub struct Transformer(Transform);

/// The exported interface `transform`, in today's version or in an older version with an adapter.
enum Transform {
    Today(wit::Guest),
    Older(Box<dyn OlderTransform>),
}

/// A component that fits the world `transformer`.
#[derive(Clone)]
pub struct TransformerPre {
    component: InstancePre<State>,
    transform: Indices,
}

#[derive(Clone)]
enum Indices {
    Today(wit::GuestIndices),
    Older(TransformIndices),
}

/// Why a plugin returned no document: the contract's `failure`.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The document is not valid for its media type.
    #[error("invalid input{}: {message}", Place(.at))]
    InvalidInput {
        /// What is wrong with the document.
        message: ForeignText,
        /// Where the mistake is, if the plugin knows.
        at: Option<Location>,
    },
    /// The plugin has no option of this name.
    #[error("unknown option `{key}`: `plugwright inspect` lists the plugin's options")]
    UnknownOption {
        /// The option's name.
        key: ForeignText,
    },
    /// The option does not take this value.
    #[error("option `{key}`{}: {message}", Place(.at))]
    BadOption {
        /// The option's name.
        key: ForeignText,
        /// Which values the option takes.
        message: ForeignText,
        /// Where in the value the mistake is, if the value is a longer text such as a filter or a template.
        at: Option<Location>,
    },
    /// The plugin is at fault.
    #[error("internal error of the plugin: {message}")]
    Internal {
        /// What went wrong.
        message: ForeignText,
    },
}

impl World for Transformer {
    const TYPE: &'static [u8] = bindings::transformer::COMPONENT_TYPE;
    const LINKS_THE_SAME: bool = true;
    const OLDER: &'static [OlderWorld<Self>] =
        &[OlderWorld { ty: transform_0_1::COMPONENT_TYPE, prepare: TransformerPre::of_0_1 }];
    const OTHERS: &'static [&'static [u8]] = bindings::WORLDS;

    type Data = ();
    type Pre = TransformerPre;

    fn link(linker: &mut Linker<State>) -> Result<()> {
        host_functions::link(linker)
    }

    fn prepare(component: InstancePre<State>) -> Result<Self::Pre> {
        let transform = Indices::Today(wit::GuestIndices::new(&component)?);
        Ok(TransformerPre { component, transform })
    }

    async fn instantiate(pre: &Self::Pre, store: &mut Store<State>) -> Result<Self> {
        let instance = pre.component.instantiate_async(&mut *store).await?;
        pre.load(store, &instance)
    }
}

impl TransformerPre {
    /// Prepares a component of version 0.1.0.
    pub(crate) fn of_0_1(component: InstancePre<State>) -> Result<Self> {
        type Failure = transform_0_1::exports::plugwright::plugin::transform::Failure;
        let interface = "plugwright:plugin/transform@0.1.0";
        let transform = TransformIndices::new::<Failure>(&component, interface)?;
        Ok(Self { component, transform: Indices::Older(transform) })
    }

    pub(crate) fn component(&self) -> &InstancePre<State> {
        &self.component
    }

    /// Returns the transformer of an instance.
    pub(crate) fn load(
        &self,
        store: &mut Store<State>,
        instance: &Instance,
    ) -> Result<Transformer> {
        Ok(Transformer(match &self.transform {
            Indices::Today(indices) => Transform::Today(indices.load(store, instance)?),
            Indices::Older(indices) => Transform::Older(indices.load(store, instance)?),
        }))
    }
}

/// The plugin's functions inside [`Plugin::call`], for calls that [`TransformerCalls`] does not cover.
impl Transformer {
    /// Calls `describe`.
    ///
    /// # Errors
    ///
    /// Returns the error that ended the call.
    pub async fn describe(&self, store: &mut Store<State>) -> Result<Description> {
        match &self.0 {
            Transform::Today(guest) => guest.call_describe(store).await,
            Transform::Older(adapter) => adapter.describe(store).await,
        }
    }

    /// Calls `transform`.
    ///
    /// # Errors
    ///
    /// Returns the error that ended the call. The plugin's failure is in the inner result.
    pub async fn transform(
        &self,
        store: &mut Store<State>,
        input: &Document,
        options: &[Setting],
    ) -> Result<Result<Document, Failure>> {
        match &self.0 {
            Transform::Today(guest) => {
                let answer = guest.call_transform(store, input, options).await?;
                Ok(answer.map_err(Failure::from))
            }
            Transform::Older(adapter) => adapter.transform(store, input, options).await,
        }
    }
}

/// Calls of plugins of the world [`Transformer`], and of each world that includes it.
///
/// Each function waits for the answer. The function of the same name with `_async` lets other tasks run meanwhile.
pub trait TransformerCalls {
    /// Asks the plugin to describe itself.
    ///
    /// # Errors
    ///
    /// Returns the error that ended the call. A plugin cannot refuse this call.
    fn describe(&self) -> Result<Description, CallError<Failure>>;

    /// As [`TransformerCalls::describe`].
    ///
    /// # Errors
    ///
    /// As [`TransformerCalls::describe`].
    fn describe_async(
        &self,
    ) -> impl Future<Output = Result<Description, CallError<Failure>>> + Send;

    /// Turns `input` into another document. Options that are not in `options` have the plugin's defaults.
    ///
    /// # Errors
    ///
    /// Returns [`CallError::Refused`] with the plugin's failure, or the error that ended the call.
    fn transform(
        &self,
        input: &Document,
        options: &[Setting],
    ) -> Result<Document, CallError<Failure>>;

    /// As [`TransformerCalls::transform`].
    ///
    /// # Errors
    ///
    /// As [`TransformerCalls::transform`].
    fn transform_async(
        &self,
        input: &Document,
        options: &[Setting],
    ) -> impl Future<Output = Result<Document, CallError<Failure>>> + Send;
}

impl<W: World<Data = ()> + AsRef<Transformer>> TransformerCalls for Plugin<W> {
    fn describe(&self) -> Result<Description, CallError<Failure>> {
        self.call("describe", async |plugin, store| described(plugin.as_ref(), store).await)
    }

    async fn describe_async(&self) -> Result<Description, CallError<Failure>> {
        self.call_async("describe", async |plugin, store| described(plugin.as_ref(), store).await)
            .await
    }

    fn transform(
        &self,
        input: &Document,
        options: &[Setting],
    ) -> Result<Document, CallError<Failure>> {
        self.call("transform", async |plugin, store| {
            transformed(plugin.as_ref(), store, input, options).await
        })
    }

    async fn transform_async(
        &self,
        input: &Document,
        options: &[Setting],
    ) -> Result<Document, CallError<Failure>> {
        self.call_async("transform", async |plugin, store| {
            transformed(plugin.as_ref(), store, input, options).await
        })
        .await
    }
}

pub(crate) async fn described(
    plugin: &Transformer,
    store: &mut Store<State>,
) -> Result<Result<Description, Failure>> {
    // The limit `transfer` bounds the description. The limit `output` is for documents, and must not prevent a
    // description.
    plugin.describe(store).await.map(Ok)
}

pub(crate) async fn transformed(
    plugin: &Transformer,
    store: &mut Store<State>,
    input: &Document,
    options: &[Setting],
) -> Result<Result<Document, Failure>> {
    store.data_mut().count_input(input.size());
    let answer = plugin.transform(&mut *store, input, options).await?;
    let size = answer.as_ref().map_or_else(size_of_failure, Document::size);
    store.data_mut().count_output(size)?;
    Ok(answer)
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

    /// Returns the size in bytes of the body, the name, the media type and the attributes.
    pub(crate) fn size(&self) -> usize {
        let Self { name, media_type, body, attributes } = self;
        name.len() + media_type.len() + body.len() + size_of_attributes(attributes)
    }

    /// Reads the file `path` into a document with the head of [`Head::of_path`].
    ///
    /// # Errors
    ///
    /// Returns the error of the system if the file cannot be read.
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
                Self::InvalidInput { message: message.into(), at }
            }
            wit::Failure::UnknownOption(key) => Self::UnknownOption { key: key.into() },
            wit::Failure::BadOption(wit::BadOption { key, message, at }) => {
                Self::BadOption { key: key.into(), message: message.into(), at }
            }
            wit::Failure::Internal(message) => Self::Internal { message: message.into() },
        }
    }
}

/// Returns the size of attributes in bytes.
pub(crate) fn size_of_attributes(attributes: &[Attribute]) -> usize {
    attributes.iter().map(|it| it.key.len() + it.value.len()).sum()
}

/// Returns the size of a failure in bytes.
pub(crate) fn size_of_failure(failure: &Failure) -> usize {
    match failure {
        Failure::InvalidInput { message, .. } | Failure::Internal { message } => {
            message.exact().len()
        }
        Failure::BadOption { key, message, .. } => key.exact().len() + message.exact().len(),
        Failure::UnknownOption { key } => key.exact().len(),
    }
}

/// Shows a place as part of a message.
struct Place<'a>(&'a Option<Location>);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(Location { line, column }) => write!(f, " at line {line}, column {column}"),
            None => Ok(()),
        }
    }
}
