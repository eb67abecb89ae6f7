//! A plugin of a folder, with all files beside it.

use std::path::Path;

use anyhow::Result;
use plugwright::{
    Candidate, FileKind, Inspection, Limits, LoadError, PublicKey, Sizes, Trust, Unverified, Wants,
    sizes, symbols_beside,
};
use plugwright_contract::Schema;
use plugwright_report::{Kind, Material, Signature};

use super::folder::Folder;
use super::{materials, told};
use crate::description;
use crate::statement::Statement;
use crate::surface::Surface;

/// A plugin that was inspected without running it.
pub(super) struct Seen {
    pub(super) inspection: Inspection,
    pub(super) wants: Wants,
    pub(super) schema: Option<Schema>,
    /// The functions that can be called.
    pub(super) functions: Vec<String>,
    pub(super) budget: Option<u64>,
    pub(super) symbols: Option<Symbols>,
    pub(super) statement: Result<Statement>,
    pub(super) materials: Result<Vec<Material>>,
    pub(super) signature: Signature,
}

/// Facts from the symbols of a plugin.
pub(super) struct Symbols {
    /// The size of the unstripped plugin in bytes.
    pub(super) bytes: u64,
    pub(super) sizes: Sizes,
}

/// The reason why a plugin cannot be inspected.
pub(super) struct Unseen {
    pub(super) kind: Kind,
    pub(super) error: anyhow::Error,
}

impl<E: Into<anyhow::Error>> From<E> for Unseen {
    fn from(error: E) -> Self {
        Self { kind: Kind::Broken, error: error.into() }
    }
}

impl Seen {
    /// Inspects the plugin `name` of the folder. If there are keys, one of them must have signed the plugin.
    pub(super) fn read(folder: &Folder, name: &str, keys: &[PublicKey]) -> Result<Self, Unseen> {
        let bytes = folder.dist.read_within(name, &Limits::default())?;
        let file = folder.dist.path(name);
        let read = Unverified::new(name.to_owned(), bytes).of_file(&*file).signed_beside()?;
        let (candidate, signature) = verified(read, keys)?;
        let inspection = candidate.inspect(folder.known.all())?;
        // A plugin whose world WIT cannot express can still be inspected.
        let own = candidate.own_world().ok();
        let documented = folder.known.documented(&inspection);
        let functions = own.map(|own| Surface::of(&own, documented).called()).unwrap_or_default();
        Ok(Self {
            wants: Wants::of(&inspection),
            schema: description::of(&candidate),
            functions: told::list(functions.iter().map(|it| &**it)),
            budget: candidate.manifest().and_then(|manifest| manifest.budget),
            symbols: symbols(name, &file),
            statement: Statement::read(&folder.path, name, &inspection.sha256),
            materials: materials::read(&folder.path, name, &inspection.sha256),
            inspection,
            signature,
        })
    }
}

fn symbols(name: &str, file: &Path) -> Option<Symbols> {
    let unstripped = FileKind::SYMBOLS.read(symbols_beside(file)).ok()?;
    Some(Symbols { bytes: unstripped.len() as u64, sizes: sizes(name, &unstripped).ok()? })
}

/// Returns the plugin and the state of its signature, if the keys allow the plugin.
fn verified(
    read: Unverified<'static>,
    keys: &[PublicKey],
) -> Result<(Candidate<'static>, Signature), Unseen> {
    for key in keys {
        if let Ok(candidate) = read.clone().verify(&Trust::keys([key.clone()])) {
            return Ok((candidate, Signature::Good(key.id())));
        }
    }
    let signature = if read.signature().is_some() { Signature::Unchecked } else { Signature::None };
    let trust = if keys.is_empty() { Trust::anybody() } else { Trust::keys(keys.to_vec()) };
    match read.verify(&trust) {
        Ok(candidate) => Ok((candidate, signature)),
        Err(error) => {
            let is_of_signature = matches!(
                error,
                LoadError::Unsigned { .. }
                    | LoadError::UnknownKey { .. }
                    | LoadError::BadSignature { .. }
            );
            let kind = if is_of_signature { Kind::Signature } else { Kind::Broken };
            Err(Unseen { kind, error: error.into() })
        }
    }
}
