//! The runner: all tests of a project, and tests that the caller adds.

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

/// Further builds of the same plugins.
struct Also {
    prefix: String,
    open: Box<dyn FnOnce() -> Result<Dist, Box<dyn Error + Send + Sync>> + Send>,
}

impl Runner {
    /// Makes a runner for `project`, with the project's own [host](Project::host).
    ///
    /// # Errors
    ///
    /// Returns a [`ProjectError`] if there are no plugins, or if the host cannot be made.
    pub fn new(project: Project) -> Result<Self, ProjectError> {
        let host = project.host()?;
        Self::with_host(project, host)
    }

    /// Makes a runner for `project` with `host`, which must grant nothing.
    ///
    /// # Errors
    ///
    /// Returns [`ProjectError::Dist`] if there are no plugins.
    pub fn with_host(project: Project, host: Host) -> Result<Self, ProjectError> {
        let (dist, forms) = (project.dist()?, Forms::none().with(Calls));
        let (elsewhere, also, more) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { project, dist, host, forms, elsewhere, only: None, also, more })
    }

    /// Adds a form of cases. It gets the cases that no form before it takes.
    #[must_use]
    pub fn form(self, form: impl Form + 'static) -> Self {
        Self { forms: self.forms.with(form), ..self }
    }

    /// Lets the application's own host functions, not the scripts, answer what plugins of the world `W` import. `data`
    /// makes the data of the host functions for each run of a case.
    #[must_use]
    pub fn answered_by<W: World>(
        self,
        data: impl Fn(&Case) -> W::Data + Send + Sync + 'static,
    ) -> Self {
        Self { forms: self.forms.after(CallsOf::<W>::new(data)), ..self }
    }

    /// Does as [`Runner::answered_by`], but a script with `import` statements answers its plugin's imports itself.
    #[must_use]
    pub fn answered_unless_scripted_by<W: World>(
        self,
        data: impl Fn(&Case) -> W::Data + Send + Sync + 'static,
    ) -> Self {
        Self { forms: self.forms.after(CallsOf::<W>::new(data).leaving_answered()), ..self }
    }

    /// Runs each case once more with the plugins that `open` returns. The names of these tests begin with `prefix`.
    /// `open` is called when the first of them runs.
    #[must_use]
    pub fn plugins_also(
        mut self,
        prefix: impl Into<String>,
        open: impl FnOnce() -> Result<Dist, Box<dyn Error + Send + Sync>> + Send + 'static,
    ) -> Self {
        self.also.push(Also { prefix: prefix.into(), open: Box::new(open) });
        self
    }

    /// Tests only these plugins.
    #[must_use]
    pub fn only(self, plugins: Vec<String>) -> Self {
        Self { only: Some(plugins), ..self }
    }

    /// Declares that the cases of these plugins are tested elsewhere. Their folders of cases and snapshots are allowed,
    /// but not tested here.
    #[must_use]
    pub fn tested_elsewhere(mut self, plugins: impl IntoIterator<Item = String>) -> Self {
        self.elsewhere.extend(plugins);
        self
    }

    /// Adds further tests.
    #[must_use]
    pub fn trials_also(mut self, trials: impl IntoIterator<Item = Trial>) -> Self {
        self.more.extend(trials);
        self
    }

    /// Returns the project.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// Returns the host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Returns the forms of cases.
    pub fn forms(&self) -> &Forms {
        &self.forms
    }

    /// Returns the plugins.
    pub fn dist(&self) -> &Dist {
        &self.dist
    }

    /// Returns all tests.
    ///
    /// # Errors
    ///
    /// Returns [`ProjectError::Cases`] if the folders of cases cannot be read.
    pub fn trials(self) -> Result<Vec<Trial>, ProjectError> {
        Ok(self.tests(None)?.0)
    }

    /// Runs the tests that `arguments` select. The arguments are those of [`libtest_mimic`].
    ///
    /// # Errors
    ///
    /// As [`Runner::trials`].
    pub fn run(self, arguments: &Arguments) -> Result<Conclusion, ProjectError> {
        Ok(libtest_mimic::run(arguments, self.trials()?))
    }

    /// Returns all tests as a [`Telling`], which reports changed snapshots and handles them as `update` says.
    ///
    /// # Errors
    ///
    /// As [`Runner::trials`].
    pub fn telling(self, update: Update) -> Result<Telling, ProjectError> {
        Ok(Telling::new(self.tests(Some(Changes::new(update)))?))
    }

    /// Returns all checks of the plugins: each case, each plugin's WIT, and each grant that a plugin asks for. The
    /// caller runs them and shows the results. Checks write nothing. Further builds and further tests are not included.
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
