//! The stages of the pipeline, through which each plugin goes in order.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Result, anyhow};
use plugwright::{Contract, ForeignText, Host, Trust};

use super::crates::Crates;
use super::language::{self, Compiled};
use super::lock;
use super::provenance::{self, Before, Origin, Tools, Workspace};
use super::run::{Run, Said, shell_line};
use crate::commands::size::Causes;
use crate::commands::{check, stamp};
use crate::exit::{self, Failed};
use crate::progress::Stage;
use crate::project::build_table::BuildTable;
use crate::project::plugin::Plugin;
use crate::project::target_features::TargetFeatures;
use crate::wit;
use crate::{log, output, plugin_argument};

/// What the stages need for every plugin.
pub(crate) struct Stages<'a> {
    pub(crate) run: Run,
    pub(crate) said: Said,
    pub(crate) host: &'a Host,
    pub(crate) trust: &'a Trust,
    /// The folder of built plugins.
    pub(crate) dist: &'a Path,
    /// The URI of the builder, for provenance.
    pub(crate) built_by: &'a str,
    /// What crates need, if the project has any.
    pub(crate) crates: Option<(Workspace, Crates)>,
    /// What plugins in other languages have in common.
    pub(crate) tools: Tools,
}

/// The outcome of building a plugin.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The plugin is built and in `dist`.
    Built,
    /// A tool that the plugin needs is missing.
    WithoutTools,
}

/// The stage in which a plugin failed.
#[derive(Debug)]
pub(crate) struct Broken {
    /// The stage as a verb, to follow "failed to".
    pub(crate) stage: &'static str,
    /// What to do about it.
    pub(crate) next: String,
}

