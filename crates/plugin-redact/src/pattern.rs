//! The caller's patterns, which are regular expressions.

use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::ErrorKind;

/// The longest match of a pattern. Together with the text that a pattern may look at beyond its match, this is well
/// below the lookahead.
const LONGEST: usize = 1024;
/// The greatest size of a compiled pattern, and of its cache.
const SIZE: usize = 256 << 10;
/// The greatest nesting of a pattern, because the parser is recursive.
const DEPTH: u32 = 50;

/// A pattern with its name.
pub(crate) struct Pattern {
    pub(crate) name: String,
    regex: Regex,
}

impl Pattern {
    /// Compiles the pattern, or returns what is wrong, and at which character, counted from 0.
    pub(crate) fn new(name: &str, pattern: &str) -> Result<Self, (Option<usize>, String)> {
        let mut parser = ParserBuilder::new();
        parser.unicode(false).utf8(false).multi_line(true).nest_limit(DEPTH);
        let parsed = parser.build().parse(pattern).map_err(|error| match &error {
            regex_syntax::Error::Parse(error) => {
                (Some(error.span().start.offset), error.kind().to_string())
            }
            regex_syntax::Error::Translate(error) => {
                (Some(error.span().start.offset), untranslated(error.kind()))
            }
            _ => (None, error.to_string()),
        });
        let parsed = parsed.map_err(|(offset, message)| {
            (offset.map(|offset| pattern[..offset].chars().count()), message)
        })?;
        let properties = parsed.properties();
        if properties.minimum_len() == Some(0) {
            return Err((
                None,
                "it also matches the empty text: make it match at least one byte".to_owned(),
            ));
        }
        if properties.maximum_len().is_none_or(|length| length > LONGEST) {
            let message = format!(
                "its matches can be longer than {LONGEST} bytes: say how long, as `{{1,100}}` in the \
                 place of `+` and `{{0,100}}` in that of `*` do"
            );
            return Err((None, message));
        }
        let mut builder = RegexBuilder::new(pattern);
        builder.unicode(false).multi_line(true).nest_limit(DEPTH).size_limit(SIZE);
        let regex = builder.dfa_size_limit(SIZE).build().map_err(|_| {
            (
                None,
                format!(
                    "it takes more than {SIZE} bytes when compiled: make its repetitions shorter"
                ),
            )
        })?;
        Ok(Self { name: name.to_owned(), regex })
    }

    /// Returns the first match that begins at `from` or after it.
    pub(crate) fn find(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        self.regex.find_at(text, from).map(|found| found.range())
    }
}

/// Returns what is wrong if a pattern needs more of Unicode than this plugin has.
fn untranslated(kind: &ErrorKind) -> String {
    match kind {
        ErrorKind::UnicodeNotAllowed => {
            "classes are ASCII unless they are in `(?u:…)`, and `\\p{…}` is not supported".to_owned()
        }
        ErrorKind::UnicodePropertyNotFound
        | ErrorKind::UnicodePropertyValueNotFound
        | ErrorKind::UnicodePerlClassNotFound
        | ErrorKind::UnicodeCaseUnavailable => {
            "of Unicode there are only characters: `\\w`, `\\d`, `\\s`, `\\b` and `(?i)` are ASCII, without \
             `(?u)`, and `\\p{…}` is not there"
                .to_owned()
        }
        _ => kind.to_string(),
    }
}
