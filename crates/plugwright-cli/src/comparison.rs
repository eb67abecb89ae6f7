//! Whether two folders of plugins hold the same, and if not, why.

use std::path::{Path, PathBuf};

use anyhow::Result;
use plugwright::{Dist, DistError, ForeignText, Trust, Unverified, difference, sha256};

use crate::statement::Statement;

/// How many inputs that are not the same are named.
const SHOWN: usize = 50;

/// A folder of plugins with their statements, as `plugwright build` leaves it.
pub struct Folder {
    dist: Dist,
    path: PathBuf,
    trust: Trust,
}

impl Folder {
    /// Opens the folder `path`, in which plugins of those whom `trust` has are looked at.
    ///
    /// # Errors
    ///
    /// What [`Dist::open`] says.
    pub fn open(path: &Path, trust: &Trust) -> Result<Self, DistError> {
        Ok(Self { dist: Dist::open(path)?, path: path.to_owned(), trust: trust.clone() })
    }

    /// The names of the plugins in it.
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

/// What comes of comparing a plugin with another, in words.
#[derive(Debug)]
pub enum Comparison {
    /// They are the same bytes.
    Same(String),
    /// They are not, or there is only one.
    Differs(String),
}

/// Says whether the plugin is the same in both folders, and if not, why.
///
/// # Errors
///
/// Says why that is not known: a plugin or its statement cannot be read, or is none.
pub fn compare(plugin: &str, one: &Folder, other: &Folder) -> Result<Comparison> {
    let only = match (one.has(plugin), other.has(plugin)) {
        (true, false) => Some(one),
        (false, true) => Some(other),
        _ => None,
    };
    if let Some(Folder { path, .. }) = only {
        let path = ForeignText::of_path(path);
        return Ok(Comparison::Differs(format!("differs, only `{path}` has it")));
    }
    let ((one, first), (other, second)) = (one.read(plugin)?, other.read(plugin)?);
    Ok(told((&one, &first), (&other, &second)))
}

/// Says that the plugins are the same, or why they are not.
fn told((one, first): (&[u8], &Statement), (other, second): (&[u8], &Statement)) -> Comparison {
    let inputs = first.differences(second);
    let inputs = match inputs.as_slice() {
        [] => None,
        inputs => {
            let mut shown: Vec<_> = inputs.iter().take(SHOWN).cloned().collect();
            let more = inputs.len().saturating_sub(SHOWN);
            shown.extend((more > 0).then(|| format!("and {more} more")));
            Some(format!("they are built from other inputs: {}", shown.join("; ")))
        }
    };
    match (difference(one, other), inputs) {
        (None, None) => Comparison::Same(format!("the same, {}", sha256(one))),
        (None, Some(inputs)) => {
            Comparison::Same(format!("the same, {}, though {inputs}", sha256(one)))
        }
        (Some(difference), None) => {
            Comparison::Differs(format!("differs, built from the same inputs, {difference}"))
        }
        (Some(difference), Some(inputs)) => {
            let commit = match first.commit() {
                Some(commit) => format!("; the first is of the commit {commit}"),
                None => String::new(),
            };
            Comparison::Differs(format!("differs, and {inputs}{commit}; {difference}"))
        }
    }
}
