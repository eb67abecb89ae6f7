//! Plugins, loaded once however many tests use them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use plugwright::{AnyPlugin, Dist, Plugin, Streamer, Transformer};

use crate::paths::{dist, host};

/// Loads the plugin `name` of `dist`. Plugins of the same bytes are loaded once in a program.
///
/// # Panics
///
/// If it cannot be loaded, with what to do.
pub fn load(dist: &Dist, name: &str) -> AnyPlugin {
    static LOADED: Mutex<BTreeMap<Vec<u8>, Arc<OnceLock<AnyPlugin>>>> = Mutex::new(BTreeMap::new());
    let bytes = dist.read(name).unwrap_or_else(|error| panic!("{error}"));
    let plugin = {
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(loaded.entry(bytes.clone()).or_default())
    };
    // Not under the lock: one plugin does not wait for another's compilation.
    let plugin = plugin.get_or_init(|| {
        host().load_any_bytes(name, &bytes).unwrap_or_else(|error| panic!("{error}"))
    });
    plugin.clone()
}

/// The plugin `name` under test, of the world `transformer`.
///
/// # Panics
///
/// If it cannot be loaded, with what to do.
pub fn transformer(name: &str) -> Plugin<Transformer> {
    match load(&dist(), name) {
        AnyPlugin::Transformer(plugin) => plugin,
        other => panic!("`{name}` is of the world `{}`, not of `transformer`", other.world()),
    }
}

/// The plugin `name` under test, of the world `streamer`.
///
/// # Panics
///
/// If it cannot be loaded, with what to do.
pub fn streamer(name: &str) -> Plugin<Streamer> {
    match load(&dist(), name) {
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
