//! Front files, in TOML: the keys of the runner, and the keys of the case's form.

use std::fmt;
use std::path::PathBuf;

use plugwright::{TomlError, read_toml};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::de::DeTable;

/// The keys of the runner.
const KEYS: &[&str] = &["input", "source", "grants", "limits", "expect"];

/// An example of each key, for errors.
const WRITTEN: &[&str] = &[
    "input = \"inputs/first.txt\"",
    "source = \"written for this case\"",
    "grants = [\"folder=templates:/templates\"]",
    "limits = [\"memory=4MiB\"]",
    "expect = \"failure\"",
];

/// The kind of a case's outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expectation {
    /// The plugin returns a result.
    Result,
    /// The plugin refuses with a failure of the contract.
    Failure,
    /// The call traps.
    Trap,
    /// The call exceeds a limit.
    Limit,
}

/// A front file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Front {
    pub(crate) keys: Keys,
    /// The text of the file, from which the form of the case reads its own keys.
    text: String,
}

/// The keys of a front file that belong to the runner.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Keys {
    /// The input file, as a path relative to the front file.
    pub(crate) input: PathBuf,
    /// Where the input is from, for people.
    #[serde(default, rename = "source")]
    _source: String,
    /// Grants, as `plugwright run --grant` takes them. Paths are relative to the front file.
    #[serde(default)]
    pub(crate) grants: Vec<String>,
    /// Limits, as `plugwright run --limit` takes them.
    #[serde(default)]
    pub(crate) limits: Vec<String>,
    /// The kind of outcome that the case must have, independent of the snapshot.
    pub(crate) expect: Option<Expectation>,
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Result => "result",
            Self::Failure => "failure",
            Self::Trap => "trap",
            Self::Limit => "limit",
        })
    }
}

impl Front {
    /// Reads the text of a front file.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with the runner's keys, and where.
    pub(crate) fn parse(text: String) -> Result<Self, TomlError> {
        Ok(Self { keys: read_toml(&text, WRITTEN)?, text })
    }

    /// Makes the front of a case that is an input file alone.
    pub(crate) fn of_input(input: PathBuf) -> Self {
        Self { keys: Keys { input, ..Keys::default() }, text: String::new() }
    }

    /// Reads the keys of the form: all keys except those of the runner. `written` has an example of each key.
    pub(crate) fn of_form<T: DeserializeOwned>(&self, written: &[&str]) -> Result<T, TomlError> {
        read_toml(&without_keys(&self.text), written).map_err(|error| {
            let message = with_keys(error.message.exact()).into();
            TomlError { message, ..error }
        })
    }
}

/// Replaces the runner's keys and their values with spaces, so that everything else keeps its place.
fn without_keys(text: &str) -> String {
    let Ok(table) = DeTable::parse(text) else { return text.to_owned() };
    let of_runner = table.get_ref().iter().filter(|(key, _)| KEYS.contains(&&**key.get_ref()));
    let spans: Vec<_> = of_runner.map(|(key, value)| key.span().start..value.span().end).collect();
    let blank = |(at, c)| match spans.iter().any(|span| span.contains(&at)) {
        true if c != '\n' => ' ',
        _ => c,
    };
    text.char_indices().map(blank).collect()
}

/// Adds the runner's keys to the form's error about an unknown key.
fn with_keys(message: &str) -> String {
    let ours = KEYS.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    let unknown = message.strip_prefix("unknown field ");
    if let Some(key) = unknown.and_then(|it| it.strip_suffix(", there are no fields")) {
        return format!("there is no key {key}, only {ours}");
    }
    match message.starts_with("there is no key ") {
        true => format!("{message}, {ours}"),
        false => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, Eq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Options {
        #[serde(default)]
        options: Vec<String>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct None {}

    fn front(text: &str) -> Front {
        Front::parse(text.to_owned()).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn each_side_has_its_keys() {
        let front = front(
            "input = 'a.txt'\nlimits = [\n  'memory=4MiB',\n]\nexpect = 'limit'\noptions = ['ä=b']\n",
        );
        let Keys { input, limits, expect, .. } = &front.keys;
        assert_eq!((&**input, &**limits), ("a.txt".as_ref(), &["memory=4MiB".to_owned()][..]));
        assert_eq!(*expect, Some(Expectation::Limit));
        let options = front.of_form::<Options>(&[]).expect("they are there");
        assert_eq!(options.options, ["ä=b"]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let wrong =
            |text: &str| Front::parse(text.to_owned()).expect_err("it is wrong").to_string();
        assert_eq!(
            wrong("# no input\n"),
            "line 1, column 1: `input` is missing: it is written `input = \"inputs/first.txt\"`"
        );
        assert_eq!(
            wrong("input = 'a'\nlimits = 'memory=1MiB'\n"),
            "line 2, column 10: `limits` is written `limits = [\"memory=4MiB\"]`"
        );
        let of_form = |text: &str| front(text).of_form::<Options>(&["options = [\"a=b\"]"]);
        let wrong = |text: &str| of_form(text).expect_err("it is wrong").to_string();
        assert_eq!(
            wrong("input = 'a'\nlimits = [\n]\noptoins = []\n"),
            "line 4, column 1: there is no key `optoins`, only `options`, `input`, `source`, `grants`, `limits`, `expect`"
        );
        assert_eq!(
            wrong("input = 'ä'\n  options = true"),
            "line 2, column 13: `options` is written `options = [\"a=b\"]`"
        );
        let none = front("input = 'a'\nmore = 1").of_form::<None>(&[]).expect_err("it is wrong");
        assert_eq!(
            none.to_string(),
            "line 2, column 1: there is no key `more`, only `input`, `source`, `grants`, `limits`, `expect`"
        );
    }
}
