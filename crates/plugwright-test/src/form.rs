//! Forms of cases: what a case's file may contain, and which functions are called with it. Only forms know a contract.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use plugwright::{Candidate, Host, Limits, LoadError};

use crate::case::Case;
use crate::case_error::CaseError;
use crate::outcome::Outcome;

/// A form of case: it decides for which plugins a case's file is meant, and which functions are called with it.
pub trait Form: Send + Sync {
    /// Returns whether this form takes the case for the plugin.
    ///
    /// # Errors
    ///
    /// Returns an error if the form cannot find this out.
    fn takes(&self, case: &Case, plugin: &Candidate<'_>) -> Result<bool, CaseError>;

    /// Loads the plugin for the case, and reads the case's files.
    ///
    /// # Errors
    ///
    /// Returns [`CaseError::Load`] if the plugin cannot be loaded, and another error if the case is wrong.
    fn load(&self, loading: &Loading<'_>) -> Result<Box<dyn Loaded>, CaseError>;
}

/// A case with its loaded plugin, ready to run.
pub trait Loaded: Send + Sync {
    /// Runs the case.
    ///
    /// # Errors
    ///
    /// Returns why the case cannot be run. A failure or a trap of the plugin is an outcome, not an error.
    fn run(&self) -> Result<Outcome, CaseError>;

    /// Runs the case in other ways that must have the same outcome. Returns each outcome with the name of its way, such as
    /// `pieces of 7`.
    ///
    /// # Errors
    ///
    /// As [`Loaded::run`].
    fn otherwise(&self) -> Result<Vec<(String, Outcome)>, CaseError> {
        Ok(Vec::new())
    }
}

/// A list of forms. The first form that takes a case runs it.
#[derive(Clone, Default)]
pub struct Forms(Vec<Arc<dyn Form>>);

impl Forms {
    /// Makes an empty list.
    pub fn none() -> Self {
        Self::default()
    }

    /// Appends `form` to the list.
    #[must_use]
    pub fn with(mut self, form: impl Form + 'static) -> Self {
        self.0.push(Arc::new(form));
        self
    }

    /// Puts `form` at the beginning of the list.
    pub(crate) fn after(mut self, form: impl Form + 'static) -> Self {
        self.0.insert(0, Arc::new(form));
        self
    }

    /// Returns the first form that takes the case.
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

/// Everything that a form needs to load a plugin for a case.
pub struct Loading<'a> {
    /// The case.
    pub case: &'a Case,
    /// The host, with the grants of the case.
    pub host: &'a Host,
    /// The plugin.
    pub plugin: &'a Candidate<'static>,
    /// The limits of the case. The form must set them on the plugin's [handle](plugwright::Plugin::with_limits).
    pub limits: Limits,
    /// The plugins that were loaded without grants. Absent if the case grants something.
    pub(crate) shared: Option<&'a Shared>,
}

impl Loading<'_> {
    /// Loads the plugin with `load`. It is called once for all cases of the plugin that grant nothing, and once for
    /// each case that grants something.
    ///
    /// # Errors
    ///
    /// Returns the error of `load`.
    pub fn once<P: Clone + Send + Sync + 'static>(
        &self,
        load: impl FnOnce(&Host, &Candidate<'static>) -> Result<P, LoadError>,
    ) -> Result<P, LoadError> {
        let Some(shared) = self.shared else { return load(self.host, self.plugin) };
        let place = shared.place(TypeId::of::<P>());
        // Other cases wait here for the same plugin.
        let mut loaded = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plugin) = loaded.as_ref().and_then(|it| it.downcast_ref::<P>()) {
            return Ok(plugin.clone());
        }
        let plugin = load(self.host, self.plugin)?;
        *loaded = Some(Box::new(plugin.clone()));
        Ok(plugin)
    }

    /// Makes the error for limits of the case that cannot be limits of a call.
    pub fn no_limits(&self, source: plugwright::LimitsError) -> CaseError {
        CaseError::Limits { path: self.case.path().to_owned(), source }
    }
}

type Place = Arc<Mutex<Option<Box<dyn Any + Send + Sync>>>>;

/// A plugin as forms have loaded it, by the type of the loaded plugin.
#[derive(Default)]
pub(crate) struct Shared(Mutex<HashMap<TypeId, Place>>);

impl Shared {
    fn place(&self, key: TypeId) -> Place {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(key).or_default())
    }
}
