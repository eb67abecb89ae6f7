//! Bytes to text, and what of them could not be read.

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};

use crate::text::{Malformed, RECENT, Text};

/// Reads bytes as text, of the encoding that a byte order mark says, or else of the one that is given, or UTF-8.
pub(crate) struct Bytes {
    encoding: Option<&'static Encoding>,
    /// Absent until the document is long enough for a byte order mark.
    decoder: Option<Decoder>,
    /// The last bytes of earlier pieces. What is not of the encoding may begin in them.
    recent: Vec<u8>,
    buffer: String,
}

/// How long a byte order mark is at most.
const MARK: usize = 3;

/// How much the decoder is given at once, all of which it looks at again behind each byte that is not of the encoding.
const PART: usize = 2048;

impl Bytes {
    pub(crate) fn new(encoding: Option<&'static Encoding>) -> Self {
        Self { encoding, decoder: None, recent: Vec::new(), buffer: "\0".repeat(2 * PART) }
    }

    /// Says whether a piece this long is too short to begin with, if more is to come.
    pub(crate) fn waits(&self, length: usize) -> bool {
        self.decoder.is_none() && length < MARK
    }

    /// Puts what a piece of the document says behind the text.
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
