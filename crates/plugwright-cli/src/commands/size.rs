//! `plugwright size`: shows the parts of plugins by size. Also checks the size budgets of manifests.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::parts::{growth, parts};
use anyhow::anyhow;
use clap::{Args, ValueHint};
use plugwright::{FileKind, ForeignText, Limits, LoadError, Trust, sizes, symbols_beside};

use crate::bar::bar;
use crate::exit::{self, Failed};
use crate::{completion, output, plugin_argument};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The plugins, as names in the folder of built plugins or as files [default: all plugins in that folder]
    #[arg(value_name = "PLUGIN", value_hint = ValueHint::FilePath, add = completion::plugins())]
    plugins: Vec<OsString>,
}

/// Files that show why a plugin exceeds its size budget.
#[derive(Debug, Args)]
pub(crate) struct Causes {
    /// The unstripped plugin, to show its largest parts if the plugin exceeds the budget of its manifest
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) symbols: Option<PathBuf>,

    /// The unstripped plugin of the previous build, to show which parts grew
    #[arg(long, value_name = "FILE", requires = "symbols", value_hint = ValueHint::FilePath)]
    pub(crate) before: Option<PathBuf>,
}

pub(crate) fn size(
    Arguments { plugins }: &Arguments,
    folder: &Path,
    trust: &Trust,
) -> Result<(), Failed> {
    let plugins = match &**plugins {
        [] => plugin_argument::all_in(folder)?,
        plugins => plugins.to_vec(),
    };
    let mut text = String::new();
    for plugin in &plugins {
        let plugin = plugin_argument::read(plugin, Path::new(""), folder, &Limits::none())?;
        let file = plugin.file().unwrap_or(Path::new(plugin.name())).to_owned();
        let about = |file: &Path, error: LoadError| Failed::from(error).about(file);
        let plugin = plugin.verify(trust).map_err(|error| about(&file, error))?;
        let bytes = plugin.bytes().len() as u64;
        let symbols = symbols_beside(&file);
        if let Ok(false) = symbols.try_exists() {
            return Err(exit::file(anyhow!(
                "there is no symbols file `{}`: build the plugin with `plugwright build`, which writes it",
                ForeignText::of_path(&symbols)
            )));
        }
        let unstripped = FileKind::SYMBOLS.read(&symbols).map_err(exit::usage)?;
        let sizes = sizes(plugin.name(), &unstripped).map_err(|error| about(&symbols, error))?;
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}: {bytes} bytes, {} before stripping",
            ForeignText::from(plugin.name()),
            unstripped.len()
        );
        for (part, size) in parts(&sizes, bytes) {
            let _ = writeln!(text, "{size:>10}  {}  {part}", bar(size, bytes));
        }
    }
    output::tell(&text).map_err(exit::usage)
}

impl Causes {
    /// Refuses the plugin `name` if it exceeds the size budget of its manifest.
    pub(crate) fn check(
        &self,
        name: &str,
        bytes: usize,
        budget: Option<u64>,
    ) -> Result<(), Failed> {
        // A missing file is an error, whether it is needed or not.
        let symbols = self.symbols.as_ref().map(|file| FileKind::SYMBOLS.read(file));
        let symbols = symbols.transpose().map_err(exit::usage)?;
        let Some(budget) = budget else { return Ok(()) };
        let Some(over) = (bytes as u64).checked_sub(budget).filter(|over| *over > 0) else {
            return Ok(());
        };
        let shown = ForeignText::from(name);
        let said = format!("`{shown}` has {bytes} bytes, {over} more than its manifest allows");
        let Some(symbols) = symbols else {
            return Err(exit::load(anyhow!("{said}: make it smaller, or raise its `budget`")));
        };
        let now = sizes(name, &symbols)?;
        let before = self.before.as_deref().and_then(|path| FileKind::SYMBOLS.read(path).ok());
        let before = before.and_then(|bytes| sizes(name, &bytes).ok());
        let told = match before.map(|before| growth(&before, &now)) {
            Some(grown) if !grown.is_empty() => format!("it grew by {}", grown.join(", ")),
            _ => {
                let largest = parts(&now, bytes as u64).into_iter().take(3);
                let largest: Vec<_> =
                    largest.map(|(part, size)| format!("{part} ({size} bytes)")).collect();
                format!("its largest parts are {}", largest.join(", "))
            }
        };
        Err(exit::load(anyhow!("{said}: {told}; make it smaller, or raise its `budget`")))
    }
}
