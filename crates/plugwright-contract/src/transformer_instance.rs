//! Calls of a transformer in an instance that is kept.

use plugwright::{CallError, KeptInstance, World};

use crate::transformer::{described, transformed};
use crate::{Description, Document, Failure, Setting, Transformer};

/// Calls in an instance of a plugin of the world [`Transformer`], and of each world that includes it, from
/// [`Plugin::open_instance`](crate::Plugin::open_instance): many short documents, one after the other, where none of them has
/// to be kept from the plugin's memory of another. See [`KeptInstance`].
///
/// Each function waits for the answer; the one of the same name with `_async` lets other tasks run
/// meanwhile.
pub trait TransformerInstance {
    /// Asks the plugin to describe itself.
    ///
    /// # Errors
    ///
    /// As [`TransformerInstance::transform`]; a plugin cannot refuse this.
    fn describe(&mut self) -> Result<Description, CallError<Failure>>;

    /// As [`TransformerInstance::describe`].
    ///
    /// # Errors
    ///
    /// As [`TransformerInstance::describe`].
    fn describe_async(
        &mut self,
    ) -> impl Future<Output = Result<Description, CallError<Failure>>> + Send;

    /// Turns `input` into another document, with the plugin's defaults for what is not in `options`.
    ///
    /// # Errors
    ///
    /// [`CallError::Refused`] with the plugin's failure, after which the instance goes on; otherwise what ended the call,
    /// and [`CallError::InstanceOver`] after that.
    fn transform(
        &mut self,
        input: &Document,
        options: &[Setting],
    ) -> Result<Document, CallError<Failure>>;

    /// As [`TransformerInstance::transform`].
    ///
    /// # Errors
    ///
    /// As [`TransformerInstance::transform`].
    fn transform_async(
        &mut self,
        input: &Document,
        options: &[Setting],
    ) -> impl Future<Output = Result<Document, CallError<Failure>>> + Send;
}

impl<W: World<Data = ()> + AsRef<Transformer>> TransformerInstance for KeptInstance<W> {
    fn describe(&mut self) -> Result<Description, CallError<Failure>> {
        self.call("describe", async |plugin, store| described(plugin.as_ref(), store).await)
    }

    async fn describe_async(&mut self) -> Result<Description, CallError<Failure>> {
        self.call_async("describe", async |plugin, store| described(plugin.as_ref(), store).await)
            .await
    }

    fn transform(
        &mut self,
        input: &Document,
        options: &[Setting],
    ) -> Result<Document, CallError<Failure>> {
        self.call("transform", async |plugin, store| {
            transformed(plugin.as_ref(), store, input, options).await
        })
    }

    async fn transform_async(
        &mut self,
        input: &Document,
        options: &[Setting],
    ) -> Result<Document, CallError<Failure>> {
        self.call_async("transform", async |plugin, store| {
            transformed(plugin.as_ref(), store, input, options).await
        })
        .await
    }
}
