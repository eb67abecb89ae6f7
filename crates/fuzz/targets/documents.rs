//! `just fuzz documents`: see [`fuzz::documents`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: fuzz::begin("documents", fuzz::documents::seeds()),
    |input: &[u8]| { fuzz::documents::run(input); }
);
libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    fuzz::documents::change(data, size, most, seed, libfuzzer_sys::fuzzer_mutate)
});
