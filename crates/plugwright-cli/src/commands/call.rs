//! `plugwright call`: calls a plugin of whatever world by statements of text, or lists what can be called.

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
  words.greet(ada)                         a call, with values in WAVE and variables
  let ada = words.person-resource(\"Ada\", \"Lovelace\")
  let total = ok rules.price(cart)         keeps what is in `ok(…)`; `some` does so for options
  let sum = total.sum                      keeps a field; of a tuple the first is `total.0`
  let map = new host.map-resource          makes a handle to a resource that the plugin imports
  ada.replica()                            calls a method
  drop ada                                 gives a handle back
  fresh                                    begins a new instance
  import clock.now() = 1, 2, 3             answers what the plugin imports, in turn; `_` matches any argument
  import store.put(_, _) = trap \"full\"    ends the call that asks

Bytes are `utf8(\"text\")`, `hex(\"00ff\")` or `file(\"NAME\")`, which is for text, too.")]
pub(crate) struct Arguments {
    /// The plugin, as a name in the folder of built plugins or as a file
    #[arg(value_name = "PLUGIN", value_hint = ValueHint::FilePath, add = completion::plugins())]
    plugin: OsString,

    /// What is done, in order: calls, and what they need; without any, what can be called is listed
    #[arg(value_name = "STATEMENT")]
    statements: Vec<String>,

    /// Takes statements from this file first; files that it names begin beside it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    calls: Option<PathBuf>,

    /// Writes the calls into this file, which must not be there yet, as a case: with what the plugin asked and was answered, as `import` statements
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    record: Option<PathBuf>,

    #[command(flatten)]
    permissions: permissions::Options,

    /// Shows on standard error what loading and calling the plugin took
    #[arg(long)]
    stats: bool,

    /// Shows all of it as JSON, an object a line: values as far as JSON has them
    #[arg(long)]
    json: bool,
}

impl Arguments {
    /// What listens for `--stats`.
    pub(crate) fn stats(&self) -> Option<Stats> {
        self.stats.then(Stats::default)
    }

    /// The statements of the file and of the command line, if there are any.
    fn script(&self) -> Result<Option<Given<'_>>, Failed> {
        let Self { calls, statements, .. } = self;
        if calls.is_none() && statements.is_empty() {
            if self.record.is_some() {
                return Err(exit::usage(anyhow!(
                    "there are no calls for `--record`: type some, as `INTERFACE.FUNCTION(ARGUMENTS)`"
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
                "there is no statement in what was given: type a call, as `INTERFACE.FUNCTION(ARGUMENTS)`"
            )));
        }
        let script = if self.json { script.with_json() } else { script };
        Ok(Some(Given { script, folder, lines }))
    }

    /// Says where something is wrong: in the file, of that many lines, or in which of the statements.
    fn at_its_place(&self, error: &ScriptError, lines: usize) -> Failed {
        let ScriptError { line, column, message, .. } = error;
        let place = match (&self.calls, line.checked_sub(lines)) {
            (Some(file), None | Some(0)) => {
                format!("`{}`, line {line}, column {column}", ForeignText::of_path(file))
            }
            (_, beyond) => {
                // An argument can have several lines.
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

/// A script as it was given.
struct Given<'a> {
    script: Script,
    /// Where files begin that it names.
    folder: &'a Path,
    /// How many of its lines are those of a file.
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
    // Without a word about contracts, the plugin is taken as it is: it was checked when it was built.
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
        // What is recorded of it would not be what was meant.
        return Err(arguments.at_its_place(error, lines));
    }
    if let Some(case) = case {
        case.write(&transcript)?;
    }
    ended(plugin.name(), transcript.ending())
}

/// Runs the script, and shows its transcript line by line as it comes.
fn run(
    script: &Script,
    plugin: &Plugin<Dynamic>,
    folder: &Path,
    json: bool,
) -> Result<Transcript, Failed> {
    let tell = move |lines: &str| if json { output::tell_json(lines) } else { output::tell(lines) };
    // A thread of its own shows it, so that whoever reads slowly takes nothing of the plugin's time.
    let (sender, receiver) = mpsc::channel::<Option<String>>();
    let heard = sender.clone();
    let listener = move |entry: &Entry| {
        let line = match &entry.json {
            Some(json) => format!("{json}\n"),
            None => format!("{entry}\n"),
        };
        // It has ended if nothing can be shown.
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
            exit::load(anyhow!("the system has no thread for what is shown: {error}"))
        })?;
        let transcript = script.run_telling(plugin, folder, listener);
        let _ = sender.send(None);
        let told = showing.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked));
        Ok::<_, Failed>((transcript, told.map_err(exit::usage)?))
    })?;
    // Only then it is known how much did not fit.
    let all = if json { transcript.to_json() } else { transcript.to_string() };
    tell(all.get(length..).unwrap_or_default()).map_err(exit::usage)?;
    Ok(transcript)
}

/// Lists what can be called.
fn list(arguments: &Arguments, candidate: &Candidate<'_>, known: &Known) -> Result<(), Failed> {
    let inspection = candidate.inspect(known.all())?;
    let surface = Surface::of(&candidate.own_world()?, known.documented(&inspection));
    if arguments.json {
        let json = serde_json::to_string_pretty(&surface).map_err(exit::usage)? + "\n";
        return output::tell_json(&json).map_err(exit::usage);
    }
    output::tell(&surface.listing()).map_err(exit::usage)
}

/// The world that the plugin is to be one of, if that is known.
fn world_of(candidate: &Candidate<'_>, known: &Known) -> Result<Vec<WorldType>, Failed> {
    let inspection = candidate.inspect(known.all())?;
    Ok(match known.of(&inspection) {
        Of::World(world) if is_meant(world, &inspection) => vec![world.clone()],
        _ => Vec::new(),
    })
}

/// Says whether the plugin is to be one of the world: one that says nothing of itself, and has none of the world's functions,
/// is of another contract, which nobody here knows.
fn is_meant(world: &WorldType, inspection: &Inspection) -> bool {
    let exports = || inspection.exports.iter().map(ForeignText::exact);
    inspection.manifest.is_some()
        || inspection.contract.is_some()
        || world.exports().any(|name| exports().any(|it| it == name))
}

/// What the last call came to, as the command's own end.
fn ended(plugin: &str, ending: Ending) -> Result<(), Failed> {
    let name = ForeignText::from(plugin);
    match ending {
        Ending::Result => Ok(()),
        Ending::Failure => {
            Err(exit::refused(anyhow!("plugin `{name}` refused, as the last line says")))
        }
        Ending::Trap => {
            Err(exit::trapped(anyhow!("plugin `{name}` trapped, as the last lines say")))
        }
        Ending::Limit => {
            Err(exit::exceeded(anyhow!("plugin `{name}` was ended, as the last lines say")))
        }
        _ => Err(exit::denied(anyhow!(
            "plugin `{name}` cannot get what it was granted, as the last line says"
        ))),
    }
}
