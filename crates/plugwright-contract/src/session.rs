//! Calls of plugins of the world `streamer`, which take a document piece by piece.

use std::fmt;
use std::path::Path;

use plugwright::wasmtime::component::ResourceAny;
use plugwright::wasmtime::{Result, Store};
use plugwright::{CallError, KeptInstance, Plugin, State};

use crate::streamer::Ending;
use crate::transformer::{size_of_attributes, size_of_failure};
use crate::{Document, Failure, Head, Setting, Streamer, Transformer};

/// A document on its way through a plugin, from [`StreamerCalls::session`]. The plugin takes the body piece by piece
/// and returns the resulting body piece by piece, so neither body is ever held whole.
///
/// A session has its own instance. Each piece is a call with the limits of a call. If a piece is refused or ends the
/// plugin, the session has ended, and further calls return an error that says so. A session can be dropped at any time.
pub struct Session {
    instance: KeptInstance<Streamer>,
    session: ResourceAny,
    head: Head,
}

/// Calls of plugins of the world `streamer`, in addition to [`TransformerCalls`](crate::TransformerCalls).
///
/// Each function waits for the answer. The function of the same name with `_async` lets other tasks run meanwhile.
pub trait StreamerCalls {
    /// Opens a session for the document with the head `input`. Options that are not in `options` have the plugin's
    /// defaults.
    ///
    /// # Errors
    ///
    /// Returns [`CallError::Refused`] with the plugin's failure, or the error that ended the call.
    fn session(&self, input: &Head, options: &[Setting]) -> Result<Session, CallError<Failure>>;

    /// As [`StreamerCalls::session`].
    ///
    /// # Errors
    ///
    /// As [`StreamerCalls::session`].
    fn session_async(
        &self,
        input: &Head,
        options: &[Setting],
    ) -> impl Future<Output = Result<Session, CallError<Failure>>> + Send;

    /// Returns the plugin as a transformer. Every streamer is a transformer, too.
    fn to_transformer(&self) -> Plugin<Transformer>;
}

impl StreamerCalls for Plugin<Streamer> {
    fn session(&self, input: &Head, options: &[Setting]) -> Result<Session, CallError<Failure>> {
        let mut instance = self.keep("open")?;
        let (session, head) = instance
            .call("open", async |streamer, store| opened(streamer, store, input, options).await)?;
        Ok(Session { instance, session, head })
    }

    async fn session_async(
        &self,
        input: &Head,
        options: &[Setting],
    ) -> Result<Session, CallError<Failure>> {
        let mut instance = self.keep_async("open").await?;
        let (session, head) = instance
            .call_async("open", async |streamer, store| {
                opened(streamer, store, input, options).await
            })
            .await?;
        Ok(Session { instance, session, head })
    }

    fn to_transformer(&self) -> Plugin<Transformer> {
        self.narrowed(|pre| pre.transformer.clone())
    }
}

/// Each function waits for the answer. The function of the same name with `_async` lets other tasks run meanwhile.
impl Session {
    /// Returns the head of the resulting document: its final name and media type, and the attributes that do not depend
    /// on the body.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Passes the next piece of the body to the plugin. A piece can have any length. Returns the part of the resulting
    /// body that is ready, which may be empty.
    ///
    /// # Errors
    ///
    /// Returns [`CallError::Refused`] with the plugin's failure, or the error that ended the call. After any of them,
    /// calls return [`CallError::InstanceOver`]. Only [`CallError::Thread`] leaves the session as it was.
    pub fn push(&mut self, chunk: &[u8]) -> Result<Vec<u8>, CallError<Failure>> {
        let session = self.session;
        let answer = self
            .instance
            .call("push", async |streamer, store| pushed(streamer, store, session, chunk).await);
        self.answered(answer)
    }

    /// As [`Session::push`]. If the future is dropped before it completes, the session has ended.
    ///
    /// # Errors
    ///
    /// As [`Session::push`].
    pub async fn push_async(&mut self, chunk: &[u8]) -> Result<Vec<u8>, CallError<Failure>> {
        let session = self.session;
        let answer = self
            .instance
            .call_async("push", async |streamer, store| {
                pushed(streamer, store, session, chunk).await
            })
            .await;
        self.answered(answer)
    }

