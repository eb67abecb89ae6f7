//! `just fuzz pipeline`: see [`fuzz::pipeline`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: fuzz::begin("pipeline", fuzz::pipeline::seeds()),
    |input: &[u8]| { fuzz::pipeline::run(input); }
);
