//! `plugwright size`, what takes the room in plugins, and the budgets that plugins are held to.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use clap::{Args, ValueHint};
use plugwright::{Dist, Sizes, sizes, symbols_beside};
use serde::Deserialize;

use crate::exit::{self, Failed};
use crate::output;

/// What takes less than this part of a plugin is told in one line.
const SMALL: u64 = 100;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The plugins, as names in the folder of built plugins; all unless named
    #[arg(value_name = "PLUGIN")]
    plugins: Vec<String>,
}

/// How large a plugin may be.
#[derive(Debug, Args)]
pub(crate) struct Budget {
    /// The manifest of the plugin, `plugin.toml`, which may say how large it may be
    #[arg(long, value_name = "FILE", requires = "symbols", value_hint = ValueHint::FilePath)]
    budget: Option<PathBuf>,

    /// The plugin before it was stripped, which tells what takes the room
    #[arg(long, value_name = "FILE", requires = "budget", value_hint = ValueHint::FilePath)]
    symbols: Option<PathBuf>,

    /// The same as it was when it was built before, which tells what grew
    #[arg(long, value_name = "FILE", requires = "budget", value_hint = ValueHint::FilePath)]
    before: Option<PathBuf>,
}

/// A plugin's manifest.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    size: Size,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Size {
    /// How large the plugin may be, stripped: a number of `bytes`, `KiB` or `MiB`.
    budget: String,
}

pub(crate) fn size(Arguments { plugins }: &Arguments, folder: &Path) -> Result<(), Failed> {
    let dist = Dist::open(folder).map_err(exit::load)?;
    let all = || dist.plugins().iter().map(|entry| entry.name.clone()).collect();
    let names: Vec<String> = if plugins.is_empty() { all() } else { plugins.clone() };
    let mut text = String::new();
    for name in &names {
        let bytes = dist.read(name).map_err(exit::load)?.len() as u64;
        let symbols = symbols_beside(&dist.path(name));
        let unstripped = read(&symbols).map_err(exit::usage)?;
        let sizes = sizes(name, &unstripped)?;
        // Writing to a string cannot fail.
        let _ =
            writeln!(text, "{name}: {bytes} bytes, of {} before it was stripped", unstripped.len());
        for (part, size) in parts(&sizes, bytes) {
            let _ = writeln!(text, "{size:>10}  {part}");
        }
    }
    output::write(None, text.as_bytes()).map_err(exit::usage)
}

/// What a plugin of so many bytes is made of, the largest first.
fn parts(sizes: &Sizes, bytes: u64) -> Vec<(String, u64)> {
    let Sizes { code, data, .. } = sizes;
    let code = code.iter().map(|(name, size)| (name.clone(), *size));
    let (mut parts, small): (Vec<_>, Vec<_>) = code
        .chain([("constants".to_owned(), *data)])
        .partition(|(_, size)| size.saturating_mul(SMALL) >= bytes);
    parts.sort_by(|(one, size), (other, other_size)| other_size.cmp(size).then(one.cmp(other)));
    let told: u64 = parts.iter().chain(&small).map(|(_, size)| size).sum();
    let small: u64 = small.iter().map(|(_, size)| size).sum();
    parts.push(("smaller crates".to_owned(), small));
    parts.push(("types, names, and what joins them".to_owned(), bytes.saturating_sub(told)));
    parts
}

impl Budget {
    /// Refuses the plugin `name` if it is larger than its manifest says, if there is one.
    pub(crate) fn check(&self, name: &str, bytes: usize) -> Result<(), Failed> {
        let Self { budget: Some(manifest), symbols: Some(symbols), before } = self else {
            return Ok(());
        };
        let Ok(text) = fs::read_to_string(manifest) else { return Ok(()) };
        let shown = manifest.display();
        let Manifest { size: Size { budget } } = toml::from_str(&text)
            .map_err(|error| exit::load(anyhow!("`{shown}`: {}", error.to_string().trim_end())))?;
        let limit = amount(&budget).map_err(|error| exit::load(anyhow!("`{shown}`: {error}")))?;
        let Some(over) = (bytes as u64).checked_sub(limit).filter(|over| *over > 0) else {
            return Ok(());
        };
        let now = sizes(name, &read(symbols).map_err(exit::usage)?)?;
        let before = before.as_deref().and_then(|path| sizes(name, &fs::read(path).ok()?).ok());
        let told = match before.map(|before| growth(&before, &now)) {
            Some(grown) if !grown.is_empty() => format!("it grew by {}", grown.join(", ")),
            _ => {
                let largest = parts(&now, bytes as u64).into_iter().take(3);
                let largest: Vec<_> =
                    largest.map(|(part, size)| format!("{size} bytes of {part}")).collect();
                format!("its largest parts are {}", largest.join(", "))
            }
        };
        Err(exit::load(anyhow!(
            "`{name}` takes {bytes} bytes, {over} more than the {budget} that `{shown}` allows: {told}; \
             make it smaller, or allow more"
        )))
    }
}

/// The parts that grew, those that grew most first.
fn growth(before: &Sizes, now: &Sizes) -> Vec<String> {
    let grown = now.code.iter().map(|(name, size)| {
        let old = before.code.get(name).copied().unwrap_or_default();
        (name.as_str(), size.saturating_sub(old))
    });
    let data = ("constants", now.data.saturating_sub(before.data));
    let mut grown: Vec<_> = grown.chain([data]).filter(|(_, more)| *more > 0).collect();
    grown.sort_by_key(|(_, more)| std::cmp::Reverse(*more));
    grown.iter().take(5).map(|(name, more)| format!("{more} bytes of {name}")).collect()
}

/// A number of bytes: `bytes`, `KiB` or `MiB`.
fn amount(text: &str) -> Result<u64> {
    let (number, unit) = text.trim().split_once(' ').unwrap_or((text, ""));
    let scale = match unit {
        "bytes" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        _ => {
            return Err(anyhow!(
                "the budget `{text}` is not a number and `bytes`, `KiB` or `MiB`, as in `60 KiB`"
            ));
        }
    };
    let number: u64 = number.parse().with_context(|| format!("the budget `{text}`"))?;
    Ok(number.saturating_mul(scale))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
}
