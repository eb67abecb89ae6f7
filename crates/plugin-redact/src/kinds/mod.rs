//! The kinds of secrets and personal data that this plugin knows by itself.
//!
//! Each has a function that looks at one place of the text: at what stands `before` it, and at the
//! `rest` from there on. It sees so many bytes to both sides and no more.

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
    /// A kind of secret or personal data: its name is the value of the option, and stands in the place of what was
    /// found. Where two find the same bytes, the first wins.
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

/// What begins at a place.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    /// How long it is, as far as that is known.
    pub(crate) length: usize,
    /// How it goes on after that, however long it is.
    pub(crate) tail: Option<Tail>,
}

/// The rest of something that can be of any length.
#[derive(Clone, Copy)]
pub(crate) enum Tail {
    /// Letters, digits, `_` and `-`, and so many dots between them.
    Token { dots: u8 },
    /// The body of a private key, up to the line that ends it. So many bytes may stand before each line, and what comes
    /// next may go on in the middle of one.
    Key { prefix: u8, within: bool },
}

/// What the next bytes are to a tail.
pub(crate) enum Step {
    /// So many of them belong to it.
    Goes(usize, Tail),
    /// It ends after so many of them, as it should.
    Ends(usize),
    /// It breaks off before them.
    Breaks,
}

impl Kind {
    /// Says whether something of this kind can have the byte in this place, one of the first [`SEEN`], at all. Most places are
    /// told by that.
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

    /// What of this kind begins at the place.
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
    /// What the bytes from here on, at least one, are to it.
    pub(crate) fn step(self, rest: &[u8]) -> Step {
        match self {
            Self::Token { dots } => token::step(dots, rest),
            Self::Key { prefix, within } => key::step(prefix, within, rest),
        }
    }
}
