//! Proves that compiled code comes from this library: the key that it is looked up by, the seal that protects it
//! between processes, and the only function that loads it as code.

#![warn(clippy::arithmetic_side_effects)]

use std::hash::{Hash as _, Hasher};
use std::{fmt, io};

use wasmtime::Engine;
use wasmtime::component::Component;

/// The version of the sealed format.
const FORMAT: u32 = 1;

/// The key of compiled code: a hash of the component and of everything else that affects its code.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Key(blake3::Hash);

/// The part of the key that all code for one engine shares. Computing it takes as long as hashing a component, so a
/// running engine keeps it.
#[derive(Debug, Clone)]
pub(crate) struct EngineKey(blake3::Hasher);

impl EngineKey {
    pub(crate) fn new(engine: &Engine) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&FORMAT.to_le_bytes());
        // The engine's hash covers the target processor, the settings and the version of the engine.
        Bytes(&mut hasher).write(env!("CARGO_PKG_VERSION").as_bytes());
        engine.precompile_compatibility_hash().hash(&mut Bytes(&mut hasher));
        Self(hasher)
    }
}

impl Key {
    pub(crate) fn new(engine: &Engine, wasm: &[u8]) -> Self {
        Self::of(&EngineKey::new(engine), &blake3::hash(wasm))
    }

    /// Returns the key of the component with the hash `wasm`, for the engine with the key `engine`.
    pub(crate) fn of(EngineKey(engine): &EngineKey, wasm: &blake3::Hash) -> Self {
        Self(engine.clone().update(wasm.as_bytes()).finalize())
    }

    /// Says whether `text` is the written form of a key.
    pub(crate) fn is_written(text: &str) -> bool {
        blake3::Hash::from_hex(text).is_ok()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Feeds the data of a `Hash` to blake3, because the 64 bits of other hashers are too few to distinguish settings
/// reliably.
struct Bytes<'a>(&'a mut blake3::Hasher);

impl Hasher for Bytes<'_> {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
    }

    fn finish(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = *self.0.finalize().as_bytes();
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }
}

/// Code that this library compiled: in this process, or in another process that sealed it.
pub(crate) struct Code(Vec<u8>);

impl Code {
    /// Compiles `wasm`.
    ///
    /// # Errors
    ///
    /// The compiler's error.
    pub(crate) fn compile(engine: &Engine, wasm: &[u8]) -> wasmtime::Result<Self> {
        engine.precompile_component(wasm).map(Self)
    }

    /// Loads the code as a component.
    ///
    /// # Errors
    ///
    /// The reason why `engine` cannot run it.
    pub(crate) fn component(&self, engine: &Engine) -> wasmtime::Result<Component> {
        // SAFETY: these bytes are an output of `Engine::precompile_component` of this library. They contain the
        // settings and the version, and `deserialize` compares both with `engine`. A `Code` comes from one of two
        // places: `Code::compile` gets the bytes directly. `Sealer::open` gets them from another process, through a
        // file or a pipe, and checks their seal in this memory, so nobody can change them between the check and the
        // use, as would be possible with a mapped file. The seal is made with a key that no other user can read: for a
        // file, the key in a folder that only the user can access; for a pipe, a random key for this one answer, sent
        // only to the process that was started for it, through a pipe that nobody else holds.
        #[expect(unsafe_code, reason = "compiled code is run as it is, once its origin is known")]
        let component = unsafe { Component::deserialize(engine, &self.0) };
        component
    }
}

/// Seals compiled code, and opens sealed code.
pub(crate) struct Sealer([u8; Self::KEY]);

impl Sealer {
    /// The length of a key in bytes.
    pub(crate) const KEY: usize = blake3::KEY_LEN;

    /// The length of a seal in bytes.
    pub(crate) const SEAL: usize = blake3::OUT_LEN;

    /// Creates a sealer with this key.
    pub(crate) fn new(key: [u8; Self::KEY]) -> Self {
        Self(key)
    }

    /// Returns the code with the seal after it. The seal covers the whole code, so code that was cut or mixed with
    /// other code does not pass.
    pub(crate) fn seal(&self, key: &Key, Code(mut compiled): Code) -> Vec<u8> {
        let seal = self.seal_of(key, &compiled);
        compiled.extend_from_slice(seal.as_bytes());
        compiled
    }

    /// Returns the code in `sealed`, if [`Sealer::seal`] sealed it for the same key.
    pub(crate) fn open(&self, key: &Key, mut sealed: Vec<u8>) -> io::Result<Code> {
        let (compiled, seal) =
            sealed.split_last_chunk().ok_or_else(|| invalid("it is too short"))?;
        // blake3 compares hashes in constant time.
        if self.seal_of(key, compiled) != blake3::Hash::from_bytes(*seal) {
            return Err(invalid("its seal is broken"));
        }
        sealed.truncate(sealed.len().saturating_sub(Self::SEAL));
        Ok(Code(sealed))
    }

    fn seal_of(&self, key: &Key, compiled: &[u8]) -> blake3::Hash {
        // The seal covers the key too, so that code cannot be passed off as that of another component.
        blake3::Hasher::new_keyed(&self.0).update(key.0.as_bytes()).update(compiled).finalize()
    }
}

fn invalid(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

#[cfg(test)]
mod tests {
    use wasmtime::{Config, Engine, OptLevel};

    use super::Key;

    #[test]
    fn a_key_is_of_the_component_and_of_all_that_changes_its_code() {
        let name = |config: &Config, wasm: &[u8]| {
            Key::new(&Engine::new(config).expect("an engine"), wasm).to_string()
        };
        let key = name(&Config::new(), b"one");
        assert_eq!(key, name(&Config::new(), b"one"));
        assert_ne!(key, name(&Config::new(), b"other"));
        assert_ne!(key, name(Config::new().cranelift_opt_level(OptLevel::None), b"one"));
        assert_ne!(key, name(Config::new().cranelift_nan_canonicalization(true), b"one"));
        assert_ne!(key, name(Config::new().consume_fuel(true), b"one"));
        assert_ne!(key, name(Config::new().epoch_interruption(true), b"one"));
        assert!(Key::is_written(&key));
        assert!(!Key::is_written("seal-key"));
    }
}
