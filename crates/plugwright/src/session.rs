//! Calls of plugins of the world `streamer`: a document goes through piece by piece.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;
use wasmtime::component::ResourceAny;

use crate::engine::Place;
use crate::instance::Instance;
use crate::runtime::block_on;
use crate::streamer::Ending;
use crate::transformer::{size_of_attributes, size_of_failure};
use crate::{CallError, Document, Failure, Head, Plugin, Setting, Streamer};

/// A document on its way through a plugin, from [`Plugin::session`]: the plugin gets the body piece
/// by piece and gives the resulting body piece by piece, so neither is ever held whole.
///
/// A session has an instance of its own, which goes with it, and in which each piece is a call: what
/// is limited for a call is limited for each of them. Where a piece is refused or ends the plugin, the
/// session is over, and further calls say so. A session can be dropped at any time.
pub struct Session {
    plugin: Plugin<Streamer>,
    head: Head,
    /// Absent once the session is over.
    open: Option<Open>,
}

/// An instance with a session in it.
struct Open {
    instance: Instance<Streamer, Place<OwnedSemaphorePermit>>,
    session: ResourceAny,
}

/// Each function waits for the answer; the one of the same name with `_async` lets other tasks run
/// meanwhile.
impl Plugin<Streamer> {
    /// Opens a session for the document of which `input` is known, with the plugin's defaults for
    /// what is not in `options`.
    ///
    /// # Errors
    ///
    /// [`CallError::Refused`] with the plugin's failure, and otherwise what ended the call.
    pub fn session(
        &self,
        input: &Head,
        options: &[Setting],
    ) -> Result<Session, CallError<Failure>> {
        block_on(|| self.session_async(input, options), CallError::no_thread(self.name()))
    }

    /// As [`Plugin::session`].
    ///
    /// # Errors
    ///
    /// As [`Plugin::session`].
    pub async fn session_async(
        &self,
        input: &Head,
        options: &[Setting],
    ) -> Result<Session, CallError<Failure>> {
        let place = self.shared.engine.place_to_keep(self.shared.places);
        let mut instance = self.instance("open", place).await?;
        let (session, head) = instance
            .call_in_span(self, "open", async |streamer, store| {
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
            })
            .await?;
        Ok(Session { plugin: self.clone(), head, open: Some(Open { instance, session }) })
    }
}

/// Each function waits for the answer; the one of the same name with `_async` lets other tasks run
/// meanwhile.
impl Session {
    /// What is known of the resulting document before the body is: its final name and media type, and
    /// the attributes that do not depend on the body.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Gives the plugin the next piece of the body, of whatever length, and takes what is ready of
    /// the resulting body, which may be nothing.
    ///
    /// # Errors
    ///
    /// [`CallError::Refused`] with the plugin's failure, what else ended the call, or
    /// [`CallError::Over`] after any of them; [`CallError::Thread`] leaves the session as it was.
    pub fn push(&mut self, chunk: &[u8]) -> Result<Vec<u8>, CallError<Failure>> {
        let identity = Arc::clone(&self.plugin.shared.identity);
        block_on(|| self.push_async(chunk), CallError::no_thread(&identity.name))
    }

    /// As [`Session::push`]. A push that is dropped before it is done ends the session.
    ///
    /// # Errors
    ///
    /// As [`Session::push`].
    pub async fn push_async(&mut self, chunk: &[u8]) -> Result<Vec<u8>, CallError<Failure>> {
        // Taken, and put back only after an answer: whatever goes wrong, the session is over.
        let mut open =
            self.open.take().ok_or_else(|| CallError::over(self.plugin.name(), "push"))?;
        let Open { instance, session } = &mut open;
        let ready = instance
            .call_in_span(&self.plugin, "push", async |streamer, store| {
                store.data_mut().count_input(chunk.len());
                let ready = streamer.push(&mut *store, *session, chunk).await?;
                let size = ready.as_ref().map_or_else(size_of_failure, Vec::len);
                store.data_mut().count_output(size)?;
                Ok(ready)
            })
            .await?;
        self.open = Some(open);
        Ok(ready)
    }

    /// Ends the session and gives the rest of the resulting body, and what is known of the resulting
    /// document now that its body is.
    ///
    /// # Errors
    ///
    /// As [`Session::push`]. Whichever it is, the session is over.
    pub fn finish(self) -> Result<(Vec<u8>, Head), CallError<Failure>> {
        let identity = Arc::clone(&self.plugin.shared.identity);
        block_on(|| self.finish_async(), CallError::no_thread(&identity.name))
    }

    /// As [`Session::finish`].
    ///
    /// # Errors
    ///
    /// As [`Session::push`].
    pub async fn finish_async(self) -> Result<(Vec<u8>, Head), CallError<Failure>> {
        let Self { plugin, head, open } = self;
        let mut open = open.ok_or_else(|| CallError::over(plugin.name(), "finish"))?;
        let Open { instance, session } = &mut open;
        let Ending { body, attributes } = instance
            .call_in_span(&plugin, "finish", async |streamer, store| {
                let ending = streamer.finish(&mut *store, *session).await?;
                let size = ending.as_ref().map_or_else(size_of_failure, |ending| {
                    ending.body.len() + size_of_attributes(&ending.attributes)
                });
                store.data_mut().count_output(size)?;
                Ok(ending)
            })
            .await?;
        Ok((body, Head { attributes, ..head }))
    }
}

impl Head {
    /// Makes the head of a document without attributes.
    pub fn new(name: impl Into<String>, media_type: impl Into<String>) -> Self {
        Self { name: name.into(), media_type: media_type.into(), attributes: Vec::new() }
    }

    /// What the path of a file says of it: its name without the folder, and the media type that its
    /// extension stands for, `application/octet-stream` if none.
    pub fn of_path(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let media_type = mime_guess::from_path(path).first_or_octet_stream();
        Self::new(name, media_type.essence_str())
    }

    /// Makes the document of this head and a body.
    pub fn with_body(self, body: impl Into<Vec<u8>>) -> Document {
        let Self { name, media_type, attributes } = self;
        Document { name, media_type, body: body.into(), attributes }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let over = self.open.is_none();
        f.debug_struct("Session")
            .field("plugin", &self.plugin.name())
            .field("head", &self.head)
            .field("over", &over)
            .finish()
    }
}
