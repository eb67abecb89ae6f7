//! Tells the checksum of a document, as `sha256sum` does, in the world `streamer`.
//!
//! The result is the line that `sha256sum --check` or `b3sum --check` reads. The checksum is also an attribute of the
//! result, named after the algorithm. The same code handles whole documents and documents that arrive piece by piece.
//!
//! # Model
//!
//! The models are `sha256sum` of coreutils 9.1 and `b3sum` 1.2. This plugin writes the same line for the same name,
//! with line breaks and backslashes escaped. `crc32` is the checksum of gzip, in eight digits. No program checks it.
//! When the command reads standard input, the name is `stdin`, where those programs write `-`.
//!
//! # Crates
//!
//! The crates are those of the algorithms' own projects, or the fastest well-maintained ones. Plugins are optimised for
//! size. Measured on 256 MiB, optimising these crates for speed instead saves less than the noise. Vector instructions
//! save a fifth of the time for SHA-256 and a third for BLAKE3. Those of BLAKE3 take 14 KB of the plugin's 105 KB.

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

/// The state of a document whose checksum is being computed.
struct Checksum {
    /// The name of the document, which the result contains.
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

/// Returns a line as `sha256sum` writes and checks it. Characters of the name that would break the line are escaped,
/// and then the line begins with a backslash.
fn line(checksum: &str, name: &str) -> String {
    let escaped = name.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
    let mark = if escaped == name { "" } else { "\\" };
    format!("{mark}{checksum}  {escaped}\n")
}
