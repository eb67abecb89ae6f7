//! `just fuzz cache`: see [`fuzz::cache`].
#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz::begin("cache", []), |edits: Vec<fuzz::cache::Edit>| {
    fuzz::cache::run(&edits);
});
