//! `plugwright build`: takes plugins through the pipeline into the folder of built plugins.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use clap::Args;
use plugwright::{ForeignText, HostBuilder, Trust};
use serde_json::json;

use crate::commands::index;
use crate::exit::{self, Failed};
use crate::output::tell_json;
use crate::pipeline::checked::Checked;
use crate::pipeline::crates::Crates;
use crate::pipeline::lock::Lock;
use crate::pipeline::provenance::{self, Workspace};
use crate::pipeline::run::{Run, Said};
use crate::pipeline::stages::{Broken, Outcome, Stages};
use crate::pipeline::{list, pinned};
use crate::progress::{Progress, Stage, Unit};
use crate::project::plugin::Plugin;
use crate::project::{Project, settings};
use crate::text_argument::{read, text};
use crate::{log, output, parallel, wit};

#[derive(Debug, Args)]
#[command(after_help = "\
Each plugin is compiled with `cargo component build` or the command in its manifest. It then goes through
`wasm-tools validate`, `wasm-tools strip` and `wasm-tools metadata add`, gets its manifest embedded, and is
checked against its contract and the host. `plugwright.toml` at the top of the project says where contracts
and plugins are.")]
pub(crate) struct Arguments {
    /// The plugins to build, by the names of their folders or groups [default: all plugins]
    #[arg(value_name = "PLUGIN", value_parser = text())]
    plugins: Vec<String>,

    /// Builds only plugins that are crates
    #[arg(long, conflicts_with_all = ["plugins", "languages"])]
    crates: bool,

    /// Builds only plugins in languages other than Rust
    #[arg(long, conflicts_with = "plugins")]
    languages: bool,

    /// Lists the plugins without building them, as one JSON object per line with folder, contract and group
    #[arg(long)]
    list: bool,

    /// Shows each command line before it runs
    #[arg(long)]
    show_commands: bool,

    /// The cargo command that compiles crates, as words after `cargo`: `build` for plain cargo [default: component
    /// build]
    #[arg(
        long,
        value_name = "WORDS",
        env = "PLUGWRIGHT_BUILDER",
        value_parser = read(settings::builder)
    )]
    builder: Option<String>,

    /// The cargo profile that crates are compiled with [default: plugin]
    #[arg(long, value_name = "PROFILE", value_parser = read(settings::profile))]
    profile: Option<String>,

    /// The URI of the builder for the provenance of the plugins, to tell builds in CI from local builds
    #[arg(
        long,
        value_name = "URI",
        env = "PLUGWRIGHT_BUILT_BY",
        default_value = "urn:plugwright:builder:local"
    )]
    built_by: String,
}

