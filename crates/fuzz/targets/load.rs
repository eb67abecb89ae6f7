//! `just fuzz load`: see [`fuzz::load`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: fuzz::begin("load", fuzz::load::seeds()),
    |input: &[u8]| { fuzz::load::run(input); }
);
