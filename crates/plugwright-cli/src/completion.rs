//! What a shell is offered for a word that is begun: plugins by their names, and their options, as those say them. Nothing of a
//! plugin runs for that.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap_complete::PathCompleter;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, ValueCompleter as _};
use plugwright::{Dist, Limits, Trust};
use plugwright_contract::{OptionSchema, Schema, Values};

use crate::plugin_argument;
use crate::project::Project;

/// The variable by which a shell's script asks for words.
pub(crate) const VARIABLE: &str = "PLUGWRIGHT_COMPLETE";

/// Offers the plugins in the folder of built plugins, and files.
pub(crate) fn plugins() -> ArgValueCompleter {
    ArgValueCompleter::new(|begun: &OsStr| {
        // Behind a comma begins the next of a chain.
        let before = begun.to_str().and_then(|begun| Some(begun.rsplit_once(',')?.0));
        let name = |name: OsString| match before {
            Some(before) => CompletionCandidate::new(format!("{before},{}", name.display())),
            None => CompletionCandidate::new(name),
        };
        let names = names(&dist()).into_iter().map(name);
        let mut offered: Vec<_> = names.filter(|it| begins(it.get_value(), begun)).collect();
        offered.extend(PathCompleter::file().complete(begun));
        offered
    })
}

/// Offers the options of the plugins that are named already.
pub(crate) fn options() -> ArgValueCompleter {
    ArgValueCompleter::new(|begun: &OsStr| {
        let dist = dist();
        let schemas: Vec<_> =
            words().iter().filter_map(|word| schemas(word, &dist)).flatten().collect();
        let is_chain = schemas.len() > 1;
        let mut offered = Vec::new();
        for (name, schema) in &schemas {
            for option in &schema.options {
                offered.extend(candidates("", option));
                if is_chain {
                    offered.extend(candidates(&format!("{name}."), option));
                }
            }
        }
        offered.retain(|it| begins(it.get_value(), begun));
        // Until a value is begun, it is names that are wanted.
        let has_value = begun.as_encoded_bytes().contains(&b'=');
        offered.retain(|it| has_value != it.get_value().as_encoded_bytes().ends_with(b"="));
        offered
    })
}

/// The option itself, and each value of it if there are a few.
fn candidates(prefix: &str, option: &OptionSchema) -> Vec<CompletionCandidate> {
    let OptionSchema { key, help, values, .. } = option;
    let choices: Vec<&str> = match values {
        Values::Boolean => vec!["true", "false"],
        Values::Choice { choices } => choices.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    let option = CompletionCandidate::new(format!("{prefix}{key}="));
    let option = option.help(Some(help.clone().into()));
    let values =
        choices.into_iter().map(|it| CompletionCandidate::new(format!("{prefix}{key}={it}")));
    [option].into_iter().chain(values).collect()
}

/// What the plugins say of themselves that a word names, each with its name.
fn schemas(word: &OsStr, dist: &Path) -> Option<Vec<(String, Schema)>> {
    let names = names(dist);
    let plugins = plugin_argument::split(word);
    let is_plugin = |plugin: &OsStr| {
        let is_file = Path::new(plugin).extension().is_some_and(|it| it == "wasm");
        is_file || names.iter().any(|name| *name == *plugin)
    };
    if plugins.is_empty() || !plugins.iter().all(|plugin| is_plugin(plugin)) {
        return None;
    }
    let schema = |plugin: &OsStr| {
        let read = plugin_argument::read(plugin, Path::new(""), dist, &Limits::default()).ok()?;
        let candidate = read.verify(&Trust::anybody()).ok()?;
        Some((candidate.name().to_owned(), Schema::of(&candidate).ok()??))
    };
    Some(plugins.into_iter().filter_map(schema).collect())
}

/// The names of the plugins in the folder.
fn names(dist: &Path) -> Vec<OsString> {
    let listed = Dist::listed_or_files(dist);
    listed.map_or_else(
        |_| Vec::new(),
        |dist| dist.plugins().iter().map(|plugin| plugin.name.clone().into()).collect(),
    )
}

/// The folder of built plugins, as the words before say it, or else the environment or the project.
fn dist() -> PathBuf {
    let words = words();
    let mut named = words.iter().skip_while(|word| *word != "--dist").skip(1);
    let joined = words.iter().find_map(|word| word.to_str()?.strip_prefix("--dist="));
    let named = named.next().cloned().or_else(|| joined.map(OsString::from));
    let named = named.or_else(|| env::var_os("PLUGWRIGHT_DIST"));
    match named {
        Some(named) => named.into(),
        None => Project::find().map_or_else(|_| "dist".into(), |project| project.dist()),
    }
}

/// The words that are typed, which a shell's script gives behind a `--`.
fn words() -> Vec<OsString> {
    env::args_os().skip_while(|word| word != "--").skip(1).collect()
}

fn begins(text: &OsStr, begun: &OsStr) -> bool {
    text.as_encoded_bytes().starts_with(begun.as_encoded_bytes())
}
