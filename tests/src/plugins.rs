//! Plugins, loaded once however many tests use them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use plugwright::{Candidate, Dist, LoadError, Manifest, Plugin, Trust, Unverified};
use plugwright_contract::prelude::*;
use plugwright_contract::{AnyPlugin, Streamer, Transformer};

use crate::paths::{dist, host};

/// Loads the plugin `name` of `dist`, with nothing granted. Plugins of the same bytes are loaded once in a
/// program.
///
/// # Errors
///
/// What the host says.
///
/// # Panics
///
/// If it is not there, with what to do.
pub fn load(dist: &Dist, name: &str) -> Result<AnyPlugin, LoadError> {
    type Place = Arc<Mutex<Option<AnyPlugin>>>;
    static LOADED: Mutex<BTreeMap<Vec<u8>, Place>> = Mutex::new(BTreeMap::new());
    let bytes = dist.read(name).unwrap_or_else(|error| panic!("{error}"));
    let place = {
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(loaded.entry(bytes.clone()).or_default())
    };
    // Not under the lock of all: one plugin does not wait for another's compilation.
    let mut plugin = place.lock().unwrap_or_else(PoisonError::into_inner);
    if plugin.is_none() {
        *plugin = Some(host().load_any_bytes(name, &bytes)?);
    }
    Ok(plugin.clone().expect("it was just loaded"))
}

/// The plugin `bytes`, looked through.
///
/// # Panics
///
/// If it is none.
pub fn candidate<'a>(name: &'a str, bytes: &'a [u8]) -> Candidate<'a> {
    let candidate = Unverified::new(name, bytes).verify(&Trust::anybody());
    candidate.unwrap_or_else(|error| panic!("{error}"))
}

/// The manifest of the plugin `name` of `dist`.
///
/// # Panics
///
/// If the pipeline put none into it.
pub fn manifest(dist: &Dist, name: &str) -> Manifest {
    let bytes = dist.read(name).unwrap_or_else(|error| panic!("{error}"));
    let manifest = candidate(name, &bytes).manifest().cloned();
    manifest.unwrap_or_else(|| panic!("there is no manifest in `{name}`: type `just build`"))
}

fn loaded(name: &str) -> AnyPlugin {
    load(&dist(), name).unwrap_or_else(|error| panic!("{error}"))
}

/// The plugin `name` under test, which takes documents whole.
///
/// # Panics
///
/// If it cannot be loaded, with what to do.
pub fn transformer(name: &str) -> Plugin<Transformer> {
    match loaded(name) {
        AnyPlugin::Transformer(plugin) => plugin,
        AnyPlugin::Streamer(plugin) => plugin.to_transformer(),
        other => panic!("`{name}` is of the world `{}`, not of `transformer`", other.world()),
    }
}

/// The plugin `name` under test, of the world `streamer`.
///
/// # Panics
///
/// If it cannot be loaded, with what to do.
pub fn streamer(name: &str) -> Plugin<Streamer> {
    match loaded(name) {
        AnyPlugin::Streamer(plugin) => plugin,
        other => panic!("`{name}` is of the world `{}`, not of `streamer`", other.world()),
    }
}

/// The plugin `markdown` under test.
///
/// # Panics
///
/// As [`transformer`].
pub fn markdown() -> Plugin<Transformer> {
    transformer("markdown")
}

/// The plugin `checksum` under test.
///
/// # Panics
///
/// As [`streamer`].
pub fn checksum() -> Plugin<Streamer> {
    streamer("checksum")
}
