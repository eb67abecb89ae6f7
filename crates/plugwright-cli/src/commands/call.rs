//! `plugwright call`: calls functions of a plugin of any world with text statements, or lists the functions.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::{panic, thread};

use crate::surface::Surface;
use anyhow::anyhow;
use clap::{Args, ValueHint};
use plugwright::{Candidate, Dynamic, ForeignText, HostBuilder, Inspection, Plugin, WorldType};
use plugwright_test::{Ending, Entry, Script, ScriptError, Transcript};

use crate::exit::{self, Failed};
use crate::log::show_text;
use crate::recorded_case::RecordedCase;
use crate::stats::Stats;
use crate::wit::{self, Known, Of};
use crate::{completion, output, permissions, plugin_argument, progress};

#[derive(Debug, Args)]
#[command(after_help = "\
Statements:
  words.greet(ada)                         calls a function, with variables and values in WAVE
  let ada = words.person-resource(\"Ada\", \"Lovelace\")
  let total = ok rules.price(cart)         keeps the value in `ok(…)`; `some` does the same for options
  let sum = total.sum                      keeps a field; `total.0` is the first one of a tuple
  let map = new host.map-resource          creates a handle of a resource that the plugin imports
  ada.replica()                            calls a method
  drop ada                                 drops a handle
  fresh                                    starts a new instance
  import clock.now() = 1, 2, 3             answers calls of an import in this order; `_` matches any argument
  import store.put(_, _) = trap \"full\"    ends the call with a trap

Write bytes as `utf8(\"text\")`, `hex(\"00ff\")` or `file(\"NAME\")`; `file` also works for text.")]
pub(crate) struct Arguments {
    /// The plugin: a name in the folder of built plugins, a file, or `oci://…`
    #[arg(value_name = "PLUGIN", value_hint = ValueHint::FilePath, add = completion::plugins())]
    plugin: OsString,

    /// The statements to run, in order; without any, the functions of the plugin are listed
    #[arg(value_name = "STATEMENT")]
    statements: Vec<String>,

    /// Runs the statements in this file first; the paths in it are relative to its folder
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    calls: Option<PathBuf>,

    /// Records the calls as a case in this file, which must not exist yet; answers to the plugin's imports become
    /// `import` statements
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    record: Option<PathBuf>,

    #[command(flatten)]
    permissions: permissions::Options,

    /// Shows the time and memory of loading and calling the plugin on standard error
    #[arg(long)]
    stats: bool,

    /// Shows the output as JSON, one object per line
    #[arg(long)]
    json: bool,
}

impl Arguments {
    /// Returns the collector of statistics, if `--stats` is given.
    pub(crate) fn stats(&self) -> Option<Stats> {
        self.stats.then(Stats::default)
    }

    /// Returns the statements of the file and of the command line, if there are any.
    fn script(&self) -> Result<Option<Given<'_>>, Failed> {
        let Self { calls, statements, .. } = self;
        if calls.is_none() && statements.is_empty() {
            if self.record.is_some() {
                return Err(exit::usage(anyhow!(
                    "there are no calls for `--record`: add a call, as in `INTERFACE.FUNCTION(ARGUMENTS)`"
                )));
            }
            return Ok(None);
        }
        let (mut text, mut folder) = (String::new(), Path::new(""));
        if let Some(file) = calls {
            text = Script::FILE.read_text(file).map_err(exit::usage)?;
            folder = file.parent().unwrap_or(folder);
        }
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        let lines = text.lines().count();
        text.push_str(&statements.join("\n"));
        let script = Script::parse(&text).map_err(|error| self.at_its_place(&error, lines))?;
        if script.statements().is_empty() {
            return Err(exit::usage(anyhow!(
                "there are no statements to run: add a call, as in `INTERFACE.FUNCTION(ARGUMENTS)`"
            )));
        }
        let script = if self.json { script.with_json() } else { script };
        Ok(Some(Given { script, folder, lines }))
    }

    /// Adds the place of the error: a line of the file, which has `lines` lines, or a statement of the command line.
    fn at_its_place(&self, error: &ScriptError, lines: usize) -> Failed {
        let ScriptError { line, column, message, .. } = error;
        let place = match (&self.calls, line.checked_sub(lines)) {
            (Some(file), None | Some(0)) => {
                format!("`{}`, line {line}, column {column}", ForeignText::of_path(file))
            }
            (_, beyond) => {
                // A statement on the command line can have several lines.
                let (mut beyond, mut number) = (beyond.unwrap_or(*line), 1_usize);
                for statement in &self.statements {
                    let of_it = statement.split('\n').count();
                    if beyond <= of_it {
                        break;
                    }
                    beyond = beyond.saturating_sub(of_it);
                    number = number.saturating_add(1);
                }
                match (&*self.statements, beyond) {
                    ([_], 1) => format!("column {column}"),
                    (_, 1) => format!("statement {number}, column {column}"),
                    _ => format!("statement {number}, line {beyond}, column {column}"),
                }
            }
        };
        exit::usage(anyhow!("{place}: {message}"))
    }
}

/// A script, from a file and the command line.
struct Given<'a> {
    script: Script,
    /// The folder that paths in the script are relative to.
    folder: &'a Path,
    /// The number of lines that are from the file.
    lines: usize,
}

