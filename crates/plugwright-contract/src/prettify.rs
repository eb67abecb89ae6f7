//! The world `prettify`, and calls of its plugins.

use plugwright::wasmtime::component::{
    ComponentExportIndex, Func, InstancePre, Linker, ResourceAny,
};
use plugwright::wasmtime::{Result, Store};

use crate::{
    CallError, ForeignText, OlderWorld, Plugin, State, World, bindings, functions, host_functions,
};

/// A plugin of the world `prettify`. The interface `words` is the same in all versions of the contract, but its name
/// has the version.
pub struct Prettify {
    person: Func,
    replica: Func,
    prettify: Func,
    greet: Func,
}

/// A component that fits the world `prettify`.
pub struct PrettifyPre {
    component: InstancePre<State>,
    functions: [ComponentExportIndex; 4],
}

impl PrettifyPre {
    /// Prepares a component that exports `words` under the name `interface`.
    fn new(component: InstancePre<State>, interface: &str) -> Result<Self> {
        let names = [
            "[constructor]person-resource",
            "[method]person-resource.replica",
            "prettify",
            "greet",
        ];
        let functions = functions::find(&component, interface, names)?;
        Ok(Self { component, functions })
    }
}

impl World for Prettify {
    const TYPE: &'static [u8] = bindings::prettify::COMPONENT_TYPE;
    const LINKS_THE_SAME: bool = true;
    const OLDER: &'static [OlderWorld<Self>] = &[OlderWorld {
        ty: bindings::prettify_0_1::COMPONENT_TYPE,
        prepare: |component| PrettifyPre::new(component, "plugwright:plugin/words@0.1.0"),
    }];
    const OTHERS: &'static [&'static [u8]] = bindings::WORLDS;

    type Data = ();
    type Pre = PrettifyPre;

    fn link(linker: &mut Linker<State>) -> Result<()> {
        host_functions::link(linker)
    }

    fn prepare(component: InstancePre<State>) -> Result<Self::Pre> {
        PrettifyPre::new(component, "plugwright:plugin/words@0.2.0")
    }

    async fn instantiate(pre: &Self::Pre, store: &mut Store<State>) -> Result<Self> {
        let instance = pre.component.instantiate_async(&mut *store).await?;
        let [person, replica, prettify, greet] = &pre.functions;
        Ok(Self {
            person: functions::load::<(&str, &str), ResourceAny>(store, &instance, person)?,
            replica: functions::load::<(ResourceAny,), (String, String)>(
                store, &instance, replica,
            )?,
            prettify: functions::load::<(&[String],), Answer>(store, &instance, prettify)?,
            greet: functions::load::<(ResourceAny,), Answer>(store, &instance, greet)?,
        })
    }
}

/// A text, or the plugin's reason why there is none.
type Answer = Result<String, String>;

/// A person to greet. Either name may be empty, but a plugin may refuse that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
}

impl Prettify {
    /// Creates a resource of the plugin for `person`.
    async fn keep(&self, store: &mut Store<State>, person: &Person) -> Result<ResourceAny> {
        let Person { first_name, last_name } = person;
        store.data_mut().count_input(first_name.len() + last_name.len());
        functions::call(store, self.person, (&**first_name, &**last_name)).await
    }
}

/// Calls of plugins of the world `prettify`.
///
/// Each function waits for the answer. The function of the same name with `_async` lets other tasks run meanwhile.
pub trait PrettifyCalls {
    /// Joins `words` into one text.
    ///
    /// # Errors
    ///
    /// Returns [`CallError::Refused`] with the plugin's reason, or the error that ended the call.
    fn prettify(&self, words: &[String]) -> Result<String, CallError<ForeignText>>;

    /// As [`PrettifyCalls::prettify`].
    ///
    /// # Errors
    ///
    /// As [`PrettifyCalls::prettify`].
    fn prettify_async(
        &self,
        words: &[String],
    ) -> impl Future<Output = Result<String, CallError<ForeignText>>> + Send;