    /// Ends the session. Returns the rest of the resulting body, and the final head of the resulting document with all
    /// attributes.
    ///
    /// # Errors
    ///
    /// As [`Session::push`]. Any error ends the session.
    pub fn finish(self) -> Result<(Vec<u8>, Head), CallError<Failure>> {
        let Self { mut instance, session, head } = self;
        let ending = instance
            .call("finish", async |streamer, store| finished(streamer, store, session).await)?;
        Ok(ended(ending, head))
    }

    /// As [`Session::finish`].
    ///
    /// # Errors
    ///
    /// As [`Session::push`].
    pub async fn finish_async(self) -> Result<(Vec<u8>, Head), CallError<Failure>> {
        let Self { mut instance, session, head } = self;
        let ending = instance
            .call_async("finish", async |streamer, store| finished(streamer, store, session).await)
            .await?;
        Ok(ended(ending, head))
    }

    /// Ends the session if a piece was refused, because the resulting document would have a gap.
    fn answered<R>(
        &mut self,
        answer: Result<R, CallError<Failure>>,
    ) -> Result<R, CallError<Failure>> {
        if let Err(CallError::Refused { .. }) = answer {
            self.instance.end();
        }
        answer
    }
}

/// The answer of a call, or the plugin's failure.
type Called<R> = Result<Result<R, Failure>>;

async fn opened(
    streamer: &Streamer,
    store: &mut Store<State>,
    input: &Head,
    options: &[Setting],
) -> Called<(ResourceAny, Head)> {
    let session = match streamer.open(&mut *store, input, options).await? {
        Ok(session) => session,
        Err(failure) => {
            store.data_mut().count_output(size_of_failure(&failure))?;
            return Ok(Err(failure));
        }
    };
    let head = streamer.head(&mut *store, session).await?;
    let Head { name, media_type, attributes } = &head;
    let size = name.len() + media_type.len() + size_of_attributes(attributes);
    store.data_mut().count_output(size)?;
    Ok(Ok((session, head)))
}

async fn pushed(
    streamer: &Streamer,
    store: &mut Store<State>,
    session: ResourceAny,
    chunk: &[u8],
) -> Called<Vec<u8>> {
    store.data_mut().count_input(chunk.len());
    let ready = streamer.push(&mut *store, session, chunk).await?;
    let size = ready.as_ref().map_or_else(size_of_failure, Vec::len);
    store.data_mut().count_output(size)?;
    Ok(ready)
}

async fn finished(
    streamer: &Streamer,
    store: &mut Store<State>,
    session: ResourceAny,
) -> Called<Ending> {
    let ending = streamer.finish(&mut *store, session).await?;
    let size = ending.as_ref().map_or_else(size_of_failure, |ending| {
        ending.body.len() + size_of_attributes(&ending.attributes)
    });
    store.data_mut().count_output(size)?;
    Ok(ending)
}

fn ended(Ending { body, attributes }: Ending, head: Head) -> (Vec<u8>, Head) {
    (body, Head { attributes, ..head })
}

impl Head {
    /// Makes the head of a document without attributes.
    pub fn new(name: impl Into<String>, media_type: impl Into<String>) -> Self {
        Self { name: name.into(), media_type: media_type.into(), attributes: Vec::new() }
    }

    /// Makes a head from the path of a file: its name without the folder, and the media type of its extension, or
    /// `application/octet-stream` if the extension is unknown.
    pub fn of_path(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let media_type = mime_guess::from_path(path).first_or_octet_stream();
        Self::new(name, media_type.essence_str())
    }

    /// Makes a document of this head and a body.
    pub fn with_body(self, body: impl Into<Vec<u8>>) -> Document {
        let Self { name, media_type, attributes } = self;
        Document { name, media_type, body: body.into(), attributes }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("plugin", &self.instance.plugin().name())
            .field("head", &self.head)
            .field("over", &self.instance.is_over())
            .finish()
    }
}
