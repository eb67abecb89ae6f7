//! Regular expressions, on which `test`, `match`, `capture`, `scan`, `split`, `sub` and `gsub` are built.

use std::rc::Rc;

use jaq_core::native::Fun;
use jaq_core::{Cv, Error, ValR};
use regex_lite::{Captures, Regex, RegexBuilder};

use super::{Data, native, once, text};
use crate::value::{Entries, Val, error, wrong};

pub(super) fn natives() -> Vec<Fun<Data>> {
    vec![native("_match", 3, |call| once(matches(call)))]
}

/// Returns the matches of an expression, or whether there is one.
fn matches(mut call: Cv<'_, Data>) -> ValR<Val> {
    let (whether, flags, pattern) = (call.0.pop_var(), call.0.pop_var(), call.0.pop_var());
    let Val::Text(input) = &call.1 else {
        return Err(wrong(&call.1, "cannot be matched, as it is not a string"));
    };
    let pattern = text(&pattern)?;
    let flags = match &flags {
        Val::Null => "",
        flags => text(flags)?,
    };
    let regex = regex(pattern, flags)?;
    let (all, not_empty) = (flags.contains('g'), flags.contains('n'));
    let whether = whether == Val::Bool(true);
    if whether && !not_empty {
        return Ok(Val::Bool(regex.is_match(input)));
    }
    let mut counter = Counter { text: input, offset: 0, count: 0 };
    let mut found = Vec::new();
    // jq also finds an empty match where another match has just ended. The iterators of regex-lite skip it.
    let mut from = 0;
    while let Some(captures) = regex.captures_at(input, from) {
        let whole = captures.get(0).map_or(0..0, |whole| whole.range());
        let next = input[whole.end..].chars().next().map_or(1, char::len_utf8);
        from = if whole.is_empty() { whole.end + next } else { whole.end };
        if !(whole.is_empty() && not_empty) {
            if whether {
                return Ok(Val::Bool(true));
            }
            found.push(one(&regex, &captures, &mut counter));
            if !all {
                break;
            }
        }
        if from > input.len() {
            break;
        }
    }
    Ok(if whether { Val::Bool(false) } else { Val::array(found) })
}

fn regex(pattern: &str, flags: &str) -> Result<Regex, Error<Val>> {
    let mut builder = RegexBuilder::new(pattern);
    for flag in flags.chars() {
        match flag {
            'g' | 'n' => &mut builder,
            'i' => builder.case_insensitive(true),
            'x' => builder.ignore_whitespace(true),
            // In Oniguruma, `^` always matches at the beginning of a line. `m` only makes a point match a line end, too.
            's' => &mut builder,
            'm' | 'p' => builder.dot_matches_new_line(true),
            'l' => builder.swap_greed(false),
            _ => {
                return Err(error(format_args!("{flags} is not a valid modifier string")));
            }
        };
    }
    builder
        .build()
        .map_err(|broken| error(format_args!("the regular expression `{pattern}`: {broken}")))
}

/// Returns a match and its groups, including groups that did not take part.
fn one(regex: &Regex, captures: &Captures<'_>, counter: &mut Counter<'_>) -> Val {
    let groups = captures.iter().zip(regex.capture_names()).map(|(group, name)| {
        let (offset, length, string) = match group {
            None => (Val::from(-1.0), Val::from(0_usize), Val::Null),
            Some(group) => (
                Val::from(counter.characters(group.start())),
                Val::from(group.as_str().chars().count()),
                Val::text(group.as_str()),
            ),
        };
        let name = name.map_or(Val::Null, Val::text);
        [("offset", offset), ("length", length), ("string", string), ("name", name)]
    });
    let mut groups = groups.map(|fields| {
        Entries::from_iter(fields.map(|(name, value)| (Rc::new(name.to_owned()), value)))
    });
    let mut whole = groups.next().unwrap_or_default();
    whole.pop();
    whole.insert(Rc::new("captures".to_owned()), groups.map(Val::object).collect());
    Val::object(whole)
}

/// Counts the characters before places, which usually come in ascending order.
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
