//! Decodes bytes to text, and records bytes that are invalid in the encoding.

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};

use crate::text::{Malformed, RECENT, Text};

/// Decodes bytes in the encoding that a byte order mark declares, or else in the given encoding, or in UTF-8.
pub(crate) struct Bytes {
    encoding: Option<&'static Encoding>,
    /// Absent until the document is long enough to detect a byte order mark.
    decoder: Option<Decoder>,
    /// The last bytes of earlier pieces. An invalid sequence may begin in them.
    recent: Vec<u8>,
    buffer: String,
}

/// The greatest length of a byte order mark.
const MARK: usize = 3;

/// How many bytes the decoder gets at once. It reads all of them again after each invalid byte.
const PART: usize = 2048;

impl Bytes {
    pub(crate) fn new(encoding: Option<&'static Encoding>) -> Self {
        Self { encoding, decoder: None, recent: Vec::new(), buffer: "\0".repeat(2 * PART) }
    }

    /// Returns whether a piece of this length is too short to begin with, if more follows.
    pub(crate) fn waits(&self, length: usize) -> bool {
        self.decoder.is_none() && length < MARK
    }

    /// Appends the text of a piece of the document.
    pub(crate) fn read(&mut self, mut piece: &[u8], last: bool, text: &mut Text) {
        let decoder = self.decoder.get_or_insert_with(|| {
            let (encoding, mark) =
                Encoding::for_bom(piece).unwrap_or((self.encoding.unwrap_or(UTF_8), 0));
            piece = &piece[mark..];
            encoding.new_decoder_without_bom_handling()
        });
        let mut at = 0;
        loop {
            let end = piece.len().min(at + PART);
            let is_last = last && end == piece.len();
            let (result, read, written) = decoder.decode_to_str_without_replacement(
                &piece[at..end],
                &mut self.buffer,
                is_last,
            );
            text.text.push_str(&self.buffer[..written]);
            at += read;
            match result {
                DecoderResult::InputEmpty if end == piece.len() => break,
                DecoderResult::InputEmpty | DecoderResult::OutputFull => {}
                DecoderResult::Malformed(length, after) => {
                    let recent = self.recent.iter().chain(&piece[..at]).rev();
                    let mut bytes = [0; RECENT];
                    let seen = recent.skip(after.into()).take(length.into());
                    bytes.iter_mut().zip(seen).for_each(|(byte, seen)| *byte = *seen);
                    let offset = text.text.len();
                    let encoding = decoder.encoding();
                    text.malformed.push_back(Malformed { offset, bytes, length, encoding });
                    text.text.push(char::REPLACEMENT_CHARACTER);
                }
            }
        }
        self.recent.extend_from_slice(&piece[piece.len().saturating_sub(RECENT)..]);
        self.recent.drain(..self.recent.len().saturating_sub(RECENT));
    }
}
