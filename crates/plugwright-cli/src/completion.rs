//! Shell completion of plugin names, plugin options and files. Completion never runs a plugin, and never offers a word
//! that a shell could interpret as anything but a plain word.

use std::collections::BTreeSet;
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use clap::{Arg, Command, ValueHint};
use clap_complete::PathCompleter;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, ValueCompleter};
use plugwright::{Dist, ForeignText, Limits, Trust};
use plugwright_contract::{OptionSchema, Schema, Values};

use crate::plugin_argument;
use crate::project::Project;

/// The variable that a shell's completion script sets to ask for words. Its value is the shell.
pub(crate) const VARIABLE: &str = "PLUGWRIGHT_COMPLETE";

/// The shell that asks for words. clap removes the variable before it answers.
static SHELL: OnceLock<OsString> = OnceLock::new();

/// Remembers which shell asks for words, if one does.
pub(crate) fn remember_shell() {
    if let Some(shell) = env::var_os(VARIABLE) {
        let _ = SHELL.set(shell);
    }
}

/// The most words to offer.
const MOST: usize = 500;
/// The most plugins to read for one completion.
const MOST_PLUGINS: usize = 20;

/// Returns the command with our own completers for files instead of hints.
pub(crate) fn with_files(command: Command) -> Command {
    let with_completer = |argument: Arg| {
        let has_one = argument.get::<ArgValueCompleter>().is_some();
        match argument.get_value_hint() {
            _ if has_one => argument.value_hint(ValueHint::Other),
            ValueHint::DirPath => {
                argument.value_hint(ValueHint::Other).add(files(PathCompleter::dir))
            }
            ValueHint::FilePath | ValueHint::AnyPath => {
                argument.value_hint(ValueHint::Other).add(files(PathCompleter::any))
            }
            _ => argument,
        }
    };
    command.mut_args(with_completer).mut_subcommands(with_files)
}

/// Offers the plugins in the folder of built plugins, and files.
pub(crate) fn plugins() -> ArgValueCompleter {
    ArgValueCompleter::new(|begun: &OsStr| {
        let begun_text = begun.to_str().unwrap_or_default();
        // After a comma, the next plugin of a chain begins.
        let before = begun_text.rsplit_once(',').map(|(before, _)| before);
        let names = names(&dist()).into_iter().map(|name| match before {
            Some(before) => format!("{before},{name}"),
            None => name,
        });
        let names = names.filter(|name| name.starts_with(begun_text)).take(MOST);
        let mut offered: Vec<_> = names.map(CompletionCandidate::new).collect();
        offered.extend(paths(PathCompleter::any, begun));
        offered
    })
}

/// Offers the options of the plugins named so far.
pub(crate) fn options() -> ArgValueCompleter {
    ArgValueCompleter::new(|begun: &OsStr| {
        let Some(begun) = begun.to_str() else { return Vec::new() };
        let schemas = schemas();
        let mut offered = Vec::new();
        for (name, schema) in &schemas {
            let own = format!("{name}.");
            let prefixes = if schemas.len() > 1 { vec!["", &*own] } else { vec![""] };
            for (prefix, option) in prefixes
                .into_iter()
                .flat_map(|prefix| schema.options.iter().map(move |it| (prefix, it)))
            {
                offer(prefix, option, begun, &mut offered);
            }
        }
        offered
    })
}

/// Offers the option itself or, after its `=`, its values if it has a fixed set of them.
fn offer(prefix: &str, option: &OptionSchema, begun: &str, offered: &mut Vec<CompletionCandidate>) {
    let OptionSchema { key, help, values, .. } = option;
    if !is_plain(key) {
        return;
    }
    let name = format!("{prefix}{key}=");
    let Some(value) = begun.strip_prefix(&*name) else {
        if name.starts_with(begun) && offered.len() < MOST {
            let help = ForeignText::from(&**help).to_string();
            offered.push(CompletionCandidate::new(name).help(Some(help.into())));
        }
        return;
    };
    let choices: Vec<&str> = match values {
        Values::Boolean => vec!["true", "false"],
        Values::Choice { choices } => choices.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    let fitting = choices.into_iter().filter(|it| it.starts_with(value) && is_plain(it));
    let left = MOST.saturating_sub(offered.len());
    offered.extend(fitting.take(left).map(|it| CompletionCandidate::new(format!("{name}{it}"))));
}

/// Returns the descriptions of the named plugins, each with the plugin's name.
fn schemas() -> Vec<(String, Schema)> {
    let dist = dist();
    let (names, words) = (names(&dist), words());
    let plugins = words.iter().skip(1).flat_map(|word| plugin_argument::split(word));
    let is_plugin = |plugin: &&OsStr| {
        let is_file = Path::new(plugin).extension().is_some_and(|it| it == "wasm");
        is_file || plugin.to_str().is_some_and(|name| names.contains(name))
    };
    let plugins: BTreeSet<_> = plugins.filter(is_plugin).take(MOST_PLUGINS).collect();
    let schema = |plugin: &OsStr| {
        let read = plugin_argument::read(plugin, Path::new(""), &dist, &Limits::default()).ok()?;
        let candidate = read.verify(&Trust::anybody()).ok()?;
        Some((candidate.name().to_owned(), Schema::of(&candidate).ok()??))
    };
    let schemas = plugins.into_iter().filter_map(schema);
    schemas.filter(|(name, _)| is_plain(name)).collect()
}

/// Returns the names of the plugins in the folder.
fn names(dist: &Path) -> BTreeSet<String> {
    let Ok(dist) = Dist::listed_or_files(dist) else { return BTreeSet::new() };
    dist.plugins().iter().map(|it| it.name.clone()).filter(|name| is_plain(name)).collect()
}

/// Offers files to a shell that quotes the offered words. Other shells would interpret a file name as code, and bash
/// offers files itself.
fn files(completer: fn() -> PathCompleter) -> ArgValueCompleter {
    ArgValueCompleter::new(move |begun: &OsStr| paths(completer, begun))
}

fn paths(completer: fn() -> PathCompleter, begun: &OsStr) -> Vec<CompletionCandidate> {
    let quotes = |shell: &OsString| shell == "zsh" || shell == "fish";
    if !SHELL.get().is_some_and(quotes) {
        return Vec::new();
    }
    let mut offered = completer().complete(begun);
    offered.retain(|it| it.get_value().to_str().is_some_and(|it| !it.contains(char::is_control)));
    offered.truncate(MOST);
    offered
}

/// Returns the folder of built plugins: from the words on the command line, or else from the environment or the
/// project.
fn dist() -> PathBuf {
    let words = words();
    let mut named = words.iter().skip_while(|word| *word != "--dist").skip(1);
    let joined = words.iter().find_map(|word| word.to_str()?.strip_prefix("--dist="));
    let named = named.next().cloned().or_else(|| joined.map(OsString::from));
    match named.or_else(|| env::var_os("PLUGWRIGHT_DIST")) {
        Some(named) => named.into(),
        None => Project::find().map_or_else(|_| "dist".into(), |project| project.dist()),
    }
}

/// Returns the words of the command line, which the completion script passes after `--`.
fn words() -> Vec<OsString> {
    env::args_os().skip_while(|word| word != "--").skip(1).collect()
}

/// Returns whether every shell takes the word for a plain word.
fn is_plain(word: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !word.is_empty() && !word.starts_with('-') && word.chars().all(is_plain)
}
