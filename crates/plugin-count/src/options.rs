//! The options of this plugin, and how they are read.

use crate::exports::plugwright::plugin::transform::{
    BadOption, Failure, Location, OptionDescription, Setting,
};
use crate::tally::Count;

/// The options of one call.
pub(crate) struct Options {
    pub(crate) counts: Vec<Count>,
    pub(crate) output: Output,
}

/// What is given.
pub(crate) enum Output {
    Counts,
    Document,
}

impl Options {
    /// Reads the options; the last setting of an option counts.
    pub(crate) fn from_settings(settings: Vec<Setting>) -> Result<Self, Failure> {
        let mut options = Self { counts: Count::ALL.into(), output: Output::Counts };
        for Setting { key, value } in settings {
            let read = match &*key {
                "counts" => counts(&value).map(|counts| options.counts = counts),
                "output" => output(&value).map(|output| options.output = output),
                _ => return Err(Failure::UnknownOption(key)),
            };
            read.map_err(|(at, message)| Failure::BadOption(BadOption { key, message, at }))?;
        }
        Ok(options)
    }
}

/// Why an option does not take a value, and where in it, if that can be said.
type Wrong = (Option<Location>, String);

/// Reads a list of counts, in whatever order.
fn counts(value: &str) -> Result<Vec<Count>, Wrong> {
    let mut wanted = Vec::new();
    let mut column = 1;
    for name in value.split(',') {
        let count = Count::ALL.into_iter().find(|count| count.name() == name);
        wanted.push(count.ok_or_else(|| {
            let message = format!("`{name}` is none of {}", names("`, `", "`"));
            (Some(Location { line: 1, column }), message)
        })?);
        // What stands before a name that is none is ASCII, a byte a character.
        column = column.saturating_add(u32::try_from(name.len() + 1).unwrap_or(u32::MAX));
    }
    Ok(Count::ALL.into_iter().filter(|count| wanted.contains(count)).collect())
}

fn output(value: &str) -> Result<Output, Wrong> {
    match value {
        "counts" => Ok(Output::Counts),
        "document" => Ok(Output::Document),
        _ => Err((None, format!("`{value}` is none of `counts`, `document`"))),
    }
}

/// Describes the options, with the defaults of [`Options::from_settings`].
pub(crate) fn describe() -> Vec<OptionDescription> {
    let option = |key: &str, default: &str, help: &str| OptionDescription {
        key: key.to_owned(),
        default: default.to_owned(),
        help: help.to_owned(),
    };
    vec![
        option("counts", &names(",", ""), "what to count, separated by commas"),
        option(
            "output",
            "counts",
            "`counts` for a JSON document of the counts, `document` for the document as it is, with the counts \
             as attributes",
        ),
    ]
}

/// The names of all counts, with `separator` between them and `quote` around them all.
fn names(separator: &str, quote: &str) -> String {
    let names = Count::ALL.map(Count::name).join(separator);
    format!("{quote}{names}{quote}")
}
