//! `just fuzz size`: see [`fuzz::size`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: fuzz::begin("size", fuzz::size::seeds()),
    |input: &[u8]| { fuzz::size::run(input); }
);
libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    fuzz::mutate::change(data, size, most, seed, libfuzzer_sys::fuzzer_mutate)
});
