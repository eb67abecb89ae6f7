//! Processes text piece by piece, and counts what is found.
//!
//! Whether something begins at a place, and where it ends, depends only on [`BEHIND`] bytes before that place and on
//! [`AHEAD`] bytes from there on. The redactor waits for these bytes before it decides on a place. So pieces of any
//! length give the same result as the whole text, in bounded memory.

use std::ops::Range;
use std::rc::Rc;

use plugwright_guest::Choice as _;

use crate::kinds::{AHEAD, Found, Kind, SEEN, Step, Tail, email, is_word, token};
use crate::options::Options;

/// How many bytes before a place are looked at.
const BEHIND: usize = 64;

/// The state of a text. Places are offsets in the buffer, with which the next piece begins: the text that is not yet
/// passed on, and the text just before it.
pub(crate) struct Redactor {
    rules: Rc<Rules>,
    /// Where the text begins that is neither passed on nor masked yet.
    at: usize,
    /// Where the last masked text ends. The text after it is read as if nothing stood before it.
    masked: usize,
    /// How the masked text continues, if it does.
    tail: Option<Tail>,
    /// The line in which the last masked text begins.
    masked_line: u64,
    /// For each pattern, its next match.
    searches: Vec<Search>,
    line: u64,
    report: Report,
}

/// What to look for, and what to replace it with: first the kinds, then the patterns of the options.
pub(crate) struct Rules {
    options: Options,
    masks: Vec<String>,
    /// For each of the first places and each byte, a bit mask of the kinds that can have this byte there.
    beginnings: [[u16; 256]; SEEN],
}

/// The bit for bytes of words, besides the bits of the kinds.
const WORD: u16 = 1 << 15;
/// How many bytes are searched for an `@` at once.
const SEARCHED: usize = 4096;
/// The length of the longest escape sequence, which is that of a colour, `ESC[38;2;255;255;255m`.
const ESCAPE: usize = 19;

/// What was found.
pub(crate) struct Report {
    /// For each rule, the number of its matches, and the line of the first one.
    pub(crate) found: Vec<Tally>,
    /// The lines in which private keys without an end begin.
    pub(crate) broken_keys: Vec<u64>,
}

#[derive(Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) count: u64,
    pub(crate) first_line: u64,
}

struct Hit {
    rule: usize,
    start: usize,
    found: Found,
}

/// How far the buffer was searched for a pattern.
#[derive(Clone, Default)]
struct Search {
    /// No match begins before this place, except the one that was found.
    searched: usize,
    found: Option<Range<usize>>,
}

impl Rules {
    pub(crate) fn new(options: Options) -> Self {
        let mut rules = Self { options, masks: Vec::new(), beginnings: [[0; 256]; SEEN] };
        rules.masks =
            rules.names().map(|name| rules.options.mask.replace("{kind}", name)).collect();
        for (place, bytes) in rules.beginnings.iter_mut().enumerate() {
            for (byte, kinds) in (0..=u8::MAX).zip(bytes) {
                *kinds = if place == 0 && is_word(byte) { WORD } else { 0 };
                for (index, kind) in rules.options.kinds.iter().enumerate() {
                    *kinds |= u16::from(kind.can_have(place, byte)) << index;
                }
            }
        }
        rules
    }

    /// Returns the bit of a kind, if this kind is looked for.
    fn bit(&self, kind: Kind) -> u16 {
        let index = self.options.kinds.iter().position(|it| *it == kind);
        index.map_or(0, |index| 1 << index)
    }

    /// Returns the names of all rules, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let kinds = self.options.kinds.iter().map(|kind| kind.name());
        kinds.chain(self.options.patterns.iter().map(|pattern| &*pattern.name))
    }
}

impl Report {
    fn new(rules: &Rules) -> Self {
        Self { found: vec![Tally::default(); rules.masks.len()], broken_keys: Vec::new() }
    }
}

impl Redactor {
    pub(crate) fn new(rules: Rc<Rules>) -> Self {
        Self {
            at: 0,
            masked: 0,
            tail: None,
            masked_line: 1,
            searches: vec![Search::default(); rules.options.patterns.len()],
            line: 1,
            report: Report::new(&rules),
            rules,
        }
    }

