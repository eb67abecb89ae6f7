//! What makes compiled code ours: the key that it is found by, the seal that it carries on its way from one
//! process to another, and the one place in which it is taken for code.

#![warn(clippy::arithmetic_side_effects)]

use std::hash::{Hash as _, Hasher};
use std::{fmt, io};

use wasmtime::Engine;
use wasmtime::component::Component;

/// Goes up when code is sealed in another way.
const FORMAT: u32 = 1;

/// What compiled code is found by: the component, and all that changes what it is compiled to.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Key(blake3::Hash);

/// What of the key is the same for all that is compiled for one engine. To find out takes as long as to hash a component, so
/// an engine that runs has it at hand.
#[derive(Debug, Clone)]
pub(crate) struct EngineKey(blake3::Hasher);

impl EngineKey {
    pub(crate) fn new(engine: &Engine) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&FORMAT.to_le_bytes());
        // The engine's part is the processor that it compiles for, its settings, and its version.
        Bytes(&mut hasher).write(env!("CARGO_PKG_VERSION").as_bytes());
        engine.precompile_compatibility_hash().hash(&mut Bytes(&mut hasher));
        Self(hasher)
    }
}

impl Key {
    pub(crate) fn new(engine: &Engine, wasm: &[u8]) -> Self {
        Self::of(&EngineKey::new(engine), &blake3::hash(wasm))
    }

    /// The key of the component that has the hash `wasm`, for the engine that `engine` is of.
    pub(crate) fn of(EngineKey(engine): &EngineKey, wasm: &blake3::Hash) -> Self {
        Self(engine.clone().update(wasm.as_bytes()).finalize())
    }

    /// Says whether `text` is a key as it is written.
    pub(crate) fn is_written(text: &str) -> bool {
        blake3::Hash::from_hex(text).is_ok()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Lets blake3 see what a `Hash` feeds to a hasher: 64 bits, as other hashers give, are too few to
/// keep two settings apart for good.
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

/// What this library compiled a component to: here, or in another process that sealed it.
pub(crate) struct Code(Vec<u8>);

impl Code {
    /// Compiles `wasm`.
    ///
    /// # Errors
    ///
    /// The compiler's.
    pub(crate) fn compile(engine: &Engine, wasm: &[u8]) -> wasmtime::Result<Self> {
        engine.precompile_component(wasm).map(Self)
    }

    /// The component of which this is the code.
    ///
    /// # Errors
    ///
    /// Says why `engine` does not run it.
    pub(crate) fn component(&self, engine: &Engine) -> wasmtime::Result<Component> {
        // SAFETY: these bytes are what `Engine::precompile_component` gave this library. For which settings and
        // version is in them, and `deserialize` compares that with `engine`. `Code::compile` has them from there.
        // `Sealer::open` has them from another process, by a file or by a pipe, with a seal that it checked over this
        // very memory: nobody can change it between the check and the use, as they could if a file were mapped. The
        // seal is made with a key that no other user can read: of a file, the key of a folder that is the user's
        // alone; of a pipe, a key that was drawn for this one answer and sent to the one process that was started
        // for it, by a pipe that nobody else holds.
        #[expect(unsafe_code, reason = "compiled code is run as it is, once its origin is known")]
        let component = unsafe { Component::deserialize(engine, &self.0) };
        component
    }
}

/// Seals compiled code, and opens what it has sealed.
pub(crate) struct Sealer([u8; Self::KEY]);

impl Sealer {
    /// The bytes of a key.
    pub(crate) const KEY: usize = blake3::KEY_LEN;

    /// The bytes that a seal adds.
    pub(crate) const SEAL: usize = blake3::OUT_LEN;

    /// The one that has this key.
    pub(crate) fn new(key: [u8; Self::KEY]) -> Self {
        Self(key)
    }

    /// The code, and the seal after it: one piece, so that of what is cut off or mixed with another nothing passes.
    pub(crate) fn seal(&self, key: &Key, Code(mut compiled): Code) -> Vec<u8> {
        let seal = self.seal_of(key, &compiled);
        compiled.extend_from_slice(seal.as_bytes());
        compiled
    }

    /// The code that is in `sealed`, if it is what [`Sealer::seal`] gave for the same key.
    pub(crate) fn open(&self, key: &Key, mut sealed: Vec<u8>) -> io::Result<Code> {
        let (compiled, seal) =
            sealed.split_last_chunk().ok_or_else(|| invalid("it is too short"))?;
        // Comparing hashes of blake3 takes the same time wherever they differ.
        if self.seal_of(key, compiled) != blake3::Hash::from_bytes(*seal) {
            return Err(invalid("its seal is broken"));
        }
        sealed.truncate(sealed.len().saturating_sub(Self::SEAL));
        Ok(Code(sealed))
    }

    fn seal_of(&self, key: &Key, compiled: &[u8]) -> blake3::Hash {
        // The key is sealed as well, so that no code does for another.
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
