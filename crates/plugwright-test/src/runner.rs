//! The runner: all tests of a project, and those that others add.

use std::error::Error;
use std::sync::{Arc, LazyLock};

use libtest_mimic::{Arguments, Conclusion, Trial};
use plugwright::{Dist, Host, World};

use crate::calls::{Calls, CallsOf};
use crate::case::Case;
use crate::case_error::{CaseError, told};
use crate::change::{Changes, Update};
use crate::check::{self, Check};
use crate::form::{Form, Forms};
use crate::project::{Project, ProjectError};
use crate::subject::Plugins;
use crate::telling::Telling;
use crate::trial::{self, Later, Tested};
use crate::{denied, guards};

/// The tests of a project.
pub struct Runner {
    project: Project,
    dist: Dist,
    host: Host,
    forms: Forms,
    elsewhere: Vec<String>,
    only: Option<Vec<String>>,
    also: Vec<Also>,
    more: Vec<Trial>,
}

/// The same plugins again, from elsewhere.
struct Also {
    prefix: String,
    open: Box<dyn FnOnce() -> Result<Dist, Box<dyn Error + Send + Sync>> + Send>,
}

impl Runner {
    /// The tests of `project`, by its own [host](Project::host).
    ///
    /// # Errors
    ///
    /// [`ProjectError`] if there are no plugins, or there can be no host.
    pub fn new(project: Project) -> Result<Self, ProjectError> {
        let host = project.host()?;
        Self::with_host(project, host)
    }

    /// The tests of `project`, by `host`, which is to grant nothing.
    ///
    /// # Errors
    ///
    /// [`ProjectError::Dist`] if there are no plugins.
    pub fn with_host(project: Project, host: Host) -> Result<Self, ProjectError> {
        let (dist, forms) = (project.dist()?, Forms::none().with(Calls));
        let (elsewhere, also, more) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { project, dist, host, forms, elsewhere, only: None, also, more })
    }

    /// Knows cases of the form `form`, too: those that no form that was given before takes.
    #[must_use]
    pub fn form(self, form: impl Form + 'static) -> Self {
        Self { forms: self.forms.with(form), ..self }
    }

    /// Has the application's own host functions answer what plugins of the world `W` import, with the data that `data` gives
    /// for each run of a case, where the script of a case would answer otherwise.
    #[must_use]
    pub fn answered_by<W: World>(
        self,
        data: impl Fn(&Case) -> W::Data + Send + Sync + 'static,
    ) -> Self {
        Self { forms: self.forms.after(CallsOf::<W>::new(data)), ..self }
    }

    /// The same, but a script that has `import` statements answers by them what its plugin imports.
    #[must_use]
    pub fn answered_unless_scripted_by<W: World>(
        self,
        data: impl Fn(&Case) -> W::Data + Send + Sync + 'static,
    ) -> Self {
        Self { forms: self.forms.after(CallsOf::<W>::new(data).leaving_answered()), ..self }
    }

    /// Runs each case once more in the plugins that `open` gives, with tests whose names begin with `prefix`. It is
    /// called when the first of these runs.
    #[must_use]
    pub fn plugins_also(
        mut self,
        prefix: impl Into<String>,
        open: impl FnOnce() -> Result<Dist, Box<dyn Error + Send + Sync>> + Send + 'static,
    ) -> Self {
        self.also.push(Also { prefix: prefix.into(), open: Box::new(open) });
        self
    }

    /// Tests these plugins alone.
    #[must_use]
    pub fn only(self, plugins: Vec<String>) -> Self {
        Self { only: Some(plugins), ..self }
    }

    /// Leaves the cases and the snapshots of these plugins to others: their folders are not without a plugin.
    #[must_use]
    pub fn tested_elsewhere(mut self, plugins: impl IntoIterator<Item = String>) -> Self {
        self.elsewhere.extend(plugins);
        self
    }

    /// Runs these tests, too.
    #[must_use]
    pub fn trials_also(mut self, trials: impl IntoIterator<Item = Trial>) -> Self {
        self.more.extend(trials);
        self
    }

    /// The project.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// The host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The forms of case that were given.
    pub fn forms(&self) -> &Forms {
        &self.forms
    }

    /// The plugins.
    pub fn dist(&self) -> &Dist {
        &self.dist
    }

    /// All tests.
    ///
    /// # Errors
    ///
    /// [`ProjectError::Cases`] if the folders of cases cannot be read.
    pub fn trials(self) -> Result<Vec<Trial>, ProjectError> {
        Ok(self.tests(None)?.0)
    }

    /// Runs those of the tests that `arguments` ask for, which are those of [`libtest_mimic`].
    ///
    /// # Errors
    ///
    /// As [`Runner::trials`].
    pub fn run(self, arguments: &Arguments) -> Result<Conclusion, ProjectError> {
        Ok(libtest_mimic::run(arguments, self.trials()?))
    }

    /// All tests, which tell what changed, for `update`.
    ///
    /// # Errors
    ///
    /// As [`Runner::trials`].
    pub fn telling(self, update: Update) -> Result<Telling, ProjectError> {
        Ok(Telling::new(self.tests(Some(Changes::new(update)))?))
    }

    /// All that is tested of the plugins, each to be run by whoever shows what comes of it: each case, each plugin's WIT, and
    /// each grant that a plugin asks for. Nothing of it is written. Plugins from elsewhere and further tests are not among them.
    ///
    /// # Errors
    ///
    /// As [`Runner::trials`].
    pub fn checks(self) -> Result<Vec<Check>, ProjectError> {
        let Self { project, dist, host, forms, elsewhere, only, .. } = self;
        let plugins = Plugins::new(dist, host, forms);
        let (tested, broken) = Tested::new(project, plugins, elsewhere, only, None)?;
        Ok(check::checks(&Arc::new(tested), broken))
    }

    fn tests(self, changes: Option<Changes>) -> Result<(Vec<Trial>, Arc<Tested>), CaseError> {
        let Self { project, dist, host, forms, elsewhere, only, also, more } = self;
        let plugins = Plugins::new(dist, host.clone(), forms.clone());
        let (tested, broken) = Tested::new(project, plugins, elsewhere, only, changes)?;
        let tested = Arc::new(tested);
        let mut trials: Vec<_> = broken.into_iter().filter_map(trial::of_broken).collect();
        trials.extend(trial::of_cases("", &tested, None));
        trials.extend(trial::of_wit(&tested));
        for plugin in tested.plugins() {
            trials.extend(denied::of_plugin(&tested, &plugin));
        }
        for Also { prefix, open } in also {
            let (host, forms) = (host.clone(), forms.clone());
            let plugins: Later = Arc::new(LazyLock::new(Box::new(move || {
                let dist = open().map_err(|error| told(&*error))?;
                Ok(Plugins::new(dist, host, forms))
            })));
            trials.extend(trial::of_cases(&prefix, &tested, Some(&plugins)));
        }
        trials.extend(more);
        trials.extend(guards::trials(&tested));
        Ok((trials, tested))
    }
}