pub(crate) fn build(
    arguments: &Arguments,
    project: Project,
    trust: &Trust,
    host: impl FnOnce() -> Result<HostBuilder, Failed>,
) -> Result<(), Failed> {
    // Before entering the project's folder: paths of keys and caches are relative to the user's folder.
    let host = host()?;
    let project = project.enter().map_err(exit::usage)?;
    let all = project.plugins().map_err(exit::usage)?;
    let plugins = chosen(arguments, &all, &project).map_err(exit::usage)?;
    if arguments.list {
        return tell_json(&list_of(&plugins)).map_err(exit::usage);
    }
    let dist = project.dist();
    let _lock = Lock::take().map_err(exit::usage)?;
    // This build may have waited for another one to end, and the user may have changed plugins meanwhile.
    let all = project.plugins().map_err(exit::usage)?;
    let plugins = chosen(arguments, &all, &project).map_err(exit::usage)?;
    if plugins.is_empty() {
        let what = if arguments.crates { "a crate" } else { "in a language other than Rust" };
        let folder = ForeignText::of_path(project.folder());
        say(&format!("nothing to do: no plugin in `{folder}` is {what}"));
        return Ok(());
    }
    let crates = match plugins.iter().any(Plugin::is_crate) {
        true => Some(of_cargo(arguments, &project).map_err(exit::load)?),
        false => None,
    };
    let host = host.build().map_err(exit::load)?;
    let said = if plugins.len() == 1 { Said::AtOnce } else { Said::AtTheEnd };
    let run = Run::new(arguments.show_commands);
    let built_by = &*arguments.built_by;
    let tools = provenance::common_tools();
    let stages = Stages { run, said, host: &host, trust, dist: &dist, built_by, crates, tools };

    let mut checked = Checked::of(&dist);
    let stale = stale(&stages, &plugins, &checked);
    if !stale.is_empty() {
        // Check this now, and not when the first plugin is compiled.
        let builder = stages.crates.as_ref().map(|(_, crates)| crates.builder());
        let builder = builder.filter(|_| stale.iter().any(Plugin::is_crate));
        pinned::look(builder).map_err(exit::load)?;
        output::create_folder(&dist).map_err(exit::usage)?;
    }
    let told = go_through(&stages, &stale, !arguments.plugins.is_empty());
    let changed: BTreeSet<&Path> = told.built.iter().map(|plugin| &*plugin.group).collect();
    let (changed, unlisted) = update_lists(&project, &all, &dist, changed, &checked, trust)?;
    if unlisted.is_empty() {
        // This comes last, so that plugins that could not be listed are built again.
        let built: Vec<_> = told.built.iter().map(|it| key(it)).collect();
        checked.add(built.iter().map(|it| &**it)).map_err(exit::usage)?;
    }
    tell(&told, &project, &dist);
    let mut errors: Vec<Failed> =
        told.broken.iter().map(|(plugin, broken)| failed(plugin, broken)).collect();
    errors.extend(unlisted);
    if let Some(last) = errors.pop() {
        errors.iter().for_each(exit::show);
        return Err(last);
    }
    if changed.is_empty() && told.skipped.is_empty() {
        say(&format!("nothing to do: {}/ is up to date", ForeignText::of_path(&dist)));
    }
    Ok(())
}

/// Returns the plugins as JSON, one object per line.
fn list_of(plugins: &[Plugin]) -> String {
    let lines = plugins.iter().map(|plugin| {
        let Plugin { name, folder, wit, group, .. } = plugin;
        let is_crate = plugin.is_crate();
        json!({ "name": name, "group": group, "folder": folder, "wit": wit, "crate": is_crate })
    });
    lines.map(|line| format!("{line}\n")).collect()
}

/// Returns the plugins that have changes, or that another command built.
fn stale(stages: &Stages<'_>, plugins: &[Plugin], checked: &Checked) -> Vec<Plugin> {
    let is_current = parallel::each(plugins, |plugin| stages.is_current(plugin));
    let both = plugins.iter().zip(is_current);
    let stale = both.filter(|(plugin, is_current)| !is_current || !checked.is_own(&key(plugin)));
    stale.map(|(plugin, _)| plugin.clone()).collect()
}

/// Removes built plugins that no longer exist. Lists the plugins of the groups in `changed`, and of the groups whose
/// lists are outdated. Returns these groups, and the failures of lists that could not be written.
fn update_lists<'p>(
    project: &'p Project,
    all: &'p [Plugin],
    dist: &Path,
    mut changed: BTreeSet<&'p Path>,
    checked: &Checked,
    trust: &Trust,
) -> Result<(BTreeSet<&'p Path>, Vec<Failed>), Failed> {
    let mut unlisted = Vec::new();
    for group in project.groups() {
        let folder = dist.join(group);
        let of_group: Vec<_> = all.iter().filter(|plugin| plugin.group == group).collect();
        let names = of_group.iter().map(|it| &*it.name).collect();
        let is_own = |name: &str| checked.is_known(&group.join(name).to_string_lossy());
        list::remove_gone(&folder, &names, is_own).map_err(exit::usage)?;
        let is_outdated = folder.is_dir() && list::is_outdated(&folder);
        if !is_outdated && !changed.contains(group) {
            continue;
        }
        changed.insert(group);
        let mut folders: Vec<PathBuf> = of_group.iter().map(|plugin| plugin.wit.clone()).collect();
        folders.sort();
        folders.dedup();
        let wit = wit::Options::of(folders);
        unlisted.extend(index::write(&folder, &wit, trust, list::is_built).err());
    }
    Ok((changed, unlisted))
}

