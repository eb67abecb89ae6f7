//! The plugins under test. Each is read and verified once.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use plugwright::{
    Candidate, Dist, ForeignText, Grant, Grants, Host, Limit, Limits, LoadError, Manifest,
    RequestedGrant, Unverified,
};

use crate::case::Case;
use crate::case_error::{CaseError, told};
use crate::form::{Forms, Loaded, Loading, Shared};

/// The plugins of a folder, with the forms of their cases.
pub struct Plugins {
    dist: Dist,
    host: Host,
    forms: Forms,
    subjects: Mutex<BTreeMap<String, Place>>,
}

/// A place for a plugin, which is filled when the plugin is read.
type Place = Arc<Mutex<Option<Arc<Subject>>>>;

/// A plugin under test.
pub struct Subject {
    plugin: Candidate<'static>,
    host: Host,
    forms: Forms,
    shared: Shared,
}

impl Plugins {
    /// Makes the set of plugins of `dist`. `host` loads them, and must grant nothing.
    pub fn new(dist: Dist, host: Host, forms: Forms) -> Self {
        Self { dist, host, forms, subjects: Mutex::default() }
    }

    /// Returns the folder of the plugins.
    pub fn dist(&self) -> &Dist {
        &self.dist
    }

    /// Returns the plugin `name`, and reads it the first time.
    ///
    /// # Errors
    ///
    /// Returns [`CaseError::Dist`] if the plugin cannot be read, and [`CaseError::Load`] if the host does not accept it.
    pub fn subject(&self, name: &str) -> Result<Arc<Subject>, CaseError> {
        let place = {
            let mut subjects = self.subjects.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(subjects.entry(name.to_owned()).or_default())
        };
        let mut subject = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(subject) = &*subject {
            return Ok(Arc::clone(subject));
        }
        let plugin = Unverified::new(name.to_owned(), self.dist.read(name)?);
        let plugin = plugin.of_file(self.dist.path(name)).signed_beside()?;
        let read = Arc::new(Subject::new(plugin, &self.host, &self.forms)?);
        Ok(Arc::clone(subject.insert(read)))
    }
}

impl Subject {
    /// Verifies a plugin. `host` loads it, and must grant nothing. `forms` are the forms of its cases.
    ///
    /// # Errors
    ///
    /// Returns the error of [`Host::verify`].
    pub fn new(plugin: Unverified<'static>, host: &Host, forms: &Forms) -> Result<Self, LoadError> {
        let plugin = host.verify(plugin)?;
        Ok(Self { plugin, host: host.clone(), forms: forms.clone(), shared: Shared::default() })
    }

    /// Returns the verified plugin.
    pub fn candidate(&self) -> &Candidate<'static> {
        &self.plugin
    }

    /// Loads the plugin for the case, with the grants and the limits of the case.
    ///
    /// # Errors
    ///
    /// Fails if the plugin cannot be loaded, if it does not ask for a grant of the case, or if its own limits are as
    /// strict as those of the case.
    pub fn load(&self, case: &Case) -> Result<Box<dyn Loaded>, CaseError> {
        self.load_with(case, case.grants())
    }

    /// Loads the plugin as [`Subject::load`] does, but without the grant that `request` asks for. Absent if the case
    /// does not have this grant.
    ///
    /// # Errors
    ///
    /// As [`Subject::load`].
    pub fn load_denied(
        &self,
        case: &Case,
        request: &RequestedGrant,
    ) -> Option<Result<Box<dyn Loaded>, CaseError>> {
        let is_for = |text: &&String| text.parse().is_ok_and(|grant| request.is_for(&grant));
        let (denied, granted): (Vec<_>, Vec<_>) = case.grants().iter().partition(is_for);
        (!denied.is_empty()).then(|| self.load_with(case, granted))
    }

    fn load_with<'a>(
        &self,
        case: &Case,
        grants: impl IntoIterator<Item = &'a String>,
    ) -> Result<Box<dyn Loaded>, CaseError> {
        let limits = self.limits(case)?;
        let grants = self.grants(case, grants)?;
        let form = self.forms.of(case, &self.plugin)?.ok_or_else(|| self.no_form(case))?;
        let shared = grants.is_none().then_some(&self.shared);
        let host = grants.map_or_else(|| self.host.clone(), |it| self.host.with_grants(it));
        form.load(&Loading { case, host: &host, plugin: &self.plugin, limits, shared })
    }

    /// Returns the case's limits, after a check that they are stricter than the plugin's own.
    fn limits(&self, case: &Case) -> Result<Limits, CaseError> {
        let limits = case.limits()?;
        let declared = self.plugin.manifest().map_or(Limits::none(), |it| it.limits);
        let is_looser = |limit: &&Limit| match (limits.get(**limit), declared.get(**limit)) {
            (Some(here), Some(there)) => here >= there,
            _ => false,
        };
        match Limit::ALL.iter().find(is_looser) {
            Some(&limit) => {
                let (path, plugin) = (case.path().to_owned(), self.plugin.name().into());
                Err(CaseError::Looser { path, limit, plugin })
            }
            None => Ok(limits),
        }
    }

    /// Parses these grants of the case, if there are any. The plugin must ask for each of them.
    fn grants<'a>(
        &self,
        case: &Case,
        grants: impl IntoIterator<Item = &'a String>,
    ) -> Result<Option<Grants>, CaseError> {
        const UNASKED: &str = "the plugin does not ask for this grant: add it to the plugin's `plugin.toml`, or remove it here";
        let folder = case.path().parent().unwrap_or(Path::new(""));
        let mut given = None;
        for text in grants {
            let grant: Grant = text
                .parse()
                .map_err(|error: plugwright::TextError| case.wrong(text, &error.to_string()))?;
            let asks = |manifest: &Manifest| manifest.grants.iter().any(|it| it.is_for(&grant));
            // A plugin without a manifest gets everything that is granted.
            if !self.plugin.manifest().is_none_or(asks) {
                return Err(case.wrong(text, UNASKED));
            }
            let with = given.unwrap_or(Grants::none()).with(&grant, folder);
            given = Some(with.map_err(|error| case.wrong(text, &told(&error)))?);
        }
        Ok(given)
    }

    fn no_form(&self, case: &Case) -> CaseError {
        let inspected = self.plugin.inspect(&[]);
        let exports = inspected.map_or(String::new(), |inspection| {
            let exports = inspection.exports.iter().map(|name| format!("`{name}`"));
            exports.collect::<Vec<_>>().join(", ")
        });
        CaseError::NoForm {
            path: case.path().to_owned(),
            plugin: ForeignText::from(self.plugin.name()),
            exports: exports.into(),
        }
    }
}
