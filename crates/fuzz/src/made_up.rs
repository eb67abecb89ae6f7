//! Components and modules that are generated from random bytes.

use arbitrary::Unstructured;
use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use wasm_smith::{Component, Config, Module};

use crate::part::Part;

/// Returns components that use every feature of WebAssembly. They are the same each time.
pub(crate) fn components() -> Vec<Vec<u8>> {
    let mut random = StdRng::seed_from_u64(0);
    let mut components = Vec::new();
    for length in [64, 256, 1024, 4096] {
        for _ in 0..8 {
            let bytes = bytes(length, &mut random);
            let component = Component::new(Config::default(), &mut Unstructured::new(&bytes));
            components.extend(component.map(|component| component.to_bytes()));
        }
    }
    components
}

/// Returns a module with the imports and exports of `module`, and with different contents.
pub(crate) fn module_like(module: &Part, random: &mut StdRng) -> Option<Part> {
    let module_shape = module.encode();
    wasmparser::validate(&module_shape).ok()?;
    let length = random.random_range(64..4096);
    let bytes = bytes(length, random);
    let config = Config {
        module_shape: Some(module_shape),
        max_memory32_bytes: 16 << 20,
        ..Config::default()
    };
    let module = Module::new(config, &mut Unstructured::new(&bytes)).ok()?;
    Part::parse(&module.to_bytes())
}

fn bytes(length: usize, random: &mut StdRng) -> Vec<u8> {
    let mut bytes = vec![0; length];
    random.fill_bytes(&mut bytes);
    bytes
}
