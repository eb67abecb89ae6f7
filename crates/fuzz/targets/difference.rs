//! `just fuzz difference`: see [`fuzz::difference`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: fuzz::begin("difference", fuzz::difference::seeds()),
    |input: &[u8]| { fuzz::difference::run(input); }
);
libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    fuzz::difference::change(data, size, most, seed, libfuzzer_sys::fuzzer_mutate)
});
