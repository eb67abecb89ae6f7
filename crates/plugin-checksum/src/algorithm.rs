//! The algorithms, each behind the same three steps: begin, update, finish.

use plugwright_guest::choices;
use sha2::{Digest as _, Sha256};

choices! {
    /// A checksum algorithm. Its name is also the name of the attribute that holds the checksum.
    pub(crate) enum Algorithm {
        Sha256 = "sha-256",
        Blake3 = "blake3",
        Crc32 = "crc32",
    }
}

/// A checksum that is being computed.
pub(crate) enum Hasher {
    Sha256(Sha256),
    /// Boxed, because this state is twenty times as large as the others.
    Blake3(Box<blake3::Hasher>),
    Crc32(crc32fast::Hasher),
}

impl Algorithm {
    /// Returns the extension of a file with such checksums.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Blake3 => "b3",
            Self::Crc32 => "crc32",
        }
    }

    pub(crate) fn begin(self) -> Hasher {
        match self {
            Self::Sha256 => Hasher::Sha256(Sha256::new()),
            Self::Blake3 => Hasher::Blake3(Box::default()),
            Self::Crc32 => Hasher::Crc32(crc32fast::Hasher::new()),
        }
    }
}

impl Hasher {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Blake3(hasher) => {
                hasher.update(bytes);
            }
            Self::Crc32(hasher) => hasher.update(bytes),
        }
    }

    /// Returns the checksum in lowercase hexadecimal digits.
    pub(crate) fn finish(self) -> String {
        match self {
            Self::Sha256(hasher) => hex(&hasher.finalize()),
            Self::Blake3(hasher) => hex(hasher.finalize().as_bytes()),
            Self::Crc32(hasher) => hex(&hasher.finalize().to_be_bytes()),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
