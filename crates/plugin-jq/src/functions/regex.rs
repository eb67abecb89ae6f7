//! Regular expressions: what `test`, `match`, `capture`, `scan`, `split`, `sub` and `gsub` are made of.

use jaq_core::native::Fun;
use jaq_core::{Cv, Error, ValR};
use jaq_json::Val;
use regex_lite::{Captures, Regex, RegexBuilder};

use super::{Data, input, native, once, text};

pub(super) fn natives() -> Vec<Fun<Data>> {
    vec![
        native("matches", 2, |call| once(parts(call, false, true))),
        native("split_matches", 2, |call| once(parts(call, true, true))),
        native("split_", 2, |call| once(parts(call, true, false))),
    ]
}

/// The input's parts: what is `between` matches, and the `matches`, each with its groups.
fn parts(mut call: Cv<'_, Data>, between: bool, matches: bool) -> ValR<Val> {
    let (flags, pattern) = (call.0.pop_var(), call.0.pop_var());
    let flags = text(&flags)?;
    let regex = regex(text(&pattern)?, flags)?;
    let input = input(&call)?;
    let mut counter = Counter { text: input, offset: 0, count: 0 };
    let mut parts = Vec::new();
    let mut rest = 0;
    for captures in regex.captures_iter(input) {
        let (start, end) =
            captures.get(0).map_or((rest, rest), |whole| (whole.start(), whole.end()));
        if start == end && flags.contains('n') {
            continue;
        }
        if between {
            parts.push(Val::from(input[rest..start].to_owned()));
            rest = end;
        }
        if matches {
            parts.push(groups(&regex, &captures, &mut counter));
        }
        if !flags.contains('g') {
            break;
        }
    }
    if between {
        parts.push(Val::from(input[rest..].to_owned()));
    }
    Ok(Val::from_iter(parts))
}

fn regex(pattern: &str, flags: &str) -> Result<Regex, Error<Val>> {
    let mut builder = RegexBuilder::new(pattern);
    for flag in flags.chars() {
        match flag {
            'g' | 'n' => &mut builder,
            'i' => builder.case_insensitive(true),
            'x' => builder.ignore_whitespace(true),
            's' => builder.dot_matches_new_line(true),
            'm' => builder.multi_line(true),
            'p' => builder.multi_line(true).dot_matches_new_line(true),
            'l' => builder.swap_greed(true),
            _ => {
                return Err(Error::str(format_args!("`{flag}` is no flag of regular expressions")));
            }
        };
    }
    let broken = |error| Error::str(format_args!("the regular expression `{pattern}`: {error}"));
    builder.build().map_err(broken)
}

/// A match, the whole of it first, and then the groups that took part in it.
fn groups(regex: &Regex, captures: &Captures<'_>, counter: &mut Counter<'_>) -> Val {
    let groups = captures.iter().zip(regex.capture_names());
    let groups = groups.filter_map(|(group, name)| {
        let group = group?;
        let string = group.as_str();
        let field = |key: &str, value: Val| (Val::from(key.to_owned()), value);
        let mut fields = vec![
            field("offset", Val::from(counter.characters(group.start()))),
            field("length", Val::from(string.chars().count())),
            field("string", Val::from(string.to_owned())),
        ];
        fields.extend(name.map(|name| field("name", Val::from(name.to_owned()))));
        Some(Val::obj(fields.into_iter().collect()))
    });
    groups.collect()
}

/// Counts the characters before places that come mostly one behind the other.
struct Counter<'a> {
    text: &'a str,
    offset: usize,
    count: usize,
}

impl Counter<'_> {
    fn characters(&mut self, offset: usize) -> usize {
        if offset < self.offset {
            (self.offset, self.count) = (0, 0);
        }
        self.count += self.text[self.offset..offset].chars().count();
        self.offset = offset;
        self.count
    }
}