impl Stages<'_> {
    /// Returns whether the plugin is up to date: its inputs and outputs are as its statement says.
    pub(crate) fn is_current(&self, plugin: &Plugin) -> bool {
        let table = if plugin.is_crate() { None } else { BuildTable::of(plugin).ok() };
        let origin = self.origin(plugin, table.as_ref());
        origin.is_ok_and(|origin| provenance::holds(plugin, &origin, &self.dist_of(plugin)))
    }

    /// Takes the plugin through all stages. Errors are shown as soon as they are found.
    pub(crate) fn go_through(&self, plugin: &Plugin, shown: &Stage) -> Result<Outcome, Broken> {
        let name = if plugin.is_crate() { self.package(plugin) } else { plugin.name.clone() };
        let name = ForeignText::from(name);
        let fix = || format!("fix the errors of `{name}` above");
        shown.begin("wait");
        let table = if plugin.is_crate() { None } else { Some(BuildTable::of(plugin)) };
        let table = table.transpose().map_err(exit::load).or_broken("compile", fix)?;
        let origin = self.origin(plugin, table.as_ref()).map_err(exit::load);
        let origin = origin.or_broken("compile", fix)?;
        let before = origin.look(plugin, &self.dist_of(plugin)).map_err(exit::load);
        let before = before.or_broken("compile", fix)?;
        let work = lock::folder().join("plugins").join(plugin.path());
        let compiled = self.compile(plugin, table.as_ref(), &work, shown);
        let (built, version) = match compiled.or_broken("compile", fix)? {
            (Compiled::Component(file), version) => (file, version),
            (Compiled::Failed, _) => {
                self.contract(plugin)?;
                return Err(Broken { stage: "compile", next: fix() });
            }
            (Compiled::Missing(missing), _) => {
                log::show_text(&format!("{missing}\n"));
                return Ok(Outcome::WithoutTools);
            }
        };

        let component = ForeignText::of_path(&built);
        shown.begin("validate");
        let valid = self.wasm_tools(&["validate".as_ref(), built.as_os_str()]);
        valid.or_broken("validate", || format!("`{component}` is not a valid component"))?;
        shown.begin("strip");
        let new = work.join(format!("{}.wasm", plugin.name));
        let (to, output) = (new.as_os_str(), "--output".as_ref());
        let strip = ["strip".as_ref(), "--all".as_ref(), built.as_os_str(), output, to];
        let name = ["metadata", "add", "--name", &plugin.name, "--version", &version];
        let name: Vec<&OsStr> =
            name.into_iter().map(AsRef::as_ref).chain([to, output, to]).collect();
        let stripped = self.wasm_tools(&strip).and_then(|()| self.wasm_tools(&name));
        stripped.or_broken("strip", || "see the output of `wasm-tools` above".to_owned())?;
        shown.begin("check");
        let fits = || "fix the error above".to_owned();
        self.check(plugin, &built, &new).or_broken("pass the check", fits)?;
        shown.begin("put in place");
        let written = || "fix the error above".to_owned();
        self.put(plugin, &origin, &before, &built, &new).or_broken("be put in place", written)?;
        Ok(Outcome::Built)
    }

    /// Returns the folder for the built plugin: `dist`, or the subfolder of its group.
    pub(crate) fn dist_of(&self, plugin: &Plugin) -> PathBuf {
        // Collecting the components removes the trailing `/` that joining an empty group adds.
        self.dist.join(&plugin.group).components().collect()
    }

    fn package(&self, plugin: &Plugin) -> String {
        let crates = self.crates.as_ref();
        let package = crates.and_then(|(_, crates)| crates.package(plugin).ok());
        package.map_or_else(|| plugin.name.clone(), |package| package.name.clone())
    }

    fn origin<'o>(&'o self, plugin: &Plugin, table: Option<&'o BuildTable>) -> Result<Origin<'o>> {
        match (table, &self.crates) {
            (Some(table), _) => Ok(Origin::Language(table, &self.tools)),
            (None, Some((workspace, crates))) => Ok(Origin::Crate(workspace, crates)),
            (None, None) => {
                Err(anyhow!("nothing says how to build `{}`", ForeignText::from(&*plugin.name)))
            }
        }
    }

    /// Fails if the contract of the plugin cannot be read: then a compiler has shown errors that its code does not have.
    fn contract(&self, plugin: &Plugin) -> Result<(), Broken> {
        let wit = ForeignText::of_path(&plugin.wit);
        let read = if plugin.wit.exists() { Contract::read(&plugin.wit).map(drop) } else { Ok(()) };
        let fix = || format!("fix the contract `{wit}`, whose error is the last one above");
        read.map_err(exit::contract).or_broken("compile", fix)
    }

    /// Compiles the plugin, and returns its version with the result.
    fn compile(
        &self,
        plugin: &Plugin,
        table: Option<&BuildTable>,
        work: &Path,
        shown: &Stage,
    ) -> Result<(Compiled, String), Failed> {
        // Remove only what an earlier build left. If a group has this plugin's name, other plugins are in the same
        // folder.
        let _ = fs::remove_dir_all(work.join("scratch"));
        let _ = fs::remove_file(work.join("component.wasm"));
        self.run.show(|| shell_line(["mkdir".as_ref(), "-p".as_ref(), work.as_os_str()]));
        output::create_folder(work).map_err(exit::load)?;
        match (table, &self.crates) {
            (Some(table), _) => {
                shown.begin("compile");
                let compiled = language::compile(plugin, table, work, self.run, self.said);
                Ok((compiled.map_err(exit::load)?, table.version.clone()))
            }
            (None, Some((_, crates))) => {
                let compile = || {
                    let package = crates.package(plugin)?;
                    let file = crates.artifact(package)?;
                    let features = TargetFeatures::read(&plugin.manifest())?;
                    let begin = || shown.begin("compile");
                    let done = crates.compile(package, &features, &file, self.run, begin)?;
                    let compiled = if done { Compiled::Component(file) } else { Compiled::Failed };
                    Ok((compiled, package.version.clone()))
                };
                compile().map_err(|error: anyhow::Error| exit::load(error))
            }
            (None, None) => Err(exit::load(anyhow!("there is no cargo workspace"))),
        }
    }

    /// Runs `wasm-tools`. If it fails, it has printed why, and the error is `None`.
    fn wasm_tools(&self, arguments: &[&OsStr]) -> Result<(), Option<Failed>> {
        let mut command = Command::new("wasm-tools");
        command.args(arguments);
        match self.run.run(command, Said::AtTheEnd) {
            Ok(true) => Ok(()),
            Ok(false) => Err(None),
            Err(error) => Err(Some(exit::load(error))),
        }
    }

    /// Adds the manifest to the file `new`, and checks that this host can run the plugin.
    fn check(&self, plugin: &Plugin, built: &Path, new: &Path) -> Result<(), Failed> {
        let (manifest, dist) = (plugin.manifest(), self.dist_of(plugin));
        let wit = wit::Options::of(vec![plugin.wit.clone()]);
        let contract = |words: &[&Path]| {
            let own = own_name();
            let options = ["--dist".as_ref(), dist.as_os_str(), "--wit".as_ref()];
            let options = options.into_iter().chain([plugin.wit.as_os_str()]);
            shell_line(
                [&*own].into_iter().chain(options).chain(words.iter().map(|word| word.as_os_str())),
            )
        };
        self.run
            .show(|| contract(&["stamp".as_ref(), &manifest, new, "--symbols".as_ref(), built]));
        stamp::put(&manifest, new, Some(built), &dist, &wit, self.trust, self.host)?;
        let before = dist.join("symbols").join(new.file_name().unwrap_or_default());
        let mut words: Vec<&Path> = vec!["check".as_ref(), new, "--symbols".as_ref(), built];
        if before.is_file() {
            words.extend(["--before".as_ref(), &*before]);
        }
        self.run.show(|| contract(&words));
        let causes = Causes { symbols: Some(built.to_owned()), before: Some(before.clone()) };
        let known = wit.known([&*dist])?;
        let read = plugin_argument::read_file(new, self.host.limits())?;
        let candidate = self.host.verify(read)?;
        let inspection = candidate.inspect(known.all())?;
        check::world(self.host, &candidate, &inspection, &known, &causes, false).map(drop)
    }

    /// Copies the plugin and its symbols to `dist`. The statement is written last, because a valid statement means that
    /// all other files are there.
    fn put(
        &self,
        plugin: &Plugin,
        origin: &Origin<'_>,
        before: &Before,
        built: &Path,
        new: &Path,
    ) -> Result<(), Failed> {
        let put = || {
            let (dist, file) = (self.dist_of(plugin), new.file_name().unwrap_or_default());
            let papers = provenance::papers(plugin, origin, before, built, new, self.built_by)?;
            let symbols = dist.join("symbols");
            output::create_folder(&symbols)?;
            for (from, to) in [(built, symbols.join(file)), (new, dist.join(file))] {
                self.run.show(|| shell_line(["cp".as_ref(), from.as_os_str(), to.as_os_str()]));
                output::copy_beside(from, &to)?;
            }
            papers.write(&plugin.name, &dist)
        };
        put().map_err(exit::load)
    }
}

/// Returns the name or path that runs this command from any folder.
fn own_name() -> OsString {
    let name = env::args_os().next().filter(|name| Path::new(name).components().count() == 1);
    let path = || env::current_exe().map_or_else(|_| "plugwright".into(), PathBuf::into_os_string);
    name.unwrap_or_else(path)
}

/// Converts an error into the stage that failed.
trait OrBroken<T> {
    /// Shows the error, and returns the failed stage and what to do about it.
    fn or_broken(self, stage: &'static str, next: impl FnOnce() -> String) -> Result<T, Broken>;
}

impl<T, E: Into<Option<Failed>>> OrBroken<T> for Result<T, E> {
    fn or_broken(self, stage: &'static str, next: impl FnOnce() -> String) -> Result<T, Broken> {
        self.map_err(|error| {
            if let Some(failed) = error.into() {
                exit::show(&failed);
            }
            Broken { stage, next: next() }
        })
    }
}
