//! `plugwright run`: a file through one plugin or a chain of them, or many files through a pipeline.

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
    /// The plugins, as names in the folder of built plugins or as files, and the file that goes through
    /// them, `-` for standard input
    ///
    /// Several plugins of the world `transformer` make a chain, as `one two` or as `one,two`: each gets
    /// what the one before it gave, which has to be of a media type that it takes. If all of them are
    /// of the world `streamer`, the file goes through in pieces and is never held whole. Plugins that
    /// take no documents are for `plugwright call`.
    // One list, because the file would have to come before all options otherwise.
    #[arg(value_name = "PLUGIN|FILE", value_hint = ValueHint::FilePath, add = completion::plugins())]
    plugins_and_file: Vec<OsString>,

    /// Sets an option of a plugin; `PLUGIN.KEY=VALUE` sets it for one plugin of a chain, `KEY=VALUE`
    /// for all
    #[arg(
        short = 'O',
        long = "option",
        value_name = "KEY=VALUE",
        value_parser = read(setting),
        add = completion::options()
    )]
    options: Vec<Setting>,

    /// Writes the result to this file instead of standard output, which `-` is
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,

    /// Takes the plugins from this file; all other arguments are files that go through them
    ///
    /// It is TOML, with a table `[[stage]]` for each plugin: `plugin = "markdown"`, and if need be
    /// `options = { unsafe-html = true }`, `grants = ["folder=templates"]` and
    /// `limits = ["deadline=2s"]`. Paths in it begin beside it. What `--option` and `--grant` say is
    /// added, and `--limit` holds, too.
    #[arg(long, value_name = "PIPELINE", value_hint = ValueHint::FilePath, conflicts_with = "watch")]
    pipeline: Option<PathBuf>,

    /// Writes the results of a pipeline into this folder, each under its own name
    ///
    /// As many files are under way at once as there are cores. One that fails does not stop the others;
    /// the exit code is that of the first one that failed. A result takes the place of what an earlier run of
    /// the same pipeline wrote, by the record `.plugwright-results` in the folder, and of nothing else.
    #[arg(
        long,
        value_name = "FOLDER",
        value_hint = ValueHint::DirPath,
        requires = "pipeline",
        conflicts_with = "output"
    )]
    into: Option<PathBuf>,

    /// Has results take the place of files that no run of the pipeline wrote, or that have changed since
    ///
    /// A folder with results from before there was a record of them needs it once.
    #[arg(long, requires = "into")]
    replace: bool,

    /// Shows the options of the plugins, and runs nothing
    #[arg(long)]
    help_options: bool,

    #[command(flatten)]
    permissions: permissions::Options,

    /// Shows on standard error what loading and calling the plugins took
    #[arg(long)]
    stats: bool,

    /// Shows that as JSON, an object a line
    #[arg(long, requires = "stats")]
    json: bool,

    /// Runs again whenever the file or a plugin changes, until it is interrupted
    #[arg(long)]
    watch: bool,

    /// Builds the plugins by this command, a line for the shell, whenever their sources change
    #[arg(long, value_name = "COMMAND", requires_all = ["watch", "sources"])]
    build: Option<String>,

    /// The plugins' sources: a file, or a folder and all below it
    #[arg(long, value_name = "PATH", requires = "build", value_hint = ValueHint::AnyPath)]
    sources: Vec<PathBuf>,
}

impl Arguments {
    /// The stages of the chain, and the files that go through.
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
                "a plugin and a file are needed, as in `plugwright run markdown README.md`"
            )));
        }
        if stages.len() > MOST_STAGES {
            return Err(exit::usage(anyhow!(
                "there are {} plugins, and a chain has at most {MOST_STAGES}: run them in several",
                stages.len()
            )));
        }
        Ok((stages, file))
    }

    /// Refuses files that cannot go through a pipeline.
    fn refuse_files(&self, files: &[OsString], pipeline: &Path) -> anyhow::Result<()> {
        if let Some(plugin) = files.iter().find(|file| plugin_argument::are_names(file)) {
            return Err(anyhow!(
                "`{}` is no file, and with `--pipeline` all arguments are: leave it out, the plugins are those that \
                 the pipeline says",
                ForeignText::of_path(plugin)
            ));
        }
        match files {
            [] => Err(anyhow!(
                "a file is needed, as in `plugwright run --pipeline {} README.md`",
                ForeignText::of_path(pipeline)
            )),
            [_, _, ..] if self.into.is_none() => Err(anyhow!(
                "the results of {} files cannot all go to one place: add `--into FOLDER`",
                files.len()
            )),
            _ => Ok(()),
        }
    }

    /// The file that the result is written to, if it is one.
    fn output(&self) -> Option<&Path> {
        self.output.as_deref().filter(|file| *file != Path::new("-"))
    }

    /// What listens for `--stats`.
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
            "standard input is the file already: name a file in the place of `-`, or leave out \
             `--grant stdin`"
        )));
    }
    let limits = chain::host_limits(&stages, &arguments.permissions)?;
    let host = host.limits(limits).concurrency(places(&stages, files));
    let host = match arguments.permissions.policy()? {
        Some(policy) => {
            if let Some(stage) = stages.iter().find(|stage| !stage.grants.is_empty()) {
                let failed = exit::usage(anyhow!(
                    "what plugins are granted says the policy: leave out `grants`, or `--policy`"
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

/// Shows the options of the plugins. Those on the command line may have a file behind them, as if it were to go through.
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
            "a plugin is needed, as in `plugwright run markdown --help-options`"
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
                "`{name}` takes no documents: `plugwright call {}` lists what of it can be called",
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

/// How many places for instances a run needs: each stage has an instance for each file that is under
/// way, and a plugin can be composed of several. One of dozens, as those of other languages are, has
/// enough for one file, and other files wait.
fn places(stages: &[Stage], files: &[OsString]) -> u32 {
    let places = stages.len().saturating_mul((parallel::at_once(files.len()) * 8).max(64));
    u32::try_from(places).unwrap_or(u32::MAX)
}

/// Runs the files through the plugins, and shows what that took, whether it went well or not.
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
    // Without a folder for the results there is one.
    let file = files.first().map_or(OsStr::new("-"), |file| file);
    let input = Input::open(file).map_err(exit::usage)?;
    let chain = Chain::new(load()?);
    // A plugin on its own can be tried on any file.
    if stages.len() > 1 || arguments.pipeline.is_some() {
        MediaTypes::of(&chain)?.check(Some(&input.head)).map_err(exit::usage)?;
    }
    let open = |_: &str| Output::open(arguments.output()).map_err(exit::usage);
    chain.run(input, open)?.finish().map_err(exit::usage)
}

#[expect(clippy::needless_pass_by_value, reason = "it is as arguments are read")]
fn setting(argument: String) -> Result<Setting, &'static str> {
    let (key, value) = argument
        .split_once('=')
        .filter(|(key, _)| !key.is_empty())
        .ok_or("an option is written KEY=VALUE")?;
    Ok(Setting::new(key, value))
}
