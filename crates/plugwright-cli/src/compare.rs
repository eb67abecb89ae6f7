//! `plugwright compare`: whether two folders of plugins hold the same, and if not, why.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use clap::{Args, ValueHint};
use plugwright::{Dist, difference, sha256};

use crate::exit::{self, Failed};
use crate::output;
use crate::statement::Statement;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A folder of plugins with their statements, as `just build` leaves it
    #[arg(value_name = "ONE", value_hint = ValueHint::DirPath)]
    one: PathBuf,

    /// Another one
    #[arg(value_name = "OTHER", value_hint = ValueHint::DirPath)]
    other: PathBuf,

    /// The plugins to compare; all of the first folder unless named
    #[arg(value_name = "PLUGIN")]
    plugins: Vec<String>,
}

pub(crate) fn compare(arguments: &Arguments) -> Result<(), Failed> {
    let open = |folder: &Path| Dist::open(folder).map_err(exit::load);
    let (one, other) = (open(&arguments.one)?, open(&arguments.other)?);
    let all = || one.plugins().iter().map(|entry| entry.name.clone()).collect();
    let names: Vec<String> =
        if arguments.plugins.is_empty() { all() } else { arguments.plugins.clone() };
    let mut differ = 0;
    for name in &names {
        let read = |dist: &Dist, folder: &Path| -> Result<_> {
            let bytes = dist.read(name)?;
            let statement = Statement::read(folder, name, &sha256(&bytes))?;
            Ok((bytes, statement))
        };
        let both = read(&one, &arguments.one)
            .and_then(|first| Ok((first, read(&other, &arguments.other)?)));
        let said = match both {
            Ok(((one, first), (other, second))) => told((&one, &first), (&other, &second)),
            Err(error) => Err(format!("{error:#}")),
        };
        differ += usize::from(said.is_err());
        let (Ok(said) | Err(said)) = said;
        output::write(None, format!("{name}: {said}\n").as_bytes()).map_err(exit::usage)?;
    }
    match differ {
        0 => Ok(()),
        _ => Err(exit::load(anyhow!("{differ} of {} plugins are not the same", names.len()))),
    }
}

/// Says that the plugins are the same, or why they are not.
fn told(
    (one, first): (&[u8], &Statement),
    (other, second): (&[u8], &Statement),
) -> Result<String, String> {
    let inputs = first.differences(second);
    let inputs = match inputs.as_slice() {
        [] => None,
        inputs => Some(format!("they are built from other inputs: {}", inputs.join("; "))),
    };
    match (difference(one, other), inputs) {
        (None, None) => Ok(format!("the same, {}", sha256(one))),
        (None, Some(inputs)) => Ok(format!("the same, {}, though {inputs}", sha256(one))),
        (Some(difference), None) => {
            Err(format!("differs, built from the same inputs, {difference}"))
        }
        (Some(difference), Some(inputs)) => {
            let commit = match first.commit() {
                Some(commit) => format!("; the first is of the commit {commit}"),
                None => String::new(),
            };
            Err(format!("differs, and {inputs}{commit}; {difference}"))
        }
    }
}
