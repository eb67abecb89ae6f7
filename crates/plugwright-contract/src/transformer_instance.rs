//! Calls of a transformer in a kept instance.

use plugwright::{CallError, KeptInstance, World};

use crate::transformer::{described, transformed};
use crate::{Description, Document, Failure, Setting, Transformer};

/// Calls in one instance of a plugin of the world [`Transformer`], and of each world that includes it.
/// [`Plugin::open_instance`](crate::Plugin::open_instance) makes the instance. It suits many short documents, one after
/// the other, if the plugin may remember one document while it transforms another. See [`KeptInstance`].
///
/// Each function waits for the answer. The function of the same name with `_async` lets other tasks run meanwhile.
pub trait TransformerInstance {
    /// Asks the plugin to describe itself.
    ///
    /// # Errors
    ///
    /// As [`TransformerInstance::transform`], but a plugin cannot refuse this call.
    fn describe(&mut self) -> Result<Description, CallError<Failure>>;

    /// As [`TransformerInstance::describe`].
    ///
    /// # Errors
    ///
    /// As [`TransformerInstance::describe`].
    fn describe_async(
        &mut self,
    ) -> impl Future<Output = Result<Description, CallError<Failure>>> + Send;

    /// Turns `input` into another document. Options that are not in `options` have the plugin's defaults.
    ///
    /// # Errors
    ///
    /// Returns [`CallError::Refused`] with the plugin's failure, after which the instance can be used again, or the
    /// error that ended the call. After the latter, calls return [`CallError::InstanceOver`].
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
