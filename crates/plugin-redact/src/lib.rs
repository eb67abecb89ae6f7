//! Masks secrets and personal data in text, in the world `streamer`.
//!
//! It finds e-mail addresses, IP addresses, card numbers, IBANs, the tokens of AWS, GitHub and Slack, JSON
//! web tokens, private keys, and what the caller's patterns say; of the document's body, and of the values
//! of its attributes, but not of its name. The text is bytes: what is not UTF-8 passes through, and words
//! are as said in `kinds/text.rs`; but UTF-16 and what is compressed are refused, since nothing would be found in them. Attributes and log lines tell how often each kind was found, and never
//! what was found.
//!
//! # What wins
//!
//! The leftmost wins, then the longest; of the same bytes the caller's pattern, then the first in the list
//! of kinds. What is of any length counts as the longest. Within one pattern it is the regular expression
//! that says which match it prefers. What follows something that was masked begins as if nothing stood
//! before it, so that redacting twice is redacting once. With another `mask` or with patterns this can be
//! otherwise: they can find the mask itself.
//!
//! # Bounds
//!
//! A document goes through whole or piece by piece, by the same code. What begins at a place is decided by
//! 64 bytes before it and 4096 from it on, which are waited for, so a session holds 8 KiB back at most and
//! needs no more memory for a long document. Nothing of a bounded kind comes near that; a name of
//! more than 64 bytes before an `@`, or a domain of more than 253, is no address, but a shorter one within
//! it is. Tokens, JSON web tokens and private keys are recognised by how they begin and can then be of any
//! length: a token goes on to the end of its letters, digits, `_` and `-`; a key to its line `END`, or, if
//! it is torn, to what cannot be of a key, and a log line says so. A pattern whose matches can be longer
//! than 1024 bytes is refused.
//!
//! Each place is looked at in bounded time, and patterns are matched in time linear in the text, so that no
//! text makes it slow.
//!
//! # False positives
//!
//! A card number needs a known issuer's prefix and length, the right check digit, and the grouping of a
//! card; an IBAN its country's length and the right check digits; a JSON web token a header that names an
//! algorithm. `::1`, `127.0.0.1`, `0.0.0.0`, addresses without a digit or with short groups alone, such as `a::b`
//! and `1::2`, the `git@` of Git servers and the version of a package, `name@1.2.3-rc.next`, are left as they are. Four numbers up to 255 are an IP address, even if
//! they were meant as a version.
//!
//! # Beside other scanners
//!
//! What of it is a secret is what two sets of public rules find under the same names: those of gitleaks (of July
//! 2026, 222 rules) and of detect-secrets 1.5 (27 plugins).
//!
//! | kind | gitleaks | detect-secrets |
//! | --- | --- | --- |
//! | `aws` | access keys and keys of Bedrock; secret keys and session tokens by their names are here alone | access keys, and secret keys by their name |
//! | `github` | all of its five rules; the long tokens of apps of 2026 are here alone | tokens without `github_pat_` and the long ones |
//! | `slack` | all of its nine rules | bots, users and webhooks |
//! | `jwt` | those that are signed; encrypted ones are here alone, those within Base64 there | those that are signed |
//! | `private-key` | blocks; in a log, a string, an address or a quotation, and those of PuTTY, are here alone | the line `BEGIN` |
//! | `ip` | | addresses of version 4 that are not private |
//! | `email`, `card`, `iban` | | |
//!
//! Not found are the some two hundred tokens of other services that gitleaks knows, such as those of Stripe, GitLab, npm,
//! `PyPI`, Google Cloud and Azure, passwords in addresses of the web, and what is told by its name or its disorder alone: high
//! entropy finds a hundred times as much that is none. Whoever has such tokens adds a pattern for each.
//!
//! `suite/secrets.rs` measures both sides: of some 2600 texts with made-up values of these kinds in 26 ways of writing, and
//! private keys in nine, all are masked, and nothing else of them is; in the 4 MB of text of this project it finds eleven addresses in examples, and nothing else.
//!
//! # Why so
//!
//! The kinds are functions over bytes and not regular expressions, because most need more than those can
//! say, such as check digits, and because each call would have to compile them again. Regular expressions
//! are the caller's alone. Measured with one of them on 34 MB of prose, by an
//! older release of this plugin. This one takes 0.27 s without a pattern, and 0.32 s with one.
//!
//! | crate and features | size of the plugin | time |
//! | --- | --- | --- |
//! | no pattern | | 1.3 s |
//! | `regex-lite` | 168 KB | 5.9 s |
//! | `regex` | 384 KB | 6.8 s |
//! | `regex`, `perf-dfa` | 474 KB | 1.6 s |
//! | `regex`, `perf-literal` | 530 KB | 7.0 s |
//! | `regex`, `perf-dfa`, Unicode | 555 KB | 8.5 s |
//!
//! `regex-lite` takes only UTF-8, and tells nothing of how long matches can be, which pieces need. The lazy
//! DFA is worth its 90 KB; it gives up where a Unicode word boundary meets text that is not ASCII, so `\w`,
//! `\d` and `\b` are ASCII. Letters beyond it can be written as they are, and in classes after `(?u)`.

