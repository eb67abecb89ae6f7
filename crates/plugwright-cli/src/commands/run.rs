//! `plugwright run`: runs a file through a plugin or a chain of plugins, or many files through a pipeline.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::chain_file::{self, MOST_STAGES, Stage};
use anyhow::anyhow;
use clap::{Args, ValueHint};
use plugwright::{ForeignText, Grant, Host, HostBuilder};
use plugwright_contract::Setting;

use crate::chain::{self, Chain};
use crate::exit::{self, Failed};
use crate::input::Input;
use crate::log::show_text;
use crate::media_types::MediaTypes;
use crate::output::{self, Output};
use crate::rebuild::rebuild;
use crate::results::Results;
use crate::stats::Stats;
use crate::text_argument::read;
use crate::{completion, description, many, parallel, permissions, plugin_argument, watch};

#[derive(Debug, Args)]
#[command(override_usage = "\
plugwright run [OPTIONS] <PLUGIN>... <FILE>
       plugwright run [OPTIONS] --pipeline <PIPELINE> <FILE>... [--into <FOLDER>]")]
pub(crate) struct Arguments {
    /// The plugins, as names in the folder of built plugins or as files, and last the file to run through them, `-` for
    /// standard input
    ///
    /// Several plugins of the world `transformer` form a chain, written as `one two` or `one,two`. Each plugin gets the
    /// result of the plugin before it, which must have a media type that the plugin takes. If all plugins are of the
    /// world `streamer`, the file passes through in pieces and is never in memory as a whole. For plugins that do not
    /// take documents, use `plugwright call`.
    // One list: with two arguments, the file would have to come before all options.
    #[arg(value_name = "PLUGIN|FILE", value_hint = ValueHint::FilePath, add = completion::plugins())]
    plugins_and_file: Vec<OsString>,

    /// Sets an option of the plugins: `KEY=VALUE` for all plugins of a chain, `PLUGIN.KEY=VALUE` for one
    #[arg(
        short = 'O',
        long = "option",
        value_name = "KEY=VALUE",
        value_parser = read(setting),
        add = completion::options()
    )]
    options: Vec<Setting>,

    /// Writes the result to FILE, or to standard output if FILE is `-` [default: -]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,

    /// Reads the plugins from this pipeline file; all arguments are then files to run through them
    ///
    /// The file is TOML, with a table `[[stage]]` for each plugin. A stage has `plugin = "markdown"`, and optionally
    /// `options = { unsafe-html = true }`, `grants = ["folder=templates"]` and `limits = ["deadline=2s"]`. Paths are
    /// relative to the folder of the file. `--option` and `--grant` add to those of the file, and `--limit` applies as
    /// well.
    #[arg(long, value_name = "PIPELINE", value_hint = ValueHint::FilePath, conflicts_with = "watch")]
    pipeline: Option<PathBuf>,

    /// Writes the results of a pipeline into this folder, each under its own name
    ///
    /// The files run in parallel on all cores. A file that fails does not stop the others; the exit code is that of the
    /// first file that failed. A result only replaces a file that an earlier run of the same pipeline wrote, according
    /// to the record `.plugwright-results` in the folder.
    #[arg(
        long,
        value_name = "FOLDER",
        value_hint = ValueHint::DirPath,
        requires = "pipeline",
        conflicts_with = "output"
    )]
    into: Option<PathBuf>,

    /// Lets results also replace files that no run of the pipeline wrote, or that changed since
    ///
    /// A folder with results but without a record needs this option once.
    #[arg(long, requires = "into")]
    replace: bool,

    /// Shows the options of the plugins without running anything
    #[arg(long)]
    help_options: bool,

    #[command(flatten)]
    permissions: permissions::Options,

    /// Shows the time and memory of loading and calling the plugins on standard error
    #[arg(long)]
    stats: bool,

    /// Shows the statistics as JSON, one object per line
    #[arg(long, requires = "stats")]
    json: bool,

    /// Runs again whenever the file or a plugin changes, until interrupted
    #[arg(long)]
    watch: bool,

    /// Builds the plugins with this shell command whenever their sources change
    #[arg(long, value_name = "COMMAND", requires_all = ["watch", "sources"])]
    build: Option<String>,

    /// A source of the plugins to watch: a file, or a folder with everything below it
    #[arg(long, value_name = "PATH", requires = "build", value_hint = ValueHint::AnyPath)]
    sources: Vec<PathBuf>,
}

