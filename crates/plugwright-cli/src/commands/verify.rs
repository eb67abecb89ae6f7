//! `plugwright verify` and `plugwright repro`: rebuild plugins in other places, and compare the bytes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, path};

use anyhow::{Context as _, anyhow};
use clap::{Args, ValueHint};
use plugwright::{Dist, DistError, ForeignText, Trust};

use crate::begun::BegunFolder;
use crate::commands::compare;
use crate::exit::{self, Failed};
use crate::pipeline::rebuild::{PLACES, Place, build_in};
use crate::pipeline::run::Run;
use crate::progress::{Progress, Unit};
use crate::project::Project;
use crate::project::build_table::BuildTable;
use crate::project::plugin::Plugin;
use crate::text_argument::text;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder of built plugins to compare with [default: the project's]
    #[arg(value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    folder: Option<PathBuf>,

    /// The plugins to rebuild [default: all that are crates, and others whose manifest says `reproducible`]
    #[arg(value_name = "PLUGIN", value_parser = text())]
    plugins: Vec<String>,

    #[command(flatten)]
    shown: Shown,
}

#[derive(Debug, Args)]
pub(crate) struct ReproArguments {
    /// The plugins to build twice [default: all that are crates, and others whose manifest says `reproducible`]
    #[arg(value_name = "PLUGIN", value_parser = text())]
    plugins: Vec<String>,

    #[command(flatten)]
    shown: Shown,
}

#[derive(Debug, Args)]
struct Shown {
    /// Shows each command line before it runs
    #[arg(long)]
    show_commands: bool,
}

/// Builds plugins once, and compares them with the built plugins.
pub(crate) fn verify(
    Arguments { folder, plugins, shown }: &Arguments,
    project: Project,
    trust: &Trust,
) -> Result<(), Failed> {
    let folder = folder.as_ref().map(path::absolute).transpose();
    let folder = folder.context("cannot find the current folder").map_err(exit::usage)?;
    let project = project.enter().map_err(exit::usage)?;
    let folder = folder.unwrap_or_else(|| project.dist());
    if !folder.is_dir() {
        return Err(exit::file(DistError::NoFolder { folder }));
    }
    let is_built = |plugin: &Plugin| {
        let dist = Dist::open(folder.join(&plugin.group));
        dist.is_ok_and(|dist| dist.plugins().iter().any(|entry| entry.name == plugin.name))
    };
    let plugins =
        chosen(&project, plugins, is_built).map_err(|error| match Dist::open(&folder) {
            // This error says why the folder has no plugin.
            Err(missing) if plugins.is_empty() => exit::load(missing),
            _ => error,
        })?;
    let places = places()?;
    let progress = Progress::of(plugins.len(), Unit::Plugins);
    let built = in_place(&PLACES[0], &places, &project, &plugins, shown, &progress)?;
    compare_all(&folder, &built, &plugins, trust, &progress)
}

/// Builds plugins twice, in two different places, and compares the results.
pub(crate) fn repro(
    ReproArguments { plugins, shown }: &ReproArguments,
    project: Project,
    trust: &Trust,
) -> Result<(), Failed> {
    let project = project.enter().map_err(exit::usage)?;
    let plugins = chosen(&project, plugins, |plugin| plugin.is_default)?;
    let places = places()?;
    let [one, another] = &PLACES;
    let progress = Progress::of(plugins.len().saturating_mul(PLACES.len()), Unit::Plugins);
    let one = in_place(one, &places, &project, &plugins, shown, &progress)?;
    let another = in_place(another, &places, &project, &plugins, shown, &progress)?;
    compare_all(&one, &another, &plugins, trust, &progress)
}

/// Returns the named plugins. Without names, returns the plugins that are reproducible and `wanted`.
fn chosen(
    project: &Project,
    names: &[String],
    wanted: impl Fn(&Plugin) -> bool,
) -> Result<Vec<Plugin>, Failed> {
    let all = project.plugins().map_err(exit::usage)?;
    if !names.is_empty() {
        return project.named(&all, names).map_err(exit::usage);
    }
    let is_reproducible = |plugin: &Plugin| {
        plugin.is_crate() || BuildTable::of(plugin).is_ok_and(|table| table.reproducible)
    };
    let plugins: Vec<_> =
        all.into_iter().filter(|plugin| is_reproducible(plugin) && wanted(plugin)).collect();
    match plugins.is_empty() {
        true => Err(exit::usage(anyhow!(
            "there is no plugin to rebuild in `{}`: name one",
            ForeignText::of_path(project.folder())
        ))),
        false => Ok(plugins),
    }
}

fn places() -> Result<BegunFolder, Failed> {
    let folder = env::temp_dir();
    BegunFolder::new(&folder)
        .with_context(|| format!("cannot write into `{}`", ForeignText::of_path(&folder)))
        .map_err(exit::usage)
}

fn in_place(
    place: &Place,
    places: &BegunFolder,
    project: &Project,
    plugins: &[Plugin],
    shown: &Shown,
    progress: &Progress,
) -> Result<PathBuf, Failed> {
    let names: Vec<_> = plugins.iter().map(Plugin::path).collect();
    let run = Run::new(shown.show_commands);
    build_in(place, places.path(), project, &names, run, progress).map_err(exit::load)
}

/// Compares the plugins in two folders, group by group. The first failure determines the exit code.
fn compare_all(
    one: &Path,
    other: &Path,
    plugins: &[Plugin],
    trust: &Trust,
    progress: &Progress,
) -> Result<(), Failed> {
    progress.begin("compare");
    let mut groups: BTreeMap<&Path, Vec<String>> = BTreeMap::new();
    for plugin in plugins {
        groups.entry(&plugin.group).or_default().push(plugin.name.clone());
    }
    let compared = groups.into_iter().map(|(group, names)| {
        compare::folders(&one.join(group), &other.join(group), &names, trust)
    });
    let mut failed: Vec<Failed> = compared.filter_map(Result::err).collect();
    match failed.is_empty() {
        true => Ok(()),
        false => {
            let first = failed.remove(0);
            failed.iter().for_each(exit::show);
            Err(first)
        }
    }
}
