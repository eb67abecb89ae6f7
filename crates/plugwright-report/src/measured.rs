//! The results of a benchmark of plugins.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The version of the file format.
const VERSION: u32 = 1;

/// The results of a benchmark of plugins, in a JSON file:
///
/// ```json
/// {
///   "version": 1,
///   "plugins": {
///     "count": { "compile": 62600000, "load": 667000, "call": 4710000, "work": "1 MiB of text" },
///     "quote": { "compile": 41200000, "load": 512000 }
///   }
/// }
/// ```
///
/// Times are whole nanoseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    version: u32,
    plugins: BTreeMap<String, Times>,
}

/// The keys that every version has.
#[derive(Deserialize)]
struct Form {
    version: u32,
}

/// The measured times of a plugin, in nanoseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Times {
    /// The time to compile the plugin.
    pub compile: u64,
    /// The time to load the compiled code.
    pub load: u64,
    /// The time of a call in a fresh instance, if one was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<u64>,
    /// What the call does, in a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<String>,
}

/// The error for a file without valid results.
#[derive(Debug)]
pub struct MeasuredError(String);

impl Measured {
    /// Makes results from the times of plugins, by their names.
    pub fn new(plugins: BTreeMap<String, Times>) -> Self {
        Self { version: VERSION, plugins }
    }

    /// Parses the JSON that a benchmark wrote.
    ///
    /// # Errors
    ///
    /// Returns a [`MeasuredError`] if the JSON has another form.
    pub fn parse(json: &[u8]) -> Result<Self, MeasuredError> {
        let wrong = |error: serde_json::Error| MeasuredError(error.to_string());
        // The version comes first, because other keys of another version are unknown.
        let Form { version } = serde_json::from_slice(json).map_err(wrong)?;
        if version != VERSION {
            return Err(MeasuredError(format!(
                "version {version} is unknown: only version {VERSION} is supported"
            )));
        }
        serde_json::from_slice(json).map_err(wrong)
    }

    /// Returns the results as JSON.
    pub fn to_json(&self) -> String {
        // Serialising names and numbers cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Returns the times of the plugin `name`.
    pub fn of(&self, name: &str) -> Option<&Times> {
        self.plugins.get(name)
    }

    /// Returns the names of the measured plugins.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.plugins.keys().map(|name| &**name)
    }
}

impl fmt::Display for MeasuredError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for MeasuredError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_nothing_else() {
        let times = Times { compile: 3, load: 2, call: Some(1), work: Some("a text".to_owned()) };
        let measured = Measured::new(BTreeMap::from([("count".to_owned(), times)]));
        let read = Measured::parse(measured.to_json().as_bytes()).expect("it was just written");
        assert_eq!(read, measured);
        for other in
            ["", "[]", "{}", r#"{"version":2,"plugins":{}}"#, r#"{"version":1,"plugins":{"a":{}}}"#]
        {
            assert!(Measured::parse(other.as_bytes()).is_err(), "{other}");
        }
    }
}
