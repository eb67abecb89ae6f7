//! Masks secrets and personal data in text, in the world `streamer`.
//!
//! It finds e-mail addresses, IP addresses, card numbers, IBANs, the tokens of AWS, GitHub and Slack, JSON web tokens,
//! private keys, and matches of the caller's patterns. It looks into the document's body and into the values of its
//! attributes, but not into its name. The text is bytes: bytes that are not UTF-8 pass through, and `kinds/text.rs`
//! defines words. UTF-16 and compressed documents are refused, because nothing would be found in them. Attributes and
//! log lines tell how often each kind was found, and never what was found.
//!
//! # Precedence
//!
//! The leftmost match wins, then the longest. For the same bytes, the caller's pattern wins, then the first kind in the
//! list of kinds. A match without a bounded length counts as the longest. Within one pattern, the regular expression
//! decides which match it prefers. Text after something that was masked is read as if nothing stood before it, so that
//! redacting twice gives the same result as redacting once. With another `mask` or with patterns this may not hold,
//! because they can find the mask itself.
//!
//! # Bounds
//!
//! The same code handles whole documents and documents that arrive piece by piece. Whether something begins at a place
//! depends on the 64 bytes before it and the 4096 bytes from there on. The plugin waits for these bytes, so a session
//! holds back at most 8 KiB, and needs no more memory for a long document. No kind with a bounded length comes near
//! that. A name of more than 64 bytes before an `@`, or a domain of more than 253, is not an address, but a shorter
//! address within it is. Tokens, JSON web tokens and private keys are recognised by their beginnings, and can then have
//! any length. A token extends to the end of its letters, digits, `_` and `-`. A key extends to its line `END`. If the
//! key is torn, it extends to the first byte that cannot be a part of a key, and a log line says so. A pattern whose
//! matches can be longer than 1024 bytes is refused.
//!
//! Each place is checked in bounded time, and patterns are matched in time linear in the text. So no text can make the
//! plugin slow.
//!
//! # False positives
//!
//! A card number must have a known issuer's prefix and length, a correct check digit, and the grouping of a card. An
//! IBAN must have its country's length and correct check digits. A JSON web token must have a header that names an
//! algorithm. These are left unchanged:
//!
//! - `::1`, `127.0.0.1` and `0.0.0.0`
//! - addresses without a digit or with only short groups, such as `a::b` and `1::2`
//! - the `git@` of Git servers
//! - the version of a package, `name@1.2.3-rc.next`
//!
//! Four numbers up to 255 are an IP address, even if they were meant as a version.
//!
//! # Comparison with other scanners
//!
//! This plugin treats as secrets what two sets of public rules find under the same names: those of gitleaks (of July
//! 2026, 222 rules) and of detect-secrets 1.5 (27 plugins).
//!
//! | kind | gitleaks | detect-secrets |
//! | --- | --- | --- |
//! | `aws` | access keys and keys of Bedrock; only this plugin finds secret keys and session tokens by their names | access keys, and secret keys by their name |
//! | `github` | all of its five rules; only this plugin finds the long tokens of apps of 2026 | tokens except `github_pat_` and the long ones |
//! | `slack` | all of its nine rules | bots, users and webhooks |
//! | `jwt` | signed tokens; only this plugin finds encrypted ones, and only gitleaks finds those within Base64 | signed tokens |
//! | `private-key` | blocks; only this plugin finds keys in a log, a string, an address or a quotation, and those of PuTTY | the line `BEGIN` |
//! | `ip` | | addresses of version 4 that are not private |
//! | `email`, `card`, `iban` | | |
//!
//! This plugin does not find some two hundred tokens of other services that gitleaks knows, such as those of Stripe,
//! GitLab, npm, `PyPI`, Google Cloud and Azure. It does not find passwords in web addresses, and secrets that only
//! their name or their entropy would tell: rules for high entropy find a hundred times as much that is not secret. Add
//! a pattern for each such token.
//!
//! `suite/secrets.rs` measures this. It has some 2600 texts with made-up values of these kinds, written in 26 ways, and
//! private keys written in nine. All values are masked, and nothing else in the texts is. In the 4 MB of text of this
//! project, the plugin finds eleven addresses in examples, and nothing else.
//!
//! # Design
//!
//! The kinds are functions over bytes, not regular expressions. Most kinds need more than regular expressions can
//! express, such as check digits, and each call would have to compile them again. Only the caller uses regular
//! expressions. This was measured with one of them on 34 MB of prose, with an older release of this plugin. The current
//! release takes 0.27 s without a pattern, and 0.32 s with one.
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
//! `regex-lite` accepts only UTF-8, and does not tell how long matches can be, which the plugin must know to work piece
//! by piece. The lazy DFA is worth its 90 KB. It gives up at a Unicode word boundary in text that is not ASCII, so
//! `\w`, `\d` and `\b` are ASCII. Patterns can contain other letters literally, and in classes after `(?u)`.

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

/// The attribute with the number of all matches. The attributes of kinds have it as their prefix.
const KEY: &str = "redacted";

/// The state of a document, with the numbers for its attributes.
struct Redact {
    rules: Rc<Rules>,
    /// For each rule, the number of matches in the attributes.
    in_attributes: Vec<u64>,
    redactor: Redactor,
    /// Whether the beginning of the document was checked.
    begun: bool,
}

impl Redact {
    /// Refuses a document in which no secret could be found, so that nobody takes it for clean.
    fn begin(&mut self, input: &[u8]) -> Result<(), Failure> {
        let known =
            if self.begun { None } else { UNREADABLE.iter().find(|it| input.starts_with(it.0)) };
        self.begun = true;
        match known {
            Some((_, what)) => {
                let message = format!("this is {what}, in which nothing would be found");
                Err(Invalid::new(format!("{message}: convert it to plain text in UTF-8 first"))
                    .into())
            }
            None => Ok(()),
        }
    }
}

/// The beginnings of documents whose bytes are not their text.
const UNREADABLE: [(&[u8], &str); 6] = [
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
    (b"\x1f\x8b", "compressed by gzip"),
    (b"BZh", "compressed by bzip2"),
    (b"PK\x03\x04", "an archive of ZIP"),
    (b"\x28\xb5\x2f\xfd", "compressed by Zstandard"),
];

/// The length of the longest of these beginnings, in bytes.
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

/// Adds `count` to the attribute, so that a document that goes through twice keeps its earlier counts.
fn add(attributes: &mut Attributes<'_>, key: &str, count: u64) {
    let before: Option<u64> = attributes.get(key).map(|value| value.parse().unwrap_or(0));
    attributes.update(key, before.unwrap_or(0).saturating_add(count));
}
