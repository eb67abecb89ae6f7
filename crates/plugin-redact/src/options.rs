//! The options of this plugin.

use plugwright_guest::{Choice as _, Invalid, Spaced, options};

use crate::kinds::Kind;
use crate::pattern::Pattern;

options! {
    pub(crate) struct Options {
        /// what to look for, separated by commas; empty for nothing but `patterns`
        pub(crate) kinds: Spaced<Kind> = Kind::ALL;
        /// what else to look for, one line NAME=PATTERN each; the pattern is a regular expression over
        /// bytes, its matches have from 1 to 1024 bytes, and `^` and `$` match at the beginning and the
        /// end of a line
        pub(crate) patterns: Vec<Pattern> = "", by patterns;
        /// the text that replaces each match; `{kind}` is its kind or the pattern's name
        pub(crate) mask: String = "[REDACTED:{kind}]";
    }
}

/// The greatest number of patterns.
const PATTERNS: usize = 32;

/// Reads patterns, one line `NAME=PATTERN` each.
fn patterns(value: &str) -> Result<Vec<Pattern>, Invalid> {
    let mut patterns: Vec<Pattern> = Vec::new();
    for (index, line) in value.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |column, message: String| Err(Invalid::new(message).at(index + 1, column));
        let Some((name, pattern)) = line.split_once('=') else {
            return wrong(1, "this line has no `=`: write NAME=PATTERN".to_owned());
        };
        let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || name.len() > 32 || !name.chars().all(is_part) {
            let message = format!(
                "`{name}` is not a name: use up to 32 lowercase letters, digits and hyphens"
            );
            return wrong(1, message);
        }
        let is_taken = Kind::ALL.iter().any(|kind| kind.name() == name)
            || patterns.iter().any(|pattern| pattern.name == name);
        if is_taken {
            return wrong(1, format!("the name `{name}` is taken: use another one"));
        }
        if patterns.len() == PATTERNS {
            return wrong(1, format!("there are more than {PATTERNS} patterns"));
        }
        match Pattern::new(name, pattern) {
            Ok(pattern) => patterns.push(pattern),
            // Without a place, the whole pattern is wrong.
            Err((place, message)) => return wrong(name.len() + 2 + place.unwrap_or(0), message),
        }
    }
    Ok(patterns)
}