/// Shows how many plugins were built where, and which were skipped.
fn tell(Told { built, skipped, .. }: &Told<'_>, project: &Project, dist: &Path) {
    for group in project.groups() {
        let count = built.iter().filter(|plugin| plugin.group == group).count();
        if count > 0 {
            say(&format!("{count} built into {}/", ForeignText::of_path(folder_of(dist, group))));
        }
    }
    if !skipped.is_empty() {
        let names: Vec<_> =
            skipped.iter().map(|it| ForeignText::from(key(it)).to_string()).collect();
        say(&format!(
            "SKIPPED, because their tools are not available (see above): {}",
            names.join(" ")
        ));
    }
}

/// Returns the name of a plugin in the list of built plugins.
fn key(plugin: &Plugin) -> String {
    plugin.path().to_string_lossy().into_owned()
}

fn failed(plugin: &Plugin, Broken { stage, next }: &Broken) -> Failed {
    let name = ForeignText::from(&*plugin.name);
    exit::failed(anyhow!("plugin `{name}` failed to {stage}: {next}; then build it again"))
}

fn say(line: &str) {
    log::show_text(&format!("{line}\n"));
}

/// The outcomes of building plugins.
#[derive(Default)]
struct Told<'p> {
    built: Vec<&'p Plugin>,
    skipped: Vec<&'p Plugin>,
    broken: Vec<(&'p Plugin, Broken)>,
}

/// Takes the plugins through the stages. Outside CI, a plugin whose tools are missing is skipped, unless the user named
/// it.
fn go_through<'p>(stages: &Stages<'_>, plugins: &'p [Plugin], are_named: bool) -> Told<'p> {
    let (mut told, progress) = (Told::default(), Progress::of(plugins.len(), Unit::Plugins));
    let work = |plugin: &Plugin| {
        let stage = Stage::new(&plugin.name);
        let outcome = stages.go_through(plugin, &stage);
        progress.advance();
        outcome
    };
    // One more than there are cores: while cargo compiles a crate, the next one waits for cargo's lock.
    let threads = parallel::at_once(plugins.len()).saturating_add(1);
    let is_ci = env::var_os("CI").is_some_and(|it| !it.is_empty());
    // The outcomes are in the order of the plugins.
    let mut outcomes = Vec::new();
    let _ = parallel::in_order_by(threads, plugins, work, |_, outcome| {
        outcomes.push(outcome);
        Ok::<(), ()>(())
    });
    for (plugin, outcome) in plugins.iter().zip(outcomes) {
        match outcome {
            Ok(Outcome::Built) => told.built.push(plugin),
            Ok(Outcome::WithoutTools) if !are_named && !is_ci => told.skipped.push(plugin),
            Ok(Outcome::WithoutTools) => {
                let next = "they are not available (see above)".to_owned();
                told.broken.push((plugin, Broken { stage: "get its tools", next }));
            }
            Err(broken) => told.broken.push((plugin, broken)),
        }
    }
    told
}

/// Returns the plugins to build.
fn chosen(arguments: &Arguments, all: &[Plugin], project: &Project) -> Result<Vec<Plugin>> {
    let Arguments { plugins: names, crates, languages, .. } = arguments;
    if all.is_empty() {
        return Err(anyhow!(
            "there is no plugin in `{}`: create one with `plugwright new NAME`, or set the folders of plugins in \
             `plugwright.toml`",
            ForeignText::of_path(project.folder())
        ));
    }
    if names.is_empty() {
        let is_chosen = |plugin: &&Plugin| match (crates, languages) {
            (true, _) => plugin.is_crate(),
            (_, true) => !plugin.is_crate(),
            _ => true,
        };
        let default = all.iter().filter(|plugin| plugin.is_default);
        return Ok(default.filter(is_chosen).cloned().collect());
    }
    project.named(all, names)
}

/// Returns the workspace of the project's crates, and what compiles them.
fn of_cargo(arguments: &Arguments, project: &Project) -> Result<(Workspace, Crates)> {
    let builder = arguments.builder.as_deref().unwrap_or(project.builder());
    let profile = arguments.profile.as_deref().unwrap_or(project.profile());
    let crates = Crates::of(project, builder, profile)?;
    Ok((Workspace::look(builder)?, crates))
}

/// Returns the folder of a group, without a `/` at its end.
fn folder_of(dist: &Path, group: &Path) -> PathBuf {
    if group == Path::new("") { dist.to_owned() } else { dist.join(group) }
}
