//! The world `prettify`, and calls of its plugins.

use wasmtime::component::{ComponentExportIndex, Func, InstancePre, Linker, ResourceAny};
use wasmtime::{Result, Store};

use crate::runtime::block_on;
use crate::{CallError, ForeignText, Plugin, State, Version, World, functions, host_functions};

/// A plugin of the world `prettify`. All versions of the contract have the same `words`, under names of
/// their own.
pub struct Prettify {
    person: Func,
    replica: Func,
    prettify: Func,
    greet: Func,
}

/// A component that is known to fit the world `prettify`.
pub struct PrettifyPre {
    component: InstancePre<State>,
    functions: [ComponentExportIndex; 4],
}

impl PrettifyPre {
    /// A component that exports `words` under the name `interface`.
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
    const NAME: &'static str = "plugwright:plugin/prettify@0.2.0";
    const IMPORTS: &'static [&'static str] = host_functions::NAMES;
    const EXPORTS: &'static [&'static str] = &["plugwright:plugin/words@0.2.0"];
    const OLDER: &'static [Version<Self>] = &[Version {
        name: "plugwright:plugin/prettify@0.1.0",
        exports: &["plugwright:plugin/words@0.1.0"],
        prepare: |component| PrettifyPre::new(component, "plugwright:plugin/words@0.1.0"),
    }];

    type Data = ();
    type Pre = PrettifyPre;

    fn link(linker: &mut Linker<State>) -> Result<()> {
        host_functions::link(linker)
    }

    fn prepare(component: InstancePre<State>) -> Result<Self::Pre> {
        #[expect(clippy::indexing_slicing, reason = "it has this one")]
        PrettifyPre::new(component, Self::EXPORTS[0])
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

/// A text, or the plugin's sentence why there is none.
type Answer = Result<String, String>;

/// A person to greet. Either name may be empty; it is for the plugin to refuse that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
}

impl Prettify {
    /// Has the plugin keep `person`.
    async fn keep(&self, store: &mut Store<State>, person: &Person) -> Result<ResourceAny> {
        let Person { first_name, last_name } = person;
        store.data_mut().count_input(first_name.len() + last_name.len());
        functions::call(store, self.person, (&**first_name, &**last_name)).await
    }
}

/// Each function waits for the answer; the one of the same name with `_async` lets other tasks run
/// meanwhile.
impl Plugin<Prettify> {
    /// Makes one text of `words`.
    ///
    /// # Errors
    ///
    /// [`CallError::Refused`] with the plugin's sentence, and otherwise what ended the call.
    pub fn prettify(&self, words: &[String]) -> Result<String, CallError<ForeignText>> {
        block_on(|| self.prettify_async(words), CallError::no_thread(self.name()))
    }

    /// As [`Plugin::prettify`].
    ///
    /// # Errors
    ///
    /// As [`Plugin::prettify`].
    pub async fn prettify_async(&self, words: &[String]) -> Result<String, CallError<ForeignText>> {
        self.call_async("prettify", async |plugin, store| {
            store.data_mut().count_input(words.iter().map(String::len).sum());
            let text: Answer = functions::call(store, plugin.prettify, (words,)).await?;
            store.data_mut().count_output(length(&text))?;
            Ok(text.map_err(ForeignText::from))
        })
        .await
    }

    /// Has the plugin greet `person`, whom the plugin keeps for the time of the call.
    ///
    /// # Errors
    ///
    /// [`CallError::Refused`] with the plugin's sentence, and otherwise what ended the call.
    pub fn greet(&self, person: &Person) -> Result<String, CallError<ForeignText>> {
        block_on(|| self.greet_async(person), CallError::no_thread(self.name()))
    }

    /// As [`Plugin::greet`].
    ///
    /// # Errors
    ///
    /// As [`Plugin::greet`].
    pub async fn greet_async(&self, person: &Person) -> Result<String, CallError<ForeignText>> {
        self.call_async("greet", async |plugin, store| {
            let handle = plugin.keep(store, person).await?;
            let greeting: Answer = functions::call(store, plugin.greet, (handle,)).await?;
            handle.resource_drop_async(&mut *store).await?;
            store.data_mut().count_output(length(&greeting))?;
            Ok(greeting.map_err(ForeignText::from))
        })
        .await
    }

    /// Gives `person` to the plugin and asks it back: a plugin that keeps people well gives back the
    /// same.
    ///
    /// # Errors
    ///
    /// What ended the call; a plugin cannot refuse this.
    pub fn replica(&self, person: &Person) -> Result<Person, CallError<ForeignText>> {
        block_on(|| self.replica_async(person), CallError::no_thread(self.name()))
    }

    /// As [`Plugin::replica`].
    ///
    /// # Errors
    ///
    /// As [`Plugin::replica`].
    pub async fn replica_async(&self, person: &Person) -> Result<Person, CallError<ForeignText>> {
        self.call_async("replica", async |plugin, store| {
            let handle = plugin.keep(store, person).await?;
            let (first_name, last_name): (String, String) =
                functions::call(store, plugin.replica, (handle,)).await?;
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
