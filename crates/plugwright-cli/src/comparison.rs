//! Compares two folders of plugins, and explains differences.

use std::path::{Path, PathBuf};

use anyhow::Result;
use plugwright::{Dist, DistError, ForeignText, Trust, Unverified, difference, sha256};

use crate::statement::Statement;

/// The number of different inputs that are named.
const SHOWN: usize = 50;

/// A folder of plugins with their provenance statements, as `plugwright build` writes it.
pub struct Folder {
    dist: Dist,
    path: PathBuf,
    trust: Trust,
}

impl Folder {
    /// Opens the folder `path`. Only plugins that `trust` allows are compared.
    ///
    /// # Errors
    ///
    /// Fails as [`Dist::open`] does.
    pub fn open(path: &Path, trust: &Trust) -> Result<Self, DistError> {
        Ok(Self { dist: Dist::open(path)?, path: path.to_owned(), trust: trust.clone() })
    }

    /// Returns the names of the plugins in the folder.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.dist.plugins().iter().map(|entry| &*entry.name)
    }

    fn has(&self, plugin: &str) -> bool {
        self.names().any(|name| name == plugin)
    }

    fn read(&self, plugin: &str) -> Result<(Vec<u8>, Statement)> {
        let read = Unverified::new(plugin, self.dist.read(plugin)?).of_file(self.dist.path(plugin));
        let bytes = read.signed_beside()?.verified_bytes(&self.trust)?.to_vec();
        let statement = Statement::read(&self.path, plugin, &sha256(&bytes))?;
        Ok((bytes, statement))
    }
}

/// The result of comparing two builds of a plugin, with a description.
#[derive(Debug)]
pub enum Comparison {
    /// Both builds have the same bytes.
    Same(String),
    /// The bytes differ, or only one folder has the plugin.
    Differs(String),
}

/// Compares a plugin in two folders, and explains the difference.
///
/// # Errors
///
/// Fails if a plugin or its provenance statement cannot be read or is invalid.
pub fn compare(plugin: &str, one: &Folder, other: &Folder) -> Result<Comparison> {
    let only = match (one.has(plugin), other.has(plugin)) {
        (true, false) => Some(one),
        (false, true) => Some(other),
        _ => None,
    };
    if let Some(Folder { path, .. }) = only {
        let path = ForeignText::of_path(path);
        return Ok(Comparison::Differs(format!("differs: only `{path}` has it")));
    }
    let ((one, first), (other, second)) = (one.read(plugin)?, other.read(plugin)?);
    Ok(told((&one, &first), (&other, &second)))
}

/// Returns the description of whether and why the two plugins differ.
fn told((one, first): (&[u8], &Statement), (other, second): (&[u8], &Statement)) -> Comparison {
    let inputs = first.differences(second);
    let inputs = match inputs.as_slice() {
        [] => None,
        inputs => {
            let mut shown: Vec<_> = inputs.iter().take(SHOWN).cloned().collect();
            let more = inputs.len().saturating_sub(SHOWN);
            shown.extend((more > 0).then(|| format!("and {more} more")));
            Some(format!("built from different inputs: {}", shown.join("; ")))
        }
    };
    match (difference(one, other), inputs) {
        (None, None) => Comparison::Same(format!("the same, {}", sha256(one))),
        (None, Some(inputs)) => {
            Comparison::Same(format!("the same, {}, although {inputs}", sha256(one)))
        }
        (Some(difference), None) => Comparison::Differs(format!(
            "differs, although built from the same inputs: {difference}"
        )),
        (Some(difference), Some(inputs)) => {
            let commit = match first.commit() {
                Some(commit) => format!("; the first is of the commit {commit}"),
                None => String::new(),
            };
            Comparison::Differs(format!("differs, {inputs}{commit}; {difference}"))
        }
    }
}
