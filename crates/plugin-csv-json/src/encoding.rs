//! Bytes to text, and what of them could not be read.

use encoding_rs::{DecoderResult, Encoding, UTF_8};

/// A document's text.
pub(crate) struct Text {
    pub(crate) text: String,
    /// What was not of the encoding, in order. U+FFFD stands in its place.
    pub(crate) malformed: Vec<Malformed>,
}

/// Bytes that are not of the encoding.
pub(crate) struct Malformed {
    /// Where in the text they stood.
    pub(crate) offset: usize,
    pub(crate) message: String,
}

/// Reads bytes as text, of the encoding that a byte order mark says, or else of `encoding`, or UTF-8.
pub(crate) fn decode(body: &[u8], encoding: Option<&'static Encoding>) -> Text {
    let (encoding, mark) = Encoding::for_bom(body).unwrap_or((encoding.unwrap_or(UTF_8), 0));
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(body.len());
    let mut malformed = Vec::new();
    let mut at = mark;
    loop {
        let (result, read) =
            decoder.decode_to_string_without_replacement(&body[at..], &mut text, true);
        at += read;
        match result {
            DecoderResult::InputEmpty => return Text { text, malformed },
            // Half as much again as the rest needs, if it goes on as it is written mostly.
            DecoderResult::OutputFull => text.reserve((body.len() - at) * 3 / 2 + 16),
            DecoderResult::Malformed(length, after) => {
                let end = at - usize::from(after);
                let bytes = &body[end.saturating_sub(usize::from(length))..end];
                malformed.push(Malformed { offset: text.len(), message: message(bytes, encoding) });
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
    }
}

fn message(bytes: &[u8], encoding: &'static Encoding) -> String {
    let shown: Vec<_> = bytes.iter().map(|byte| format!("{byte:#04x}")).collect();
    let (noun, verb) = if bytes.len() == 1 { ("byte", "is") } else { ("bytes", "are") };
    format!("the {noun} {} {verb} not {} here", shown.join(" "), encoding.name())
}
