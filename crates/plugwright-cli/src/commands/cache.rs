//! `plugwright cache`, and the options that say where compiled code is kept.

use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use clap::{Args, ValueHint};
use plugwright::{Cache, CacheEntry, ForeignText, Host, HostBuilder};

use crate::exit::{self, Failed};
use crate::output;

/// Where compiled code is kept, for all commands.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The folder in which compiled code is kept [default: plugwright/compiled in $XDG_CACHE_HOME, or
    /// else in ~/.cache]
    #[arg(
        // Commands have a `folder` of their own.
        id = "cache-folder",
        long = "cache",
        global = true,
        value_name = "FOLDER",
        env = "PLUGWRIGHT_CACHE",
        value_hint = ValueHint::DirPath
    )]
    folder: Option<PathBuf>,

    /// Compiles plugins each time, and keeps nothing
    #[arg(long, global = true)]
    no_cache: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Removes the compiled code
    #[arg(long)]
    clear: bool,
}

impl Options {
    /// Begins a host that keeps compiled code where these options say.
    pub(crate) fn host(&self) -> Result<HostBuilder, Failed> {
        // One plugin at a time, whatever it is composed of.
        let host = Host::builder().concurrency(64);
        Ok(match &self.folder {
            _ if self.no_cache => host.no_cache(),
            Some(folder) => host.cache(Cache::open(folder).map_err(exit::usage)?),
            None => host,
        })
    }
}

pub(crate) fn cache(arguments: &Arguments, options: &Options) -> Result<(), Failed> {
    output::tell(&told(arguments, options).map_err(exit::usage)?).map_err(exit::usage)
}

fn told(arguments: &Arguments, options: &Options) -> anyhow::Result<String> {
    let folder = folder(options)?;
    // To open it would make it.
    let found = folder.symlink_metadata();
    if found.is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        let folder = ForeignText::of_path(&folder);
        return Ok(format!("there is no compiled code: the folder `{folder}` is not there\n"));
    }
    let cache = Cache::open(folder)?;
    if arguments.clear { clear(&cache) } else { show(&cache) }
}

fn show(cache: &Cache) -> anyhow::Result<String> {
    let folder = ForeignText::of_path(cache.folder());
    let entries = cache.entries().with_context(|| format!("cannot read the folder `{folder}`"))?;
    let mut text = String::new();
    let mut row = |label: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{label:<12} {value}");
    };
    row("folder", &folder.whole().to_string());
    row("components", &entries.len().to_string());
    row("size", &format!("{} bytes", bytes(&entries)));
    row("limit", &format!("{} bytes", cache.limit()));
    Ok(text)
}

fn clear(cache: &Cache) -> anyhow::Result<String> {
    let folder = ForeignText::of_path(cache.folder());
    let entries = cache.clear().with_context(|| format!("cannot clear the folder `{folder}`"))?;
    let components = if entries.len() == 1 { "component" } else { "components" };
    let (count, bytes) = (entries.len(), bytes(&entries));
    Ok(format!("removed {count} {components}, {bytes} bytes, from {folder}\n"))
}

/// The folder in which compiled code is kept.
fn folder(options: &Options) -> anyhow::Result<PathBuf> {
    if options.no_cache {
        return Err(anyhow!("with `--no-cache` there is no cache to show: leave it out"));
    }
    let folder = options.folder.clone().or_else(Cache::default_folder);
    folder.context("there is no home folder: say which one with `--cache FOLDER`")
}

fn bytes(entries: &[CacheEntry]) -> u64 {
    entries.iter().map(|entry| entry.bytes).sum()
}