pub(crate) fn call(
    arguments: &Arguments,
    dist: &Path,
    wit: &wit::Options,
    host: HostBuilder,
    stats: Option<&Stats>,
) -> Result<(), Failed> {
    let given = arguments.script()?;
    let Arguments { plugin, permissions, record, .. } = arguments;
    let case = record.as_deref().map(RecordedCase::begin).transpose()?;
    let host = host.limits(permissions.limits(&[])?);
    let policy = permissions.policy()?;
    let host = match policy {
        Some(policy) => host.policy(policy),
        None => host,
    };
    let host = host.build().map_err(exit::load)?;
    let read = plugin_argument::read(plugin, Path::new(""), dist, host.limits())?;
    let candidate = host.verify(read)?;
    let known = || wit.known([dist, output::folder_of(Path::new(plugin))]);
    let Some(Given { script, folder, lines }) = given else {
        return list(arguments, &candidate, &known()?);
    };
    let host = match permissions.policy {
        Some(_) => host,
        None => {
            let mut asking = permissions.asking();
            asking.hear(candidate.name(), candidate.manifest(), &[])?;
            asking.finish(&[candidate.name()])?;
            host.with_grants(permissions.grants(&[], Path::new(""))?)
        }
    };
    // Without `--wit`, the plugin is not compared with a contract: it was checked when it was built.
    let worlds = match wit.are_named() {
        true => world_of(&candidate, &known()?)?,
        false => Vec::new(),
    };
    let load = || host.load_dynamic_candidate(&candidate, &worlds);
    let plugin = progress::during(&plugin_argument::compiling(&candidate), load)?;
    let transcript = run(&script, &plugin, folder, arguments.json)?;
    if let Some(stats) = stats {
        let took = stats.take();
        show_text(&if arguments.json { took.to_json() } else { took.to_text() });
    }
    if let Some(error) = transcript.error() {
        // A recording of a script with an error would not be the case that the user meant.
        return Err(arguments.at_its_place(error, lines));
    }
    if let Some(case) = case {
        case.write(&transcript)?;
    }
    ended(plugin.name(), transcript.ending())
}

/// Runs the script, and shows each line of the transcript as soon as it is known.
fn run(
    script: &Script,
    plugin: &Plugin<Dynamic>,
    folder: &Path,
    json: bool,
) -> Result<Transcript, Failed> {
    let tell = move |lines: &str| if json { output::tell_json(lines) } else { output::tell(lines) };
    // A separate thread shows the lines, so that a slow reader takes nothing from the plugin's time.
    let (sender, receiver) = mpsc::channel::<Option<String>>();
    let heard = sender.clone();
    let listener = move |entry: &Entry| {
        let line = match &entry.json {
            Some(json) => format!("{json}\n"),
            None => format!("{entry}\n"),
        };
        // Sending fails if the thread has ended because it cannot write. It returns that error below.
        let _ = heard.send(Some(line));
    };
    let (transcript, length) = thread::scope(|scope| {
        let showing = thread::Builder::new().spawn_scoped(scope, move || {
            let mut length = 0_usize;
            while let Ok(Some(line)) = receiver.recv() {
                tell(&line)?;
                length = length.saturating_add(line.len());
            }
            Ok::<_, anyhow::Error>(length)
        });
        let showing = showing.map_err(|error| {
            exit::load(anyhow!("the system could not start a thread to show the output: {error}"))
        })?;
        let transcript = script.run_telling(plugin, folder, listener);
        let _ = sender.send(None);
        let told = showing.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked));
        Ok::<_, Failed>((transcript, told.map_err(exit::usage)?))
    })?;
    // The end of the transcript says how much was left out, which is only known now.
    let all = if json { transcript.to_json() } else { transcript.to_string() };
    tell(all.get(length..).unwrap_or_default()).map_err(exit::usage)?;
    Ok(transcript)
}

/// Lists the functions of the plugin.
fn list(arguments: &Arguments, candidate: &Candidate<'_>, known: &Known) -> Result<(), Failed> {
    let inspection = candidate.inspect(known.all())?;
    let surface = Surface::of(&candidate.own_world()?, known.documented(&inspection));
    if arguments.json {
        let json = serde_json::to_string_pretty(&surface).map_err(exit::usage)? + "\n";
        return output::tell_json(&json).map_err(exit::usage);
    }
    output::tell(&surface.listing()).map_err(exit::usage)
}

/// Returns the world that the plugin must fit, if it is known.
fn world_of(candidate: &Candidate<'_>, known: &Known) -> Result<Vec<WorldType>, Failed> {
    let inspection = candidate.inspect(known.all())?;
    Ok(match known.of(&inspection) {
        Of::World(world) if is_meant(world, &inspection) => vec![world.clone()],
        _ => Vec::new(),
    })
}

/// Returns whether the plugin is meant for the world. A plugin without a manifest and a contract, and without any
/// function of the world, is for another contract, which is unknown here.
fn is_meant(world: &WorldType, inspection: &Inspection) -> bool {
    let exports = || inspection.exports.iter().map(ForeignText::exact);
    inspection.manifest.is_some()
        || inspection.contract.is_some()
        || world.exports().any(|name| exports().any(|it| it == name))
}

/// Turns the outcome of the last call into the result of the command.
fn ended(plugin: &str, ending: Ending) -> Result<(), Failed> {
    let name = ForeignText::from(plugin);
    match ending {
        Ending::Result => Ok(()),
        Ending::Failure => {
            Err(exit::refused(anyhow!("plugin `{name}` refused the call (see the last line)")))
        }
        Ending::Trap => Err(exit::trapped(anyhow!("plugin `{name}` trapped (see the last lines)"))),
        Ending::Limit => {
            Err(exit::exceeded(anyhow!("plugin `{name}` exceeded a limit (see the last lines)")))
        }
        _ => Err(exit::denied(anyhow!(
            "a grant of plugin `{name}` is not available (see the last line)"
        ))),
    }
}
