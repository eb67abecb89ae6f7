//! What makes compiled code ours: the key that it is found by, and the seal that it carries.

#![warn(clippy::arithmetic_side_effects)]

use std::ffi::OsStr;
use std::hash::{Hash as _, Hasher};
use std::io;

use tracing::warn;
use wasmtime::Engine;

use super::folder::Folder;
use super::{CacheError, invalid, stem};
use crate::ForeignText;

/// Goes up when files of the cache are written in another way.
const FORMAT: u32 = 1;

const EXTENSION: &str = "cwasm";
const SEAL_KEY: &str = "seal-key";

/// What compiled code is found by: the component, and all that changes what it is compiled to.
pub(super) struct Key(blake3::Hash);

impl Key {
    pub(super) fn new(engine: &Engine, wasm: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&FORMAT.to_le_bytes());
        // The engine's part is the processor that it compiles for, its settings, and its version.
        Bytes(&mut hasher).write(env!("CARGO_PKG_VERSION").as_bytes());
        engine.precompile_compatibility_hash().hash(&mut Bytes(&mut hasher));
        hasher.update(blake3::hash(wasm).as_bytes());
        Self(hasher.finalize())
    }

    pub(super) fn file_name(&self) -> String {
        format!("{}.{EXTENSION}", self.0)
    }

    /// Says whether a file of this name is one of the cache's. Whatever else is in the folder is left
    /// alone.
    pub(super) fn is_of(name: &OsStr) -> bool {
        stem(name, EXTENSION).is_some_and(|key| blake3::Hash::from_hex(key).is_ok())
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

/// Seals compiled code, and opens what it has sealed.
pub(super) struct Sealer([u8; blake3::KEY_LEN]);

impl Sealer {
    /// Reads the folder's key, or makes one. All processes agree on it.
    pub(super) fn of(folder: &Folder) -> Result<Self, CacheError> {
        let path = folder.path().join(SEAL_KEY);
        Self::read_or_make(folder).map_err(|source| CacheError::Key { path, source })
    }

    fn read_or_make(folder: &Folder) -> io::Result<Self> {
        let path = folder.path().join(SEAL_KEY);
        let read = || {
            let (_, bytes) = folder.read(&path, blake3::KEY_LEN as u64)?;
            let key = bytes.try_into().map_err(|_| invalid("it is not as long as a key"))?;
            Ok(Self(key))
        };
        let unreadable: io::Error = match read() {
            Ok(sealer) => return Ok(sealer),
            Err(error) => error,
        };
        let mut key = [0; blake3::KEY_LEN];
        getrandom::fill(&mut key).map_err(io::Error::from)?;
        if unreadable.kind() == io::ErrorKind::NotFound {
            // If another process is quicker, its key is the one.
            folder.create(&path, &key)?;
        } else {
            // Nothing can be told from a seal of a key that is damaged or was not private: all that
            // it sealed is compiled again.
            warn!("`{}` is made anew: {unreadable}", ForeignText::of_path(&path));
            folder.replace(&path, &key)?;
        }
        read()
    }

    /// `compiled`, and the seal after it: one file, so that what two processes write at once is always
    /// the whole of the one or of the other.
    pub(super) fn seal(&self, key: &Key, mut compiled: Vec<u8>) -> Vec<u8> {
        let seal = self.seal_of(key, &compiled);
        compiled.extend_from_slice(seal.as_bytes());
        compiled
    }

    /// What is in `sealed`, if it is what [`Sealer::seal`] gave for the same key.
    pub(super) fn open<'a>(&self, key: &Key, sealed: &'a [u8]) -> io::Result<&'a [u8]> {
        let (compiled, seal) =
            sealed.split_last_chunk().ok_or_else(|| invalid("it is too short"))?;
        // Comparing hashes of blake3 takes the same time wherever they differ.
        if self.seal_of(key, compiled) == blake3::Hash::from_bytes(*seal) {
            Ok(compiled)
        } else {
            Err(invalid("its seal is broken"))
        }
    }

    fn seal_of(&self, key: &Key, compiled: &[u8]) -> blake3::Hash {
        // The key is sealed as well, so that no file does for another.
        blake3::Hasher::new_keyed(&self.0).update(key.0.as_bytes()).update(compiled).finalize()
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::{Config, Engine, OptLevel};

    use super::Key;

    #[test]
    fn a_key_is_of_the_component_and_of_all_that_changes_its_code() {
        let name = |config: &Config, wasm: &[u8]| {
            Key::new(&Engine::new(config).expect("an engine"), wasm).file_name()
        };
        let key = name(&Config::new(), b"one");
        assert_eq!(key, name(&Config::new(), b"one"));
        assert_ne!(key, name(&Config::new(), b"other"));
        assert_ne!(key, name(Config::new().cranelift_opt_level(OptLevel::None), b"one"));
        assert_ne!(key, name(Config::new().cranelift_nan_canonicalization(true), b"one"));
        assert_ne!(key, name(Config::new().consume_fuel(true), b"one"));
        assert_ne!(key, name(Config::new().epoch_interruption(true), b"one"));
        assert!(Key::is_of(key.as_ref()));
        assert!(!Key::is_of("seal-key".as_ref()));
        assert!(!Key::is_of("notes.cwasm".as_ref()));
    }
}