impl Arguments {
    /// Returns the stages of the chain, and the files to run through it.
    fn stages_and_files(&self) -> Result<(Vec<Stage>, &[OsString]), Failed> {
        if let Some(pipeline) = &self.pipeline {
            let files = &*self.plugins_and_file;
            self.refuse_files(files, pipeline).map_err(exit::usage)?;
            return Ok((chain_file::read(pipeline).map_err(exit::usage)?, files));
        }
        let count = self.plugins_and_file.len().saturating_sub(1);
        let (plugins, file) = self.plugins_and_file.split_at(count);
        let plugins = plugins.iter().flat_map(|argument| plugin_argument::split(argument));
        let stages: Vec<_> = plugins.map(Stage::of).collect();
        if stages.is_empty() {
            return Err(exit::usage(anyhow!(
                "name a plugin and a file, as in `plugwright run markdown README.md`"
            )));
        }
        if stages.len() > MOST_STAGES {
            return Err(exit::usage(anyhow!(
                "a chain of {} plugins is too long, the limit is {MOST_STAGES}: split it into several chains",
                stages.len()
            )));
        }
        Ok((stages, file))
    }

    /// Refuses files that cannot run through a pipeline.
    fn refuse_files(&self, files: &[OsString], pipeline: &Path) -> anyhow::Result<()> {
        if let Some(plugin) = files.iter().find(|file| plugin_argument::are_names(file)) {
            return Err(anyhow!(
                "`{}` is not a file: leave it out, because `--pipeline` already names the plugins and all arguments are \
                 files",
                ForeignText::of_path(plugin)
            ));
        }
        match files {
            [] => Err(anyhow!(
                "name a file, as in `plugwright run --pipeline {} README.md`",
                ForeignText::of_path(pipeline)
            )),
            [_, _, ..] if self.into.is_none() => Err(anyhow!(
                "the results of {} files cannot all go to one place: add `--into FOLDER`",
                files.len()
            )),
            _ => Ok(()),
        }
    }

    /// Returns the file that the result goes to, unless that is standard output.
    fn output(&self) -> Option<&Path> {
        self.output.as_deref().filter(|file| *file != Path::new("-"))
    }

    /// Returns the collector of statistics, if `--stats` is given.
    pub(crate) fn stats(&self) -> Option<Stats> {
        self.stats.then(Stats::default)
    }
}

pub(crate) fn run(
    arguments: &Arguments,
    dist: &Path,
    host: HostBuilder,
    stats: Option<&Stats>,
) -> Result<(), Failed> {
    if arguments.help_options {
        return help_options(arguments, dist, host);
    }
    let (stages, files) = arguments.stages_and_files()?;
    let granted = |stage: &Stage| stage.grants.iter().any(Grant::is_stdin);
    let grants_stdin = arguments.permissions.grant_stdin() || stages.iter().any(granted);
    if grants_stdin && files.iter().any(|file| *file == "-") {
        return Err(exit::usage(anyhow!(
            "standard input is already used as the file: name a file instead of `-`, or leave out \
             `--grant stdin`"
        )));
    }
    let limits = chain::host_limits(&stages, &arguments.permissions)?;
    let host = host.limits(limits).concurrency(places(&stages, files));
    let host = match arguments.permissions.policy()? {
        Some(policy) => {
            if let Some(stage) = stages.iter().find(|stage| !stage.grants.is_empty()) {
                let failed = exit::usage(anyhow!(
                    "`--policy` decides the grants: leave out `grants`, or `--policy`"
                ));
                return Err(chain::at_its_place(stage, failed));
            }
            host.policy(policy)
        }
        None => host,
    };
    let host = host.build().map_err(exit::load)?;
    if let Some(command) = &arguments.build {
        rebuild(command, &arguments.sources);
    }
    let once = || once(arguments, &stages, files, dist, &host, stats);
    match files {
        [file] if arguments.watch => {
            let plugins: Vec<_> = stages.iter().map(|stage| &*stage.plugin).collect();
            watch::watch(&plugins, Path::new(file), arguments.output(), dist, once)
        }
        _ => once(),
    }
}

