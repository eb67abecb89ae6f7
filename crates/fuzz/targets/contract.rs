//! `just fuzz contract`: see [`fuzz::contract`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: fuzz::begin("contract", fuzz::contract::seeds()),
    |input: &[u8]| { fuzz::contract::run(input); }
);
