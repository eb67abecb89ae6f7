//! `plugwright cache`, and the options for the cache of compiled code.

use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use clap::{Args, ValueHint};
use plugwright::{Cache, CacheEntry, ForeignText, Host, HostBuilder};

use crate::exit::{self, Failed};
use crate::output;

/// The cache options of all commands.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The folder of the cache of compiled code [default: plugwright/compiled in $XDG_CACHE_HOME or ~/.cache]
    #[arg(
        // The id `folder` is taken by an argument of some commands.
        id = "cache-folder",
        long = "cache",
        global = true,
        value_name = "FOLDER",
        env = "PLUGWRIGHT_CACHE",
        value_hint = ValueHint::DirPath
    )]
    folder: Option<PathBuf>,

    /// Compiles plugins every time, without the cache
    #[arg(long, global = true)]
    no_cache: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Removes all compiled code from the cache
    #[arg(long)]
    clear: bool,
}

impl Options {
    /// Returns the builder of a host that caches compiled code as these options say.
    pub(crate) fn host(&self) -> Result<HostBuilder, Failed> {
        // Enough places for the instances of one plugin, however many components it is composed of.
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
    // Opening the cache would create the folder.
    let found = folder.symlink_metadata();
    if found.is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        let folder = ForeignText::of_path(&folder);
        return Ok(format!("the cache is empty: there is no folder `{folder}`\n"));
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

/// Returns the folder of the cache.
fn folder(options: &Options) -> anyhow::Result<PathBuf> {
    if options.no_cache {
        return Err(anyhow!("there is no cache with `--no-cache`: leave out that option"));
    }
    let folder = options.folder.clone().or_else(Cache::default_folder);
    folder.context("there is no home folder for the cache: name a folder with `--cache FOLDER`")
}

fn bytes(entries: &[CacheEntry]) -> u64 {
    entries.iter().map(|entry| entry.bytes).sum()
}
