//! `just fuzz statements`: see [`fuzz::statements`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: fuzz::begin("statements", fuzz::statements::seeds()),
    |input: &[u8]| { fuzz::statements::run(input); }
);
