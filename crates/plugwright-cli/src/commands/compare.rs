//! `plugwright compare`: compares two folders of plugins, and explains differences.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::comparison::{self, Comparison, Folder};
use anyhow::anyhow;
use clap::{Args, ValueHint};
use plugwright::{ForeignText, Trust};

use crate::exit::{self, Failed};
use crate::text_argument::text;
use crate::{output, progress};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The first folder, with plugins and their provenance as `plugwright build` writes them
    #[arg(value_name = "ONE", value_hint = ValueHint::DirPath)]
    one: PathBuf,

    /// The second folder
    #[arg(value_name = "OTHER", value_hint = ValueHint::DirPath)]
    other: PathBuf,

    /// The plugins to compare [default: all plugins in both folders]
    #[arg(value_name = "PLUGIN", value_parser = text())]
    plugins: Vec<String>,
}

pub(crate) fn compare(arguments: &Arguments, trust: &Trust) -> Result<(), Failed> {
    folders(&arguments.one, &arguments.other, &arguments.plugins, trust)
}

/// Compares the plugins of these names in two folders, or all plugins without names.
pub(crate) fn folders(
    one_folder: &Path,
    other_folder: &Path,
    names: &[String],
    trust: &Trust,
) -> Result<(), Failed> {
    let open = |folder: &Path| Folder::open(folder, trust).map_err(exit::load);
    let (one, other) = (open(one_folder)?, open(other_folder)?);
    let named: Vec<&str> = names.iter().map(|name| &**name).collect();
    let names = match named.is_empty() {
        true => BTreeSet::from_iter(one.names().chain(other.names())).into_iter().collect(),
        false => named,
    };
    if names.is_empty() {
        return Err(exit::usage(anyhow!(
            "there is nothing to compare: neither `{}` nor `{}` contains a plugin; name folders that `plugwright build` \
             filled",
            ForeignText::of_path(one_folder),
            ForeignText::of_path(other_folder)
        )));
    }
    let (mut differ, mut unknown) = (0, Vec::new());
    for name in &names {
        let said = match comparison::compare(name, &one, &other) {
            Ok(Comparison::Same(said)) => said,
            Ok(Comparison::Differs(said)) => {
                differ += 1;
                said
            }
            Err(error) => {
                let failed = exit::load(error);
                let said = failed.to_string();
                unknown.push(failed);
                said
            }
        };
        let line = format!("{}: {said}\n", ForeignText::from(*name));
        progress::above(|| output::tell(&line)).map_err(exit::usage)?;
    }
    let of = |count: usize, what: &str| format!("{count} of {} plugins {what}", names.len());
    let differs = of(differ, "differ");
    match (differ, &*unknown) {
        (0, []) => Ok(()),
        (0, [first, ..]) => Err(first.as_well(anyhow!(of(unknown.len(), "cannot be compared")))),
        (_, []) => Err(exit::load(anyhow!(differs))),
        // A known difference counts more than the plugins that cannot be compared.
        _ => Err(exit::load(anyhow!("{differs}, and {} cannot be compared", unknown.len()))),
    }
}