/// Shows the options of the plugins. A file may follow the plugins on the command line, as in a run, and is ignored.
fn help_options(arguments: &Arguments, dist: &Path, host: HostBuilder) -> Result<(), Failed> {
    let stages = match (&arguments.pipeline, &*arguments.plugins_and_file) {
        (Some(_), _) => arguments.stages_and_files()?.0,
        (None, plugins) => {
            let is_document =
                |it: &OsString| it == "-" || !plugin_argument::are_names(it) && !is_wasm(it);
            let plugins = match plugins.split_last() {
                Some((file, plugins)) if !plugins.is_empty() && is_document(file) => plugins,
                _ => plugins,
            };
            plugins.iter().flat_map(|it| plugin_argument::split(it)).map(Stage::of).collect()
        }
    };
    if stages.is_empty() {
        return Err(exit::usage(anyhow!(
            "name a plugin, as in `plugwright run markdown --help-options`"
        )));
    }
    let host = host.limits(chain::host_limits(&stages, &arguments.permissions)?);
    let host = host.build().map_err(exit::load)?;
    let mut text = String::new();
    for stage in &stages {
        let read = plugin_argument::read(&stage.plugin, &stage.folder, dist, host.limits());
        let candidate = read.and_then(|read| Ok(host.verify(read)?));
        let candidate = candidate.map_err(|failed| chain::at_its_place(stage, failed))?;
        let name = ForeignText::from(candidate.name());
        let schema = description::of_or_ask(&candidate, &host)?;
        let schema = schema.ok_or_else(|| {
            exit::usage(anyhow!(
                "`{name}` does not take documents: `plugwright call {}` lists its functions",
                ForeignText::of_path(&stage.plugin)
            ))
        })?;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name}: {}", ForeignText::from(&*schema.summary));
        for row in description::option_rows(&schema) {
            let _ = writeln!(text, "  --option {row}");
        }
    }
    output::tell(&text).map_err(exit::usage)
}

fn is_wasm(argument: &OsStr) -> bool {
    Path::new(argument).extension().is_some_and(|extension| extension == "wasm")
}

/// Returns how many places for instances a run needs. Each stage has an instance for each file in progress, and a
/// plugin can be composed of several components. For a plugin of dozens of components, as other languages have, the
/// places are enough for one file, and other files wait.
fn places(stages: &[Stage], files: &[OsString]) -> u32 {
    let places = stages.len().saturating_mul((parallel::at_once(files.len()) * 8).max(64));
    u32::try_from(places).unwrap_or(u32::MAX)
}

/// Runs the files through the plugins, and shows the statistics, even after a failure.
fn once(
    arguments: &Arguments,
    stages: &[Stage],
    files: &[OsString],
    dist: &Path,
    host: &Host,
    stats: Option<&Stats>,
) -> Result<(), Failed> {
    let done = put_through(arguments, stages, files, dist, host);
    if let Some(stats) = stats {
        let took = stats.take();
        let text = if arguments.json { took.to_json() } else { took.to_text() };
        show_text(&text);
    }
    done
}

fn put_through(
    arguments: &Arguments,
    stages: &[Stage],
    files: &[OsString],
    dist: &Path,
    host: &Host,
) -> Result<(), Failed> {
    let Arguments { options, permissions, into, .. } = arguments;
    let load = || chain::load(stages, options, permissions, dist, host);
    if let Some(into) = into {
        let chain = Chain::new(load()?);
        let media_types = MediaTypes::of(&chain)?;
        media_types.check(None).map_err(exit::usage)?;
        let pipeline = arguments.pipeline.as_deref().unwrap_or(Path::new(""));
        let results = Results::new(into, pipeline, arguments.replace).map_err(exit::usage)?;
        return many::run(&chain, &media_types, files, into, results);
    }
    // Without a folder for the results, there is exactly one file.
    let file = files.first().map_or(OsStr::new("-"), |file| file);
    let input = Input::open(file).map_err(exit::usage)?;
    let chain = Chain::new(load()?);
    // A single plugin may be tried on any file.
    if stages.len() > 1 || arguments.pipeline.is_some() {
        MediaTypes::of(&chain)?.check(Some(&input.head)).map_err(exit::usage)?;
    }
    let open = |_: &str| Output::open(arguments.output()).map_err(exit::usage);
    chain.run(input, open)?.finish().map_err(exit::usage)
}

#[expect(clippy::needless_pass_by_value, reason = "argument parsers take the text by value")]
fn setting(argument: String) -> Result<Setting, &'static str> {
    let (key, value) = argument
        .split_once('=')
        .filter(|(key, _)| !key.is_empty())
        .ok_or("an option has the form KEY=VALUE")?;
    Ok(Setting::new(key, value))
}