    /// Takes a piece, appends the decided text to `output`, and returns how many bytes it consumed.
    pub(crate) fn push(&mut self, input: &[u8], output: &mut Vec<u8>) -> usize {
        // Short pieces are collected, or each byte would be searched again for every piece in the lookahead.
        if input.len() - self.at >= 2 * AHEAD {
            self.advance(input, input.len() - AHEAD, output);
        }
        self.forget()
    }

    /// Takes the last piece, appends the rest to `output`, and returns what was found.
    pub(crate) fn finish(mut self, input: &[u8], output: &mut Vec<u8>) -> Report {
        self.advance(input, input.len(), output);
        if let Some(Tail::Key { .. }) = self.tail {
            self.key_is_broken();
        }
        self.report
    }

    /// Decides on all places before `end`.
    fn advance(&mut self, input: &[u8], end: usize, output: &mut Vec<u8>) {
        while self.at < end {
            if let Some(tail) = self.tail {
                match tail.step(&input[self.at..]) {
                    Step::Goes(length, tail) => {
                        self.mask(input, length);
                        self.tail = Some(tail);
                    }
                    Step::Ends(length) => self.mask(input, length),
                    Step::Breaks => {
                        self.key_is_broken();
                        self.tail = None;
                    }
                }
                continue;
            }
            let Some(Hit { rule, start, found }) = self.next(input, end) else {
                self.pass(input, end, output);
                break;
            };
            self.pass(input, start, output);
            let rules = Rc::clone(&self.rules);
            output.extend_from_slice(rules.masks[rule].as_bytes());
            let tally = &mut self.report.found[rule];
            tally.count += 1;
            if tally.count == 1 {
                tally.first_line = self.line;
            }
            self.masked_line = self.line;
            self.mask(input, found.length);
            self.tail = found.tail;
        }
    }

    /// Passes the text up to `end` on.
    fn pass(&mut self, input: &[u8], end: usize, output: &mut Vec<u8>) {
        let text = &input[self.at..end];
        output.extend_from_slice(text);
        self.line += lines(text);
        self.at = end;
    }

    /// Skips masked bytes, with which the masked text ends as far as is known.
    fn mask(&mut self, input: &[u8], length: usize) {
        let end = self.at + length;
        self.line += lines(&input[self.at..end]);
        (self.at, self.masked, self.tail) = (end, end, None);
    }

    /// Drops the text that no undecided place looks at, and returns how much that is.
    fn forget(&mut self) -> usize {
        let length = self.at.saturating_sub(BEHIND);
        self.at -= length;
        self.masked = self.masked.saturating_sub(length);
        for search in &mut self.searches {
            search.searched = search.searched.saturating_sub(length);
            search.found = search.found.take().and_then(|found| {
                Some(found.start.checked_sub(length)?..found.end.checked_sub(length)?)
            });
        }
        length
    }

    /// Returns the first match before `end`. Of several matches at one place, the longest wins, and then the caller's
    /// pattern.
    fn next(&mut self, input: &[u8], end: usize) -> Option<Hit> {
        let own = self.next_own(input, end);
        let last = own.as_ref().map_or(end, |hit| hit.start + 1);
        match (self.next_of_kinds(input, last), own) {
            (Some(kind), Some(own)) if kind.start == own.start && !kind.is_longer_than(&own) => {
                Some(own)
            }
            (None, own) => own,
            (kind, _) => kind,
        }
    }

