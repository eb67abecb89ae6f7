//! Tells the checksum of a document, as `sha256sum` does, in the world `streamer`.
//!
//! The result is the line that `sha256sum --check` or `b3sum --check` reads, and the checksum is an
//! attribute of it, named after the algorithm. A document goes through whole or piece by piece, by the
//! same code.
//!
//! # Model
//!
//! `sha256sum` of coreutils 9.1 and `b3sum` 1.2: the same line for the same name, in which a line break and a backslash are
//! escaped. `crc32` is that of gzip, in eight digits, which no program checks. What the command reads from
//! standard input is called `stdin`, where those programs write `-`.
//!
//! # Crates
//!
//! They are those of the algorithms' own projects, or the fastest that are kept well. Measured on
//! 256 MiB, optimising them for speed and not for size, as all plugins are, saves less than the noise; instructions for
//! vectors save a fifth of SHA-256 and a third of BLAKE3, and the latter's cost 14 KB of the plugin's 105.

mod algorithm;

use algorithm::{Algorithm, Hasher};
use plugwright_guest::{Attributes, Choice as _, Failure, Head, Stream, options, streamer};

streamer! {
    summary: "tells the checksum of a document, as `sha256sum` does",
    takes: ["*/*"],
    gives: ["text/plain"],
    state: Checksum
}

options! {
    struct Options {
        /// which checksum: one of `sha-256`, `blake3`, `crc32`
        algorithm: Algorithm = Algorithm::Sha256;
    }
}

/// A document's checksum in the making.
struct Checksum {
    /// What the document is called, of which the resulting one says the checksum.
    name: String,
    algorithm: Algorithm,
    hasher: Hasher,
}

impl Stream for Checksum {
    type Options = Options;

    fn open(head: &mut Head, Options { algorithm }: Options) -> Result<Self, Failure> {
        let name = head.name.clone();
        head.name = format!("{name}.{}", algorithm.extension());
        "text/plain".clone_into(&mut head.media_type);
        Ok(Self { name, algorithm, hasher: algorithm.begin() })
    }

    fn push(&mut self, input: &[u8], _: &mut Vec<u8>) -> Result<usize, Failure> {
        self.hasher.update(input);
        Ok(input.len())
    }

    fn finish(
        self,
        _: &[u8],
        output: &mut Vec<u8>,
        mut attributes: Attributes<'_>,
    ) -> Result<(), Failure> {
        let checksum = self.hasher.finish();
        output.extend_from_slice(line(&checksum, &self.name).as_bytes());
        attributes.set(self.algorithm.name(), checksum);
        Ok(())
    }
}

/// A line as `sha256sum` writes and checks it. In a name that would break the line, what does so is
/// escaped, and a backslash at the beginning of the line says so.
fn line(checksum: &str, name: &str) -> String {
    let escaped = name.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
    let mark = if escaped == name { "" } else { "\\" };
    format!("{mark}{checksum}  {escaped}\n")
}