mod kinds;
mod options;
mod pattern;
mod redactor;

use std::rc::Rc;

use options::Options;
use plugwright_guest::{
    Attribute, Attributes, Failure, Head, Invalid, Stream, info, streamer, warn,
};
use redactor::{Redactor, Report, Rules};

streamer! {
    summary: "masks secrets and personal data in text",
    takes: ["*/*"],
    gives: ["*/*"],
    state: Redact
}

/// The attribute of how much was found; those of the kinds begin with it.
const KEY: &str = "redacted";

/// A document on its way through, and what is said of it at its end.
struct Redact {
    rules: Rc<Rules>,
    /// How often each rule found something in the attributes.
    in_attributes: Vec<u64>,
    redactor: Redactor,
    /// Whether its beginning was looked at.
    begun: bool,
}

impl Redact {
    /// Refuses what no secret would be found in, so that nobody takes it for clean.
    fn begin(&mut self, input: &[u8]) -> Result<(), Failure> {
        let known =
            if self.begun { None } else { UNREADABLE.iter().find(|it| input.starts_with(it.0)) };
        self.begun = true;
        match known {
            Some((_, what)) => {
                let message = format!("this is {what}, in which nothing would be found");
                Err(Invalid::new(format!("{message}: make it plain text of UTF-8 first")).into())
            }
            None => Ok(()),
        }
    }
}

/// How documents begin that are not the text that they hold.
const UNREADABLE: [(&[u8], &str); 6] = [
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
    (b"\x1f\x8b", "compressed by gzip"),
    (b"BZh", "compressed by bzip2"),
    (b"PK\x03\x04", "an archive of ZIP"),
    (b"\x28\xb5\x2f\xfd", "compressed by Zstandard"),
];

/// The longest of those beginnings, in bytes.
const BEGINNING: usize = 4;

impl Stream for Redact {
    type Options = Options;

    fn open(head: &mut Head, options: Options) -> Result<Self, Failure> {
        let rules = Rc::new(Rules::new(options));
        let mut in_attributes = vec![0; rules.names().count()];
        for Attribute { value, .. } in &mut head.attributes {
            let mut redacted = Vec::with_capacity(value.len());
            let report = Redactor::new(Rc::clone(&rules)).finish(value.as_bytes(), &mut redacted);
            *value = String::from_utf8_lossy(&redacted).into_owned();
            for (count, tally) in in_attributes.iter_mut().zip(report.found) {
                *count += tally.count;
            }
        }
        let redactor = Redactor::new(Rc::clone(&rules));
        Ok(Self { rules, in_attributes, redactor, begun: false })
    }

    fn push(&mut self, input: &[u8], output: &mut Vec<u8>) -> Result<usize, Failure> {
        if !self.begun && input.len() < BEGINNING {
            return Ok(0);
        }
        self.begin(input)?;
        output.reserve(input.len());
        Ok(self.redactor.push(input, output))
    }

    fn finish(
        mut self,
        input: &[u8],
        output: &mut Vec<u8>,
        mut attributes: Attributes<'_>,
    ) -> Result<(), Failure> {
        self.begin(input)?;
        let Self { rules, in_attributes, redactor, .. } = self;
        let report = redactor.finish(input, output);
        log(&rules, &in_attributes, &report);
        let counts = in_attributes.iter().zip(&report.found).map(|(count, it)| count + it.count);
        let counts: Vec<u64> = counts.collect();
        add(&mut attributes, KEY, counts.iter().sum());
        for (name, count) in rules.names().zip(counts).filter(|(_, count)| *count > 0) {
            add(&mut attributes, &format!("{KEY}.{name}"), count);
        }
        Ok(())
    }
}

/// Logs a line for each kind that was found, and never what was found.
fn log(rules: &Rules, in_attributes: &[u64], report: &Report) {
    for ((name, tally), in_attributes) in rules.names().zip(&report.found).zip(in_attributes) {
        if tally.count > 0 {
            info!("redacted", kind = name, count = tally.count, first_line = tally.first_line);
        }
        if *in_attributes > 0 {
            info!("redacted in attributes", kind = name, count = in_attributes);
        }
    }
    if let Some(line) = report.broken_keys.first() {
        warn!("a private key has no end", count = report.broken_keys.len(), first_line = line);
    }
}

/// Adds `count` to the attribute, so that a document that goes through twice keeps what is known of it.
fn add(attributes: &mut Attributes<'_>, key: &str, count: u64) {
    let before: Option<u64> = attributes.get(key).map(|value| value.parse().unwrap_or(0));
    attributes.update(key, before.unwrap_or(0).saturating_add(count));
}
