//! `just fuzz manifest`: see [`fuzz::manifest`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: fuzz::begin("manifest", fuzz::manifest::seeds()),
    |input: &[u8]| {
        fuzz::manifest::run(input);
    }
);
