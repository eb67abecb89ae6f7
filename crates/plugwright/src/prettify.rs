//! Calls of plugins of the world `prettify`.

use crate::runtime::block_on;
use crate::{CallError, Plugin, Prettify};

/// A person to greet. Either name may be empty; it is for the plugin to refuse that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
}

/// Each function waits for the answer; the one of the same name with `_async` lets other tasks run
/// meanwhile.
impl Plugin<Prettify> {
    /// Makes one text of `words`.
    ///
    /// # Errors
    ///
    /// [`CallError::Refused`] with the plugin's sentence, and otherwise what ended the call.
    pub fn prettify(&self, words: &[String]) -> Result<String, CallError<String>> {
        block_on(|| self.prettify_async(words))
    }

    /// As [`Plugin::prettify`].
    ///
    /// # Errors
    ///
    /// As [`Plugin::prettify`].
    pub async fn prettify_async(&self, words: &[String]) -> Result<String, CallError<String>> {
        self.call_async("prettify", async |plugin, store| {
            store.data_mut().count_input(words.iter().map(String::len).sum());
            let text = plugin.plugwright_plugin_words().call_prettify(&mut *store, words).await?;
            store.data_mut().count_output(length(&text))?;
            Ok(text)
        })
        .await
    }

    /// Has the plugin greet `person`, whom the plugin keeps for the time of the call.
    ///
    /// # Errors
    ///
    /// [`CallError::Refused`] with the plugin's sentence, and otherwise what ended the call.
    pub fn greet(&self, person: &Person) -> Result<String, CallError<String>> {
        block_on(|| self.greet_async(person))
    }

    /// As [`Plugin::greet`].
    ///
    /// # Errors
    ///
    /// As [`Plugin::greet`].
    pub async fn greet_async(&self, person: &Person) -> Result<String, CallError<String>> {
        self.call_async("greet", async |plugin, store| {
            let words = plugin.plugwright_plugin_words();
            let resource = words.person_resource();
            let Person { first_name, last_name } = person;
            store.data_mut().count_input(first_name.len() + last_name.len());
            let handle = resource.call_constructor(&mut *store, first_name, last_name).await?;
            let greeting = words.call_greet(&mut *store, handle).await?;
            handle.resource_drop_async(&mut *store).await?;
            store.data_mut().count_output(length(&greeting))?;
            Ok(greeting)
        })
        .await
    }

    /// Gives `person` to the plugin and asks it back: a plugin that keeps people well gives back the
    /// same.
    ///
    /// # Errors
    ///
    /// What ended the call; a plugin cannot refuse this.
    pub fn replica(&self, person: &Person) -> Result<Person, CallError<String>> {
        block_on(|| self.replica_async(person))
    }

    /// As [`Plugin::replica`].
    ///
    /// # Errors
    ///
    /// As [`Plugin::replica`].
    pub async fn replica_async(&self, person: &Person) -> Result<Person, CallError<String>> {
        self.call_async("replica", async |plugin, store| {
            let resource = plugin.plugwright_plugin_words().person_resource();
            let Person { first_name, last_name } = person;
            let handle = resource.call_constructor(&mut *store, first_name, last_name).await?;
            let (first_name, last_name) = resource.call_replica(&mut *store, handle).await?;
            handle.resource_drop_async(&mut *store).await?;
            store.data_mut().count_output(first_name.len() + last_name.len())?;
            Ok(Ok(Person { first_name, last_name }))
        })
        .await
    }
}

/// The bytes of a text, or of a sentence that says why there is none.
fn length(answer: &Result<String, String>) -> usize {
    answer.as_ref().map_or_else(String::len, String::len)
}
