//! `plugwright add` and `update`: what an operator agrees to.

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
    /// The plugin: its name in the folder of built plugins, a file, or `oci://HOST/NAME:TAG`
    #[arg(value_name = "PLUGIN|FILE", value_hint = ValueHint::FilePath, add = completion::plugins())]
    plugin: OsString,
}

#[derive(Debug, Args)]
pub(crate) struct UpdateArguments {
    /// The plugins that are looked at, by their names in the lock; all of them unless named
    plugins: Vec<String>,

    /// Takes what this plugin asks for more, too
    #[arg(long, value_name = "NAME")]
    accept: Vec<String>,
}

/// Shows what a plugin asks for, and writes into the lock that it is agreed to.
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
            "`{name}` is in the lock already: `plugwright update --accept {name}` takes another one"
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

/// Looks at what the plugins of the lock are now, takes what asks for no more, and tells what the others ask for.
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
            None => "is not in the lock: `plugwright add` puts it there",
            Some(LockedPlugin { reference: None, .. }) => {
                "has no `reference` in the lock, so nobody knows where a newer one is"
            }
            Some(_) if !plugins.is_empty() && !plugins.contains(name) => {
                "is to be accepted, and others are named: name it, too"
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
            (_, false) => writeln!(text, "{shown}: asks for no more"),
            _ => writeln!(text, "{shown}: asks for more"),
        };
        for more in &more {
            let _ = writeln!(text, "  {more}");
        }
        if more.iter().any(|more| asks(&more)) && !accept.contains(&name) {
            refused.push(name);
        } else if !more.is_empty() || resolved != before.resolved {
            // Who takes it unsigned takes the next one so.
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
        1 => ("one plugin stays as it was".to_owned(), accept.join(" ")),
        count => (format!("{count} plugins stay as they were"), accept.join(" ")),
    };
    Err(exit::load(anyhow!("{what} agreed to: `{accept}` takes what is asked for more")))
}

/// A plugin that is looked at.
struct Read {
    candidate: Candidate<'static>,
    /// The key that it is signed with, if keys were given.
    key: Option<String>,
    /// The reference by its digest, if it is one of a registry.
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

/// What the plugin asks for, a line each.
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
