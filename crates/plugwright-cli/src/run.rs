//! `plugwright run`: a file through one plugin, or through a chain of them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use clap::{Args, ValueHint};
use plugwright::{
    AnyPlugin, Document, Host, HostBuilder, Plugin, Prettify, Setting, Streamer, Transformer,
};

use crate::exit::{self, Failed};
use crate::input::Input;
use crate::log::visible;
use crate::output::{self, Output};
use crate::rebuild::rebuild;
use crate::stats::Stats;
use crate::stream::Chain;
use crate::{permissions, plugin_argument, watch};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The plugins, as names in the folder of built plugins or as files, and the file that goes through
    /// them, `-` for standard input
    ///
    /// Several plugins of the world `transformer` make a chain: each gets what the one before it
    /// gave. If all of them are of the world `streamer`, the file goes through in pieces and is never
    /// held whole. A plugin of the world `prettify` stands alone and gets the words of the file.
    // One list, because the file would have to come before all options otherwise.
    #[arg(required = true, value_name = "PLUGIN|FILE", value_hint = ValueHint::FilePath)]
    plugins_and_file: Vec<String>,

    /// Sets an option of a plugin; `PLUGIN.KEY=VALUE` sets it for one plugin of a chain, `KEY=VALUE`
    /// for all
    #[arg(short = 'O', long = "option", value_name = "KEY=VALUE", value_parser = setting)]
    options: Vec<Setting>,

    /// Writes the result to this file instead of standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,

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
    fn plugins_and_file(&self) -> Result<(&[String], &String), Failed> {
        match self.plugins_and_file.split_last() {
            Some((file, plugins)) if !plugins.is_empty() => Ok((plugins, file)),
            _ => Err(exit::usage(anyhow!(
                "a plugin and a file are needed, as in `plugwright run markdown README.md`"
            ))),
        }
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
    let (plugins, file) = arguments.plugins_and_file()?;
    if file == "-" && arguments.permissions.grant_stdin() {
        return Err(exit::usage(anyhow!(
            "standard input is the file already: name a file in the place of `-`, or leave out \
             `--grant stdin`"
        )));
    }
    // Each plugin of a chain has an instance at a time, whatever it is composed of.
    let places = u32::try_from(plugins.len()).unwrap_or(u32::MAX).saturating_mul(64);
    let host =
        arguments.permissions.apply(host)?.concurrency(places).build().map_err(exit::load)?;
    if let Some(command) = &arguments.build {
        rebuild(command, &arguments.sources);
    }
    if arguments.watch {
        let output = &arguments.output;
        let again = || once(arguments, dist, &host, stats);
        return watch::watch(plugins, file, output.as_deref(), dist, again);
    }
    once(arguments, dist, &host, stats)
}

/// Runs the file through the plugins, and shows what that took, whether it went well or not.
fn once(
    arguments: &Arguments,
    dist: &Path,
    host: &Host,
    stats: Option<&Stats>,
) -> Result<(), Failed> {
    let done = put_through(arguments, dist, host);
    if let Some(stats) = stats {
        let took = stats.take();
        let text = if arguments.json { took.to_json() } else { took.to_text() };
        anstream::eprint!("{}", visible(&text));
    }
    done
}

fn put_through(arguments: &Arguments, dist: &Path, host: &Host) -> Result<(), Failed> {
    let (plugins, file) = arguments.plugins_and_file()?;
    let Arguments { options, output, .. } = arguments;
    let input = Input::open(file).map_err(exit::usage)?;
    let mut loaded: Vec<AnyPlugin> = Vec::new();
    for (index, plugin) in plugins.iter().enumerate() {
        // A plugin that stands in the chain twice is loaded once.
        let earlier = plugins[..index].iter().position(|earlier| earlier == plugin);
        loaded.push(match earlier {
            Some(earlier) => loaded[earlier].clone(),
            None => plugin_argument::read(plugin, dist)?.load(host)?,
        });
    }
    let streamers = loaded.iter().map(|plugin| match plugin {
        AnyPlugin::Streamer(plugin) => Some(plugin),
        _ => None,
    });
    if let Some(streamers) = streamers.collect::<Option<Vec<_>>>() {
        return stream(&streamers, input, options, output.as_deref());
    }
    let document = input.document().map_err(exit::usage)?;
    let result = match &*loaded {
        [AnyPlugin::Prettify(plugin)] => prettify(plugin, &document, options)?,
        chained => chain(chained, document, options)?,
    };
    output::write(output.as_deref(), &result).map_err(exit::usage)
}

/// Puts the input through the plugins without holding it.
fn stream(
    plugins: &[&Plugin<Streamer>],
    mut input: Input,
    options: &[Setting],
    output: Option<&Path>,
) -> Result<(), Failed> {
    let names: Vec<&str> = plugins.iter().map(|plugin| plugin.name()).collect();
    let stages: Vec<_> = plugins
        .iter()
        .map(|plugin| (*plugin, options_for(plugin.name(), &names, options)))
        .collect();
    let chain = Chain::open(&stages, &input.head)?;
    let mut output = Output::open(output).map_err(exit::usage)?;
    chain.run(&mut input, &mut output)?;
    output.finish().map_err(exit::usage)
}

/// The words of the document, made pretty, as a line.
fn prettify(
    plugin: &Plugin<Prettify>,
    document: &Document,
    options: &[Setting],
) -> Result<Vec<u8>, Failed> {
    if let Some(option) = options.first() {
        let (name, key) = (plugin.name(), &option.key);
        return Err(exit::usage(anyhow!(
            "`{name}` is a plugin of the world `prettify`, which has no options: leave out \
             `--option {key}=…`"
        )));
    }
    let text = std::str::from_utf8(&document.body)
        .with_context(|| format!("`{}` has no words: it is not UTF-8 text", document.name))
        .map_err(exit::usage)?;
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    Ok((plugin.prettify(&words)? + "\n").into_bytes())
}

/// The body of the document after each plugin has transformed it in turn.
fn chain(
    plugins: &[AnyPlugin],
    document: Document,
    options: &[Setting],
) -> Result<Vec<u8>, Failed> {
    let mut stages: Vec<Plugin<Transformer>> = Vec::new();
    for plugin in plugins {
        stages.push(plugin.transformer().ok_or_else(|| {
            exit::usage(anyhow!(
                "`{}` is a plugin of the world `prettify` and cannot be part of a chain: run it alone",
                plugin.name()
            ))
        })?);
    }
    let names: Vec<&str> = stages.iter().map(Plugin::name).collect();
    let mut document = document;
    for stage in &stages {
        let options = options_for(stage.name(), &names, options);
        document = stage.transform(&document, &options)?;
    }
    Ok(document.body)
}

/// The options that are meant for the plugin `name`, one of `stages`: those of its own, and those for
/// all.
fn options_for(name: &str, stages: &[&str], options: &[Setting]) -> Vec<Setting> {
    let meant = options.iter().filter_map(|option| {
        let own = option.key.split_once('.');
        match own.filter(|(owner, _)| stages.contains(owner)) {
            Some((owner, key)) => (owner == name).then(|| Setting::new(key, &*option.value)),
            None => Some(option.clone()),
        }
    });
    meant.collect()
}

fn setting(argument: &str) -> Result<Setting, String> {
    let (key, value) = argument
        .split_once('=')
        .filter(|(key, _)| !key.is_empty())
        .ok_or("an option is written KEY=VALUE")?;
    Ok(Setting::new(key, value))
}
