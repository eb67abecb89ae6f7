//! `plugwright compare`: whether two folders of plugins hold the same, and if not, why.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::{Args, ValueHint};
use plugwright::{ForeignText, Trust};
use plugwright_cli::comparison::{self, Folder};

use crate::exit::{self, Failed};
use crate::output;
use crate::text_argument::text;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A folder of plugins with their statements, as `just build` leaves it
    #[arg(value_name = "ONE", value_hint = ValueHint::DirPath)]
    one: PathBuf,

    /// Another one
    #[arg(value_name = "OTHER", value_hint = ValueHint::DirPath)]
    other: PathBuf,

    /// The plugins to compare; all of the first folder unless named
    #[arg(value_name = "PLUGIN", value_parser = text())]
    plugins: Vec<String>,
}

pub(crate) fn compare(arguments: &Arguments, trust: &Trust) -> Result<(), Failed> {
    let open = |folder: &Path| Folder::open(folder, trust).map_err(exit::load);
    let (one, other) = (open(&arguments.one)?, open(&arguments.other)?);
    let all = || one.names().map(str::to_owned).collect();
    let names: Vec<String> =
        if arguments.plugins.is_empty() { all() } else { arguments.plugins.clone() };
    let (mut differ, mut unread) = (0, Vec::new());
    for name in &names {
        let said = comparison::compare(name, &one, &other).unwrap_or_else(|error| {
            let said = format!("{error:#}");
            unread.push(exit::load(error));
            Err(said)
        });
        differ += usize::from(said.is_err());
        let (Ok(said) | Err(said)) = said;
        output::tell(&format!("{}: {said}\n", ForeignText::from(&**name))).map_err(exit::usage)?;
    }
    let error = || anyhow!("{differ} of {} plugins are not the same", names.len());
    match (differ, &*unread) {
        (0, _) => Ok(()),
        // What cannot be read is why, and more than that is not known.
        (_, [first, ..]) => Err(first.as_well(error())),
        _ => Err(exit::load(error())),
    }
}
