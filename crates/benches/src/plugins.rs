//! The plugins that are measured, and their inputs.

use std::fs;
use std::time::{Duration, Instant};

use plugwright::{Cache, Host, Limits};
use plugwright_contract::Document;

/// Makes a transformer that returns its document unchanged, from `echo.wat`.
pub fn echo() -> Vec<u8> {
    tests::around(include_str!("echo.wat"), "transformer")
}

/// Makes a transformer that turns small letters into capitals with SIMD, from `upper.wat`.
pub fn upper() -> Vec<u8> {
    tests::around(include_str!("upper.wat"), "transformer")
}

/// Returns the plugin `markdown` as it ships.
pub fn markdown() -> Vec<u8> {
    shipped("markdown")
}

/// Returns the plugin with this name as it ships.
///
/// # Panics
///
/// If the plugin is not built.
pub fn shipped(name: &str) -> Vec<u8> {
    tests::dist().read(name).unwrap_or_else(|error| panic!("{error}"))
}

/// Makes a document with this body.
pub fn document(body: &[u8]) -> Document {
    Document::new("document.md", "text/markdown", body)
}

/// Makes Markdown of this length by repeating the project's README.
pub fn text(length: usize) -> Vec<u8> {
    let readme = fs::read(tests::root().join("README.md")).expect("the README");
    let mut text: Vec<u8> = readme.into_iter().cycle().take(length).collect();
    // A character that is cut at the end would not be valid UTF-8.
    let valid = std::str::from_utf8(&text).map_or_else(|error| error.valid_up_to(), str::len);
    text[valid..].fill(b' ');
    text
}

/// Makes a host with these limits.
pub fn host(limits: Limits) -> Host {
    let cache = Cache::open(tests::cache_folder()).unwrap_or_else(|error| panic!("{error}"));
    Host::builder().limits(limits).cache(cache).build().expect("an engine")
}

/// Makes a host without limits, and a host with the default limits. The default limits do not include fuel, because
/// counting fuel costs time.
pub fn hosts() -> [(&'static str, Host); 2] {
    [("unlimited", host(Limits::none())), ("limited", host(Limits::default()))]
}

/// Measures `load` in a host with this cache that has not loaded anything yet.
pub fn first<R>(cache: &Cache, load: impl FnOnce(&Host) -> R) -> Duration {
    let host = Host::builder().cache(cache.clone()).build().expect("an engine");
    let begin = Instant::now();
    let loaded = load(&host);
    let time = begin.elapsed();
    drop(loaded);
    time
}
