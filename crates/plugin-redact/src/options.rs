//! The options of this plugin, and how they are read.

use crate::exports::plugwright::plugin::transform::{
    BadOption, Failure, Location, OptionDescription, Setting,
};
use crate::kinds::Kind;
use crate::pattern::Pattern;

const DEFAULT_MASK: &str = "[REDACTED:{kind}]";
/// The most patterns at once.
const PATTERNS: usize = 32;

/// The options of one call.
pub(crate) struct Options {
    pub(crate) kinds: Vec<Kind>,
    pub(crate) patterns: Vec<Pattern>,
    mask: String,
}

impl Options {
    /// Reads the options; the last setting of an option counts.
    pub(crate) fn from_settings(settings: Vec<Setting>) -> Result<Self, Failure> {
        let mut options =
            Self { kinds: Kind::ALL.into(), patterns: Vec::new(), mask: DEFAULT_MASK.to_owned() };
        for Setting { key, value } in settings {
            let read = match &*key {
                "kinds" => kinds(&value).map(|kinds| options.kinds = kinds),
                "patterns" => patterns(&value).map(|patterns| options.patterns = patterns),
                "mask" => {
                    options.mask = value;
                    Ok(())
                }
                _ => return Err(Failure::UnknownOption(key)),
            };
            read.map_err(|(at, message)| Failure::BadOption(BadOption { key, message, at }))?;
        }
        Ok(options)
    }

    /// What to put in the place of what is called `name`.
    pub(crate) fn mask(&self, name: &str) -> String {
        self.mask.replace("{kind}", name)
    }
}

/// Why an option does not take a value, and where in it, if that can be said.
type Wrong = (Option<Location>, String);

/// Reads a list of kinds, in whatever order.
fn kinds(value: &str) -> Result<Vec<Kind>, Wrong> {
    let mut wanted = Vec::new();
    for name in value.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
        let none = || (None, format!("`{name}` is none of {}", names("`, `", "`")));
        wanted.push(kind.ok_or_else(none)?);
    }
    Ok(Kind::ALL.into_iter().filter(|kind| wanted.contains(kind)).collect())
}

/// Reads patterns, a line `NAME=PATTERN` each.
fn patterns(value: &str) -> Result<Vec<Pattern>, Wrong> {
    let mut patterns: Vec<Pattern> = Vec::new();
    for (index, line) in value.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |column: usize, message| {
            let bounded = |number| u32::try_from(number).unwrap_or(u32::MAX);
            let at = Location { line: bounded(index + 1), column: bounded(column) };
            Err((Some(at), message))
        };
        let Some((name, pattern)) = line.split_once('=') else {
            return wrong(1, "this line has no `=`: write NAME=PATTERN".to_owned());
        };
        let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || name.len() > 32 || !name.chars().all(is_part) {
            let message =
                format!("`{name}` is no name: take up to 32 lowercase letters, digits and hyphens");
            return wrong(1, message);
        }
        let is_taken = Kind::ALL.into_iter().any(|kind| kind.name() == name)
            || patterns.iter().any(|pattern| pattern.name == name);
        if is_taken {
            return wrong(1, format!("the name `{name}` is taken: take another one"));
        }
        if patterns.len() == PATTERNS {
            return wrong(1, format!("there are more than {PATTERNS} patterns"));
        }
        match Pattern::new(name, pattern) {
            Ok(pattern) => patterns.push(pattern),
            // Without a place of its own it is the whole pattern that is wrong.
            Err((place, message)) => return wrong(name.len() + 2 + place.unwrap_or(0), message),
        }
    }
    Ok(patterns)
}

/// Describes the options, with the defaults of [`Options::from_settings`].
pub(crate) fn describe() -> Vec<OptionDescription> {
    let option = |key: &str, default: &str, help: &str| OptionDescription {
        key: key.to_owned(),
        default: default.to_owned(),
        help: help.to_owned(),
    };
    vec![
        option(
            "kinds",
            &names(",", ""),
            "what to look for, separated by commas; empty for nothing but `patterns`",
        ),
        option(
            "patterns",
            "",
            "what else to look for, each a line NAME=PATTERN; the pattern is a regular expression over \
             bytes whose matches have from 1 to 1024 of them, `^` and `$` are the beginning and the end \
             of a line",
        ),
        option(
            "mask",
            DEFAULT_MASK,
            "what to put in the place of what is found; `{kind}` is its kind or the pattern's name",
        ),
    ]
}

/// The names of all kinds, with `separator` between them and `quote` around them all.
fn names(separator: &str, quote: &str) -> String {
    let names = Kind::ALL.map(Kind::name).join(separator);
    format!("{quote}{names}{quote}")
}
