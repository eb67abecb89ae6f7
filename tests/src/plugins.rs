//! Plugins that all tests of a program share. Each is loaded once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use plugwright::{Candidate, Dist, LoadError, Manifest, Plugin, Trust, Unverified};
use plugwright_contract::prelude::*;
use plugwright_contract::{AnyPlugin, Streamer, Transformer};

use crate::paths::{dist, host};

/// Loads the plugin `name` from `dist`, without grants. A program loads plugins with the same bytes only
/// once.
///
/// # Errors
///
/// The host's error, if the plugin cannot be loaded.
///
/// # Panics
///
/// If the plugin does not exist. The message says what to do.
pub fn load(dist: &Dist, name: &str) -> Result<AnyPlugin, LoadError> {
    type Place = Arc<Mutex<Option<AnyPlugin>>>;
    static LOADED: Mutex<BTreeMap<Vec<u8>, Place>> = Mutex::new(BTreeMap::new());
    let bytes = dist.read(name).unwrap_or_else(|error| panic!("{error}"));
    let place = {
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(loaded.entry(bytes.clone()).or_default())
    };
    // The lock is per plugin, so that one plugin does not wait while another is compiled.
    let mut plugin = place.lock().unwrap_or_else(PoisonError::into_inner);
    if plugin.is_none() {
        *plugin = Some(host().load_any_bytes(name, &bytes)?);
    }
    Ok(plugin.clone().expect("the plugin was just loaded"))
}

/// Inspects the plugin `bytes`.
///
/// # Panics
///
/// If `bytes` is not a plugin.
pub fn candidate<'a>(name: &'a str, bytes: &'a [u8]) -> Candidate<'a> {
    let candidate = Unverified::new(name, bytes).verify(&Trust::anybody());
    candidate.unwrap_or_else(|error| panic!("{error}"))
}

/// Returns the manifest of the plugin `name` in `dist`.
///
/// # Panics
///
/// If the plugin has no manifest.
pub fn manifest(dist: &Dist, name: &str) -> Manifest {
    let bytes = dist.read(name).unwrap_or_else(|error| panic!("{error}"));
    let manifest = candidate(name, &bytes).manifest().cloned();
    manifest.unwrap_or_else(|| panic!("`{name}` has no manifest: run `just build`"))
}

fn loaded(name: &str) -> AnyPlugin {
    load(&dist(), name).unwrap_or_else(|error| panic!("{error}"))
}

/// Returns the plugin `name` under test, which takes whole documents.
///
/// # Panics
///
/// If the plugin cannot be loaded. The message says what to do.
pub fn transformer(name: &str) -> Plugin<Transformer> {
    match loaded(name) {
        AnyPlugin::Transformer(plugin) => plugin,
        AnyPlugin::Streamer(plugin) => plugin.to_transformer(),
        other => panic!("`{name}` is of the world `{}`, not of `transformer`", other.world()),
    }
}

/// Returns the plugin `name` under test, of the world `streamer`.
///
/// # Panics
///
/// If the plugin cannot be loaded. The message says what to do.
pub fn streamer(name: &str) -> Plugin<Streamer> {
    match loaded(name) {
        AnyPlugin::Streamer(plugin) => plugin,
        other => panic!("`{name}` is of the world `{}`, not of `streamer`", other.world()),
    }
}

/// Returns the plugin `markdown` under test.
///
/// # Panics
///
/// As [`transformer`].
pub fn markdown() -> Plugin<Transformer> {
    transformer("markdown")
}

/// Returns the plugin `checksum` under test.
///
/// # Panics
///
/// As [`streamer`].
pub fn checksum() -> Plugin<Streamer> {
    streamer("checksum")
}
