//! What can be in a case, and what is called with it: the one place where a contract comes in.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use plugwright::{Candidate, Host, Limits, LoadError};

use crate::case::Case;
use crate::case_error::CaseError;
use crate::outcome::Outcome;

/// A form of case: it knows what is called with a case's file, in plugins of which world.
pub trait Form: Send + Sync {
    /// Says whether the case is of this form, for the plugin.
    ///
    /// # Errors
    ///
    /// What comes up when that is looked for.
    fn takes(&self, case: &Case, plugin: &Candidate<'_>) -> Result<bool, CaseError>;

    /// Loads the plugin for the case, and reads what there is to read of this.
    ///
    /// # Errors
    ///
    /// [`CaseError::Load`] if the plugin cannot be loaded, and otherwise what is wrong with the case.
    fn load(&self, loading: &Loading<'_>) -> Result<Box<dyn Loaded>, CaseError>;
}

/// A case with its plugin: it can be run.
pub trait Loaded: Send + Sync {
    /// Runs the case.
    ///
    /// # Errors
    ///
    /// Why it cannot be run. What the plugin does, right or wrong, is no error.
    fn run(&self) -> Result<Outcome, CaseError>;

    /// Runs the case in other ways that have to come out the same, each with what it is: `pieces of 7`.
    ///
    /// # Errors
    ///
    /// As [`Loaded::run`].
    fn otherwise(&self) -> Result<Vec<(String, Outcome)>, CaseError> {
        Ok(Vec::new())
    }
}

/// The forms that are known, of which the first that takes a case has it.
#[derive(Clone, Default)]
pub struct Forms(Vec<Arc<dyn Form>>);

impl Forms {
    /// No form.
    pub fn none() -> Self {
        Self::default()
    }

    /// These forms, and `form` after them.
    #[must_use]
    pub fn with(mut self, form: impl Form + 'static) -> Self {
        self.0.push(Arc::new(form));
        self
    }

    /// `form`, and these forms after it.
    pub(crate) fn after(mut self, form: impl Form + 'static) -> Self {
        self.0.insert(0, Arc::new(form));
        self
    }

    /// The first form that takes the case.
    pub(crate) fn of(
        &self,
        case: &Case,
        plugin: &Candidate<'_>,
    ) -> Result<Option<&dyn Form>, CaseError> {
        for form in &self.0 {
            if form.takes(case, plugin)? {
                return Ok(Some(&**form));
            }
        }
        Ok(None)
    }
}

/// All that a form needs to load a plugin for a case.
pub struct Loading<'a> {
    /// The case.
    pub case: &'a Case,
    /// The host, with what the case grants.
    pub host: &'a Host,
    /// The plugin.
    pub plugin: &'a Candidate<'static>,
    /// The limits of the case, which the plugin's calls have to keep to: those of its
    /// [handle](plugwright::Plugin::with_limits).
    pub limits: Limits,
    /// Where plugins are that were loaded already with no grants, unless this is with some.
    pub(crate) shared: Option<&'a Shared>,
}

impl Loading<'_> {
    /// What `load` gives of host and plugin: it is called once for all cases of the plugin that grant nothing, and
    /// once for each that grants something.
    ///
    /// # Errors
    ///
    /// What `load` says.
    pub fn once<P: Clone + Send + Sync + 'static>(
        &self,
        load: impl FnOnce(&Host, &Candidate<'static>) -> Result<P, LoadError>,
    ) -> Result<P, LoadError> {
        let Some(shared) = self.shared else { return load(self.host, self.plugin) };
        let place = shared.place(TypeId::of::<P>());
        // Others that wait here need the same.
        let mut loaded = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plugin) = loaded.as_ref().and_then(|it| it.downcast_ref::<P>()) {
            return Ok(plugin.clone());
        }
        let plugin = load(self.host, self.plugin)?;
        *loaded = Some(Box::new(plugin.clone()));
        Ok(plugin)
    }

    /// The error that the case's limits cannot be those of a call.
    pub fn no_limits(&self, source: plugwright::LimitsError) -> CaseError {
        CaseError::Limits { path: self.case.path().to_owned(), source }
    }
}

type Place = Arc<Mutex<Option<Box<dyn Any + Send + Sync>>>>;

/// A plugin as forms have loaded it, by the type that it then has.
#[derive(Default)]
pub(crate) struct Shared(Mutex<HashMap<TypeId, Place>>);

impl Shared {
    fn place(&self, key: TypeId) -> Place {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(key).or_default())
    }
}
