//! Counts the bytes of a document and passes them on unchanged, in the world `streamer`.

use plugwright_guest::{Attributes, Failure, Head, Stream, streamer};

streamer! { summary: "counts the bytes of a document", takes: ["*/*"], gives: ["*/*"], state: Count }

/// The number of bytes of the document so far.
struct Count(usize);

impl Stream for Count {
    type Options = ();

    fn open(_: &mut Head, (): ()) -> Result<Self, Failure> {
        Ok(Self(0))
    }

    fn push(&mut self, input: &[u8], output: &mut Vec<u8>) -> Result<usize, Failure> {
        self.0 += input.len();
        output.extend_from_slice(input);
        Ok(input.len())
    }

    fn finish(
        self,
        _: &[u8],
        _: &mut Vec<u8>,
        mut attributes: Attributes<'_>,
    ) -> Result<(), Failure> {
        attributes.set("bytes", self.0);
        Ok(())
    }
}
