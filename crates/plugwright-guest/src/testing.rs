//! Helpers for unit tests of streamers on the author's machine.

use crate::streamer::Session;
use crate::{Document, Failure, Setting, Stream};

/// Puts a whole document through a plugin of the world `streamer`.
///
/// # Errors
///
/// Fails if an option is unknown or does not take its value, or if the plugin fails.
pub fn whole<S: Stream>(document: Document, settings: &[Setting]) -> Result<Document, Failure> {
    crate::streamer::transform::<S>(document, settings.to_vec())
}

/// Puts a document through a plugin of the world `streamer` in pieces of `length` bytes. A `length` of 0 counts as 1.
/// The result must be the same as that of [`whole`].
///
/// ```
/// # use plugwright_guest::{Attributes, Document, Failure, Head, Stream};
/// # struct Upper;
/// # impl Stream for Upper {
/// #     type Options = ();
/// #     fn open(_: &mut Head, (): ()) -> Result<Self, Failure> { Ok(Self) }
/// #     fn push(&mut self, input: &[u8], output: &mut Vec<u8>) -> Result<usize, Failure> {
/// #         let done = input.len() / 2;
/// #         output.extend(input[..done].to_ascii_uppercase());
/// #         Ok(done)
/// #     }
/// #     fn finish(self, input: &[u8], output: &mut Vec<u8>, _: Attributes<'_>) -> Result<(), Failure> {
/// #         output.extend(input.to_ascii_uppercase());
/// #         Ok(())
/// #     }
/// # }
/// use plugwright_guest::testing::{in_pieces, whole};
///
/// let document = Document::new("moon.txt", "text/plain", "The moon has no light of her own.");
/// for length in [1, 7, 100] {
///     assert_eq!(in_pieces::<Upper>(document.clone(), &[], length), whole::<Upper>(document.clone(), &[]));
/// }
/// # assert_eq!(whole::<Upper>(document.clone(), &[]).unwrap().body, b"THE MOON HAS NO LIGHT OF HER OWN.");
/// ```
///
/// # Errors
///
/// Fails if an option is unknown or does not take its value, or if the plugin fails.
pub fn in_pieces<S: Stream>(
    document: Document,
    settings: &[Setting],
    length: usize,
) -> Result<Document, Failure> {
    let (head, body) = document.into_parts();
    let session = Session::<S>::open(head, settings.to_vec())?;
    let (mut head, mut output) = (session.head(), Vec::new());
    for piece in body.chunks(length.max(1)) {
        output.extend(session.push(piece)?);
    }
    let ending = session.finish()?;
    output.extend(ending.body);
    head.attributes = ending.attributes;
    Ok(head.with_body(output))
}
