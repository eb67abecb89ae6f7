//! Calls of plugins of the world `prettify`.

use crate::{CallError, Plugin, Prettify};

/// A person to greet. Either name may be empty; it is for the plugin to refuse that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
}

impl Plugin<Prettify> {
    /// Makes one text of `words`.
    ///
    /// # Errors
    ///
    /// [`CallError::Refused`] with the plugin's sentence, or [`CallError::Trapped`].
    pub fn prettify(&self, words: &[String]) -> Result<String, CallError<String>> {
        self.call("prettify", |plugin, store| {
            plugin.plugwright_plugin_words().call_prettify(store, words)
        })
    }

    /// Has the plugin greet `person`, whom the plugin keeps for the time of the call.
    ///
    /// # Errors
    ///
    /// [`CallError::Refused`] with the plugin's sentence, or [`CallError::Trapped`].
    pub fn greet(&self, person: &Person) -> Result<String, CallError<String>> {
        self.call("greet", |plugin, store| {
            let words = plugin.plugwright_plugin_words();
            let resource = words.person_resource();
            let Person { first_name, last_name } = person;
            let handle = resource.call_constructor(&mut *store, first_name, last_name)?;
            let greeting = words.call_greet(&mut *store, handle)?;
            handle.resource_drop(store)?;
            Ok(greeting)
        })
    }

    /// Gives `person` to the plugin and asks it back: a plugin that keeps people well gives back the
    /// same.
    ///
    /// # Errors
    ///
    /// [`CallError::Trapped`]; a plugin cannot refuse this.
    pub fn replica(&self, person: &Person) -> Result<Person, CallError<String>> {
        self.call("replica", |plugin, store| {
            let resource = plugin.plugwright_plugin_words().person_resource();
            let Person { first_name, last_name } = person;
            let handle = resource.call_constructor(&mut *store, first_name, last_name)?;
            let (first_name, last_name) = resource.call_replica(&mut *store, handle)?;
            handle.resource_drop(store)?;
            Ok(Ok(Person { first_name, last_name }))
        })
    }
}
