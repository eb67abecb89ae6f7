//! Extism, with its default settings.

use std::fs;
use std::path::Path;

use extism::{CompiledPlugin, Plugin, PluginBuilder};
use work::Work;

use crate::way::Way;

/// Compiles a plugin without a cache.
pub fn compile(module: &[u8]) -> CompiledPlugin {
    PluginBuilder::new(module)
        .with_wasi(true)
        .with_cache_disabled()
        .compile()
        .expect("the Extism plugin compiles")
}

/// Writes the configuration that puts compiled code into a folder beside the file.
pub fn cache(file: &Path) {
    let folder = file.with_file_name("extism");
    let text = format!("[cache]\ndirectory = {:?}\n", folder.display().to_string());
    fs::write(file, text).expect("the file can be written");
}

/// Loads a plugin from the cache.
pub fn load(module: &[u8], cache: &Path) -> CompiledPlugin {
    PluginBuilder::new(module)
        .with_wasi(true)
        .with_cache_config(cache)
        .compile()
        .expect("the Extism plugin compiles")
}

/// Returns the ways to call a plugin.
pub fn ways<'a>(compiled: &'a CompiledPlugin, work: Work) -> Vec<Way<'a>> {
    let instance = move || Plugin::new_from_compiled(compiled).expect("the instance starts");
    let call = move |plugin: &mut Plugin, body: &[u8]| -> Vec<u8> {
        plugin.call(work.name(), body).expect("the call returns an answer")
    };
    let fresh = Way::new("Extism", move |body| Box::new(move || call(&mut instance(), body)));
    let live = Way::new("Extism, live", move |body| {
        let mut plugin = instance();
        Box::new(move || call(&mut plugin, body))
    });
    vec![fresh, live]
}