    /// Greets `person`. The plugin keeps the person for the duration of the call.
    ///
    /// # Errors
    ///
    /// Returns [`CallError::Refused`] with the plugin's reason, or the error that ended the call.
    fn greet(&self, person: &Person) -> Result<String, CallError<ForeignText>>;

    /// As [`PrettifyCalls::greet`].
    ///
    /// # Errors
    ///
    /// As [`PrettifyCalls::greet`].
    fn greet_async(
        &self,
        person: &Person,
    ) -> impl Future<Output = Result<String, CallError<ForeignText>>> + Send;

    /// Passes `person` to the plugin and gets it back. A correct plugin returns the same person.
    ///
    /// # Errors
    ///
    /// Returns the error that ended the call. A plugin cannot refuse this call.
    fn replica(&self, person: &Person) -> Result<Person, CallError<ForeignText>>;

    /// As [`PrettifyCalls::replica`].
    ///
    /// # Errors
    ///
    /// As [`PrettifyCalls::replica`].
    fn replica_async(
        &self,
        person: &Person,
    ) -> impl Future<Output = Result<Person, CallError<ForeignText>>> + Send;
}

impl PrettifyCalls for Plugin<Prettify> {
    fn prettify(&self, words: &[String]) -> Result<String, CallError<ForeignText>> {
        self.call("prettify", async |plugin, store| plugin.prettified(store, words).await)
    }

    async fn prettify_async(&self, words: &[String]) -> Result<String, CallError<ForeignText>> {
        self.call_async("prettify", async |plugin, store| plugin.prettified(store, words).await)
            .await
    }

    fn greet(&self, person: &Person) -> Result<String, CallError<ForeignText>> {
        self.call("greet", async |plugin, store| plugin.greeted(store, person).await)
    }

    async fn greet_async(&self, person: &Person) -> Result<String, CallError<ForeignText>> {
        self.call_async("greet", async |plugin, store| plugin.greeted(store, person).await).await
    }

    fn replica(&self, person: &Person) -> Result<Person, CallError<ForeignText>> {
        self.call("replica", async |plugin, store| plugin.replicated(store, person).await)
    }

    async fn replica_async(&self, person: &Person) -> Result<Person, CallError<ForeignText>> {
        self.call_async("replica", async |plugin, store| plugin.replicated(store, person).await)
            .await
    }
}

/// The answer of a call, or the plugin's reason why there is none.
type Called<R> = Result<std::result::Result<R, ForeignText>>;

impl Prettify {
    async fn prettified(&self, store: &mut Store<State>, words: &[String]) -> Called<String> {
        store.data_mut().count_input(words.iter().map(String::len).sum());
        let text: Answer = functions::call(store, self.prettify, (words,)).await?;
        store.data_mut().count_output(length(&text))?;
        Ok(text.map_err(ForeignText::from))
    }

    async fn greeted(&self, store: &mut Store<State>, person: &Person) -> Called<String> {
        let handle = self.keep(store, person).await?;
        let greeting: Answer = functions::call(store, self.greet, (handle,)).await?;
        handle.resource_drop_async(&mut *store).await?;
        store.data_mut().count_output(length(&greeting))?;
        Ok(greeting.map_err(ForeignText::from))
    }

    async fn replicated(&self, store: &mut Store<State>, person: &Person) -> Called<Person> {
        let handle = self.keep(store, person).await?;
        let (first_name, last_name): (String, String) =
            functions::call(store, self.replica, (handle,)).await?;
        handle.resource_drop_async(&mut *store).await?;
        store.data_mut().count_output(first_name.len() + last_name.len())?;
        Ok(Ok(Person { first_name, last_name }))
    }
}

/// Returns the size in bytes of a text, or of the reason why there is none.
fn length(answer: &Result<String, String>) -> usize {
    answer.as_ref().map_or_else(String::len, String::len)
}