    /// Returns the first match of a kind before `end`.
    fn next_of_kinds(&self, input: &[u8], end: usize) -> Option<Hit> {
        let rules = &self.rules;
        let [first, second, third] = &rules.beginnings;
        let before = &input[self.masked..self.at];
        let mut last = before.last().map_or(0, |byte| first[usize::from(*byte)]);
        let mut joins = before.last() == Some(&b'_');
        // A match can have begun before.
        let mut escape = self.at;
        // Searches up to the next `@`, because a word without `@` after it cannot begin an address.
        let (email, aws) = (rules.bit(Kind::Email), rules.bit(Kind::Aws));
        let mut without = self.at;
        for (start, &byte) in (self.at..end).zip(&input[self.at..end]) {
            let beginnings = first[usize::from(byte)];
            if matches!(byte, b'\\' | b'%' | 0x1b) {
                escape = start;
            }
            // Most places are inside words. There, matches begin only after an escape sequence, and for a JSON web
            // token after `_`.
            let inside = beginnings & last & WORD != 0
                && start - escape > ESCAPE
                && !(joins && byte == b'e');
            last = beginnings;
            joins = byte == b'_';
            let mut kinds = beginnings & !WORD;
            if kinds == 0 || inside {
                continue;
            }
            if let Some([_, a, b]) = input[start..].first_chunk::<SEEN>() {
                kinds &= second[usize::from(*a)] & third[usize::from(*b)];
            }
            if kinds & aws != 0 {
                let rest = input[start..].iter().take(token::AWS);
                if rest.take_while(|byte| token::is_base64(**byte)).count() < token::AWS {
                    kinds &= !aws;
                }
            }
            if kinds & email != 0 {
                if start + email::REACH > without {
                    let ahead = (start + SEARCHED).min(input.len());
                    let found = email::at_sign(&input[start..ahead]);
                    // A `%40` can extend beyond the searched text.
                    without = found.map_or(ahead.saturating_sub(2), |found| start + found);
                    if found.is_none() && ahead == input.len() {
                        without = usize::MAX;
                    }
                }
                if start + email::REACH <= without {
                    kinds &= !email;
                }
            }
            if kinds != 0
                && let Some(hit) = self.longest_at(input, start, kinds)
            {
                return Some(hit);
            }
        }
        None
    }

    /// Returns the match of a kind that begins at the place.
    fn longest_at(&self, input: &[u8], start: usize, mut kinds: u16) -> Option<Hit> {
        let before = &input[self.masked.max(start.saturating_sub(BEHIND))..start];
        let rest = &input[start..input.len().min(start + AHEAD)];
        let mut longest: Option<Hit> = None;
        while kinds != 0 {
            let rule = kinds.trailing_zeros() as usize;
            kinds &= kinds - 1;
            if let Some(found) = self.rules.options.kinds[rule].find(before, rest) {
                let hit = Hit { rule, start, found };
                if longest.as_ref().is_none_or(|longest| hit.is_longer_than(longest)) {
                    longest = Some(hit);
                }
            }
        }
        longest
    }

    /// Returns the first match of the caller's patterns before `end`.
    fn next_own(&mut self, input: &[u8], end: usize) -> Option<Hit> {
        let Self { rules, at, searches, .. } = self;
        let mut first: Option<Hit> = None;
        for (index, (search, pattern)) in
            searches.iter_mut().zip(&rules.options.patterns).enumerate()
        {
            let is_old = search.found.as_ref().is_none_or(|found| found.start < *at);
            if is_old && search.searched.max(*at) < end {
                let from = search.searched.max(*at);
                search.found = pattern.find(input, from).filter(|found| found.start < end);
                search.searched = search.found.as_ref().map_or(end, |found| found.start);
            } else if is_old {
                search.found = None;
            }
            let Some(found) = &search.found else { continue };
            let hit = Hit {
                rule: rules.options.kinds.len() + index,
                start: found.start,
                found: Found { length: found.len(), tail: None },
            };
            let is_first = first.as_ref().is_none_or(|first| {
                hit.start < first.start || hit.start == first.start && hit.is_longer_than(first)
            });
            if is_first {
                first = Some(hit);
            }
        }
        first
    }

    fn key_is_broken(&mut self) {
        self.report.broken_keys.push(self.masked_line);
    }
}

impl Hit {
    /// Returns whether it is longer. A match without a bounded length is longer than any other.
    fn is_longer_than(&self, other: &Self) -> bool {
        let length = |hit: &Self| (hit.found.tail.is_some(), hit.found.length);
        length(self) > length(other)
    }
}

/// Counts the line ends in the text, eight bytes at a time.
fn lines(text: &[u8]) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;

    let (words, rest) = text.as_chunks::<8>();
    let words = words.iter().map(|word| {
        let differences = u64::from_ne_bytes(*word) ^ u64::from_ne_bytes([b'\n'; 8]);
        // Sets the high bit of each zero byte.
        let ends = !(((differences & LOW) + LOW) | differences | LOW);
        u64::from(ends.count_ones())
    });
    words.sum::<u64>() + rest.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>()
}
