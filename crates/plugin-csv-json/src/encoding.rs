//! Bytes to text, and what of them could not be read.

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};

use crate::rows::Problem;
use crate::text::Text;

/// Reads bytes as text, of the encoding that a byte order mark says, or else of the one that is given, or UTF-8.
pub(crate) struct Bytes {
    encoding: Option<&'static Encoding>,
    /// Absent until the document is long enough for a byte order mark.
    decoder: Option<Decoder>,
    /// The last bytes of earlier pieces. What is not of the encoding may begin in them.
    recent: Vec<u8>,
}

/// How long a byte order mark is at most.
const MARK: usize = 3;

/// No encoding looks at more bytes than these to say that some of them are not of it.
const RECENT: usize = 8;

impl Bytes {
    pub(crate) fn new(encoding: Option<&'static Encoding>) -> Self {
        Self { encoding, decoder: None, recent: Vec::new() }
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
            // Mostly a character is written in as many bytes as in UTF-8. If not, there are more turns.
            text.text.reserve(piece.len() - at + 16);
            let (result, read) =
                decoder.decode_to_string_without_replacement(&piece[at..], &mut text.text, last);
            at += read;
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(length, after) => {
                    let seen = [&self.recent, &piece[at.saturating_sub(RECENT)..at]].concat();
                    let end = seen.len() - usize::from(after);
                    let message =
                        message(&seen[end - usize::from(length)..end], decoder.encoding());
                    text.malformed.push_back(Problem::new(text.text.len(), message));
                    text.text.push(char::REPLACEMENT_CHARACTER);
                }
            }
        }
        self.recent.extend_from_slice(&piece[piece.len().saturating_sub(RECENT)..]);
        self.recent.drain(..self.recent.len().saturating_sub(RECENT));
    }
}

fn message(bytes: &[u8], encoding: &'static Encoding) -> String {
    let shown: Vec<_> = bytes.iter().map(|byte| format!("{byte:#04x}")).collect();
    let (noun, verb) = if bytes.len() == 1 { ("byte", "is") } else { ("bytes", "are") };
    format!("the {noun} {} {verb} not {} here", shown.join(" "), encoding.name())
}
