//! `just fuzz compare`: see [`fuzz::compare`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: fuzz::begin("compare", fuzz::compare::seeds()),
    |input: &[u8]| { fuzz::compare::run(input); }
);
