//! The built-in kinds of secrets and personal data.
//!
//! Each kind has a function that looks at one place: at the text `before` it, and at the `rest` from there on. The
//! function sees a bounded number of bytes on both sides.

mod card;
pub(crate) mod email;
mod iban;
mod ip;
mod key;
mod text;
pub(crate) mod token;

use plugwright_guest::choices;
pub(crate) use text::is_word;

choices! {
    /// A kind of secret or personal data. Its name is the value of the option, and is put in place of what was found.
    /// If two kinds find the same bytes, the first kind wins.
    pub(crate) enum Kind {
        Email = "email",
        Ip = "ip",
        Card = "card",
        Iban = "iban",
        Aws = "aws",
        Github = "github",
        Slack = "slack",
        Jwt = "jwt",
        PrivateKey = "private-key",
    }
}

/// How many bytes from a place on are looked at.
pub(crate) const AHEAD: usize = 4096;

/// How many bytes are looked at first.
pub(crate) const SEEN: usize = 3;

/// A match that begins at a place.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    /// The length of the match, as far as it is known.
    pub(crate) length: usize,
    /// How the match continues after that, if its length is not bounded.
    pub(crate) tail: Option<Tail>,
}

/// The rest of a match without a bounded length.
#[derive(Clone, Copy)]
pub(crate) enum Tail {
    /// Letters, digits, `_` and `-`, with this many dots between them.
    Token { dots: u8 },
    /// The body of a private key, up to the line that ends it. Each line can have a prefix of this length, and the next
    /// piece may begin in the middle of a line.
    Key { prefix: u8, within: bool },
}

/// How the next bytes continue a match.
pub(crate) enum Step {
    /// This many bytes belong to the match.
    Goes(usize, Tail),
    /// The match ends properly after this many bytes.
    Ends(usize),
    /// The match breaks off before these bytes.
    Breaks,
}

impl Kind {
    /// Returns whether a match of this kind can have the byte at this place, one of the first [`SEEN`]. This check
    /// decides most places.
    pub(crate) fn can_have(self, place: usize, byte: u8) -> bool {
        match (self, place) {
            (Self::Email, 0) => is_word(byte) || text::is_lead(byte) || byte == b'\\',
            (Self::Email, _) => true,
            (Self::Ip, 0) => byte.is_ascii_hexdigit() || byte == b':',
            (Self::Ip, _) => byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'),
            (Self::Card, _) | (Self::Iban, 2) => byte.is_ascii_digit(),
            (Self::Iban, _) => byte.is_ascii_alphabetic(),
            (Self::Aws, 0) => token::is_base64(byte) && byte != b'=',
            (Self::Aws, _) => token::is_base64(byte),
            (Self::Github, _) => [&b"g"[..], b"hi", b"pousrt"][place].contains(&byte),
            (Self::Slack, _) => [&b"xh"[..], b"oa", b"xpo"][place].contains(&byte),
            (Self::Jwt, _) => b"eyJ"[place] == byte,
            (Self::PrivateKey, _) => [b"-P", b"-r", b"-i"][place].contains(&byte),
        }
    }

    /// Returns the match of this kind that begins at the place.
    pub(crate) fn find(self, before: &[u8], rest: &[u8]) -> Option<Found> {
        let bounded = |length| Found { length, tail: None };
        match self {
            Self::Email => email::find(before, rest).map(bounded),
            Self::Ip => ip::find(before, rest).map(bounded),
            Self::Card => card::find(before, rest).map(bounded),
            Self::Iban => iban::find(before, rest).map(bounded),
            Self::Aws => token::aws(before, rest).map(bounded),
            Self::Github => token::github(before, rest),
            Self::Slack => token::slack(before, rest),
            Self::Jwt => token::jwt(before, rest),
            Self::PrivateKey => key::find(before, rest),
        }
    }
}

impl Tail {
    /// Returns how the bytes from here on continue the match. There is at least one byte.
    pub(crate) fn step(self, rest: &[u8]) -> Step {
        match self {
            Self::Token { dots } => token::step(dots, rest),
            Self::Key { prefix, within } => key::step(prefix, within, rest),
        }
    }
}
