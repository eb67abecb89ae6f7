//! The plugins that are measured, and what they are given.

use std::fs;
use std::time::{Duration, Instant};

use plugwright::{Cache, Host, Limits};
use plugwright_contract::Document;

/// A transformer that gives its document back as it is, made of `echo.wat`.
pub fn echo() -> Vec<u8> {
    tests::around(include_str!("echo.wat"), "transformer")
}

/// A transformer that makes small letters large ones with SIMD, made of `upper.wat`.
pub fn upper() -> Vec<u8> {
    tests::around(include_str!("upper.wat"), "transformer")
}

/// The plugin `markdown` as it ships.
pub fn markdown() -> Vec<u8> {
    shipped("markdown")
}

/// The plugin of this name as it ships.
///
/// # Panics
///
/// If it is not built.
pub fn shipped(name: &str) -> Vec<u8> {
    tests::dist().read(name).unwrap_or_else(|error| panic!("{error}"))
}

/// A document with this body.
pub fn document(body: &[u8]) -> Document {
    Document::new("document.md", "text/markdown", body)
}

/// Markdown of this length: the project's README, over and over.
pub fn text(length: usize) -> Vec<u8> {
    let readme = fs::read(tests::root().join("README.md")).expect("the README");
    let mut text: Vec<u8> = readme.into_iter().cycle().take(length).collect();
    // A character cut at the end would be no text.
    let valid = std::str::from_utf8(&text).map_or_else(|error| error.valid_up_to(), str::len);
    text[valid..].fill(b' ');
    text
}

/// A host with these limits.
pub fn host(limits: Limits) -> Host {
    let cache = Cache::open(tests::cache_folder()).unwrap_or_else(|error| panic!("{error}"));
    Host::builder().limits(limits).cache(cache).build().expect("an engine")
}

/// A host without limits, and one with all of them except fuel, which is off by default because
/// counting it costs time.
pub fn hosts() -> [(&'static str, Host); 2] {
    [("unlimited", host(Limits::none())), ("limited", host(Limits::default()))]
}

/// What `load` takes in a host that has loaded nothing yet and has this cache.
pub fn first<R>(cache: &Cache, load: impl FnOnce(&Host) -> R) -> Duration {
    let host = Host::builder().cache(cache.clone()).build().expect("an engine");
    let begin = Instant::now();
    let loaded = load(&host);
    let time = begin.elapsed();
    drop(loaded);
    time
}
