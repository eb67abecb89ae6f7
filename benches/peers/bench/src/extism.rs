//! Extism, as it is by default.

use std::fs;
use std::path::Path;

use extism::{CompiledPlugin, Plugin, PluginBuilder};
use work::Work;

use crate::way::Way;

/// Compiles a plugin, and keeps nothing.
pub fn compile(module: &[u8]) -> CompiledPlugin {
    PluginBuilder::new(module)
        .with_wasi(true)
        .with_cache_disabled()
        .compile()
        .expect("a plugin of Extism")
}

/// Writes what has compiled code kept in a folder beside it.
pub fn cache(file: &Path) {
    let folder = file.with_file_name("extism");
    let text = format!("[cache]\ndirectory = {:?}\n", folder.display().to_string());
    fs::write(file, text).expect("a file");
}

/// Loads a plugin, by way of what is kept.
pub fn load(module: &[u8], cache: &Path) -> CompiledPlugin {
    PluginBuilder::new(module)
        .with_wasi(true)
        .with_cache_config(cache)
        .compile()
        .expect("a plugin of Extism")
}

/// Calls of a plugin.
pub fn ways<'a>(compiled: &'a CompiledPlugin, work: Work) -> Vec<Way<'a>> {
    let instance = move || Plugin::new_from_compiled(compiled).expect("an instance");
    let call = move |plugin: &mut Plugin, body: &[u8]| -> Vec<u8> {
        plugin.call(work.name(), body).expect("an answer")
    };
    let fresh = Way::new("Extism", move |body| Box::new(move || call(&mut instance(), body)));
    let live = Way::new("Extism, live", move |body| {
        let mut plugin = instance();
        Box::new(move || call(&mut plugin, body))
    });
    vec![fresh, live]
}
