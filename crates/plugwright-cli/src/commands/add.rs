//! `plugwright add` and `update`: write the lock file of what an operator agreed to.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::path::Path;

use anyhow::anyhow;
use clap::{Args, ValueHint};
use plugwright::{Candidate, ForeignText, Limits, Lock, LockedPlugin, More, Trust, Wants};

use crate::exit::{self, Failed};
use crate::{completion, lock_file, output, plugin_argument, trust};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The plugin: a name in the folder of built plugins, a file, or `oci://HOST/NAME:TAG`
    #[arg(value_name = "PLUGIN", value_hint = ValueHint::FilePath, add = completion::plugins())]
    plugin: OsString,
}

#[derive(Debug, Args)]
pub(crate) struct UpdateArguments {
    /// The plugins to update, by their names in the lock file [default: all plugins in the lock file]
    #[arg(value_name = "PLUGIN")]
    plugins: Vec<String>,

    /// Agrees to everything that this plugin now asks for
    #[arg(long, value_name = "NAME")]
    accept: Vec<String>,
}

/// Shows what a plugin asks for, and records in the lock file that this was agreed to.
pub(crate) fn add(
    Arguments { plugin }: &Arguments,
    dist: &Path,
    trust: &trust::Options,
    options: &lock_file::Options,
) -> Result<(), Failed> {
    let file = options.file();
    let mut lock = if file.exists() { lock_file::open(file)? } else { Lock::default() };
    let Read { candidate, key, resolved } = read(plugin, dist, trust)?;
    let name = candidate.name().to_owned();
    if lock.plugins.contains_key(&name) {
        let name = ForeignText::from(&*name);
        let error = anyhow!(
            "`{name}` is already in the lock file: `plugwright update --accept {name}` updates it"
        );
        return Err(exit::usage(error));
    }
    let reference = Some(plugin.to_string_lossy().into_owned());
    let agreed = agreed(&candidate, reference, resolved, key)?;
    let text = shown(&name, &agreed.wants);
    lock.plugins.insert(name, agreed);
    lock_file::write(file, &lock)?;
    output::tell(&text).map_err(exit::usage)
}

/// Compares the plugins in the lock file with their current versions. Updates those that ask for nothing more, and
/// shows what the others ask for.
pub(crate) fn update(
    UpdateArguments { plugins, accept }: &UpdateArguments,
    dist: &Path,
    trust: &trust::Options,
    options: &lock_file::Options,
) -> Result<(), Failed> {
    let file = options.file();
    let mut lock = lock_file::open(file)?;
    for name in plugins.iter().chain(accept) {
        let shown = ForeignText::from(&**name);
        let why = match lock.plugins.get(name) {
            None => "is not in the lock file: `plugwright add` adds it",
            Some(LockedPlugin { reference: None, .. }) => {
                "has no `reference` in the lock file, which says where to find a newer version"
            }
            Some(_) if !plugins.is_empty() && !plugins.contains(name) => {
                "is given to `--accept`, but is not among the named plugins: name it, too"
            }
            Some(_) => continue,
        };
        return Err(exit::usage(anyhow!("`{shown}` {why}")));
    }
    let (mut text, mut refused) = (String::new(), Vec::new());
    for (name, before) in lock.plugins.clone() {
        let is_wanted = plugins.is_empty() || plugins.contains(&name);
        let Some(reference) = before.reference.clone().filter(|_| is_wanted) else { continue };
        let Read { candidate, key, resolved } = read(OsStr::new(&reference), dist, trust)?;
        let more = lock.more(&candidate)?;
        let asks = |more: &&More| !matches!(more, More::Bytes { .. });
        let shown = ForeignText::from(&*name);
        // Writing to a string cannot fail.
        let _ = match (more.len(), more.iter().any(|more| asks(&more))) {
            (0, _) => writeln!(text, "{shown}: as agreed"),
            (_, false) => writeln!(text, "{shown}: changed, and asks for nothing more"),
            _ => writeln!(text, "{shown}: asks for more"),
        };
        for more in &more {
            let _ = writeln!(text, "  {more}");
        }
        if more.iter().any(|more| asks(&more)) && !accept.contains(&name) {
            refused.push(name);
        } else if !more.is_empty() || resolved != before.resolved {
            // An operator who accepts the plugin unsigned accepts its next version unsigned, too.
            let before = before.key.filter(|_| !more.contains(&More::Unsigned));
            let agreed = agreed(&candidate, Some(reference), resolved, key.or(before))?;
            lock.plugins.insert(name, agreed);
        }
    }
    lock_file::write(file, &lock)?;
    output::tell(&text).map_err(exit::usage)?;
    if refused.is_empty() {
        return Ok(());
    }
    let accept: Vec<_> =
        refused.iter().map(|name| format!("--accept {}", ForeignText::from(&**name))).collect();
    let (what, accept) = match refused.len() {
        1 => ("one plugin was".to_owned(), accept.join(" ")),
        count => (format!("{count} plugins were"), accept.join(" ")),
    };
    Err(exit::load(anyhow!(
        "{what} not updated: add `{accept}` to agree to everything listed above"
    )))
}

/// A plugin that was read, with where it is from.
struct Read {
    candidate: Candidate<'static>,
    /// The given key that signed the plugin, if any.
    key: Option<String>,
    /// The reference by digest, if the plugin is from a registry.
    resolved: Option<String>,
}

fn read(plugin: &OsStr, dist: &Path, trust: &trust::Options) -> Result<Read, Failed> {
    let limits = Limits::default();
    let (read, resolved) = plugin_argument::read_resolved(plugin, Path::new(""), dist, &limits)?;
    for (line, key) in trust.keys()? {
        if let Ok(candidate) = read.clone().verify(&Trust::keys([key])) {
            return Ok(Read { candidate, key: Some(line), resolved });
        }
    }
    Ok(Read { candidate: read.verify(&trust.trust()?)?, key: None, resolved })
}

fn agreed(
    candidate: &Candidate<'_>,
    reference: Option<String>,
    resolved: Option<String>,
    key: Option<String>,
) -> Result<LockedPlugin, Failed> {
    let inspection = candidate.inspect(&[])?;
    let wants = Wants::of(&inspection);
    Ok(LockedPlugin { reference, resolved, sha256: inspection.sha256, key, wants })
}

/// Returns what the plugin asks for, with a line for each request.
fn shown(name: &str, wants: &Wants) -> String {
    let mut text = format!("{}\n", ForeignText::from(name));
    let mut line = |what: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {what} {}", ForeignText::from(value));
    };
    line("world", wants.world.as_deref().unwrap_or("unknown"));
    wants.imports.iter().for_each(|import| line("import", import));
    wants.grants.iter().for_each(|grant| line("grant", grant));
    wants.limits.texts().for_each(|limit| line("limit", &limit));
    text
}
