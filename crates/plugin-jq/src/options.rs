//! The options of this plugin, and how they are read.

use jaq_json::Val;

use crate::exports::plugwright::plugin::transform::{
    BadOption, Failure, Location, OptionDescription, Setting,
};
use crate::input::Values;
use crate::location;

/// The options of one call.
pub(crate) struct Options {
    pub(crate) filter: String,
    pub(crate) output: Output,
    pub(crate) slurp: bool,
    /// What the filter's variables hold, by name.
    pub(crate) arguments: Vec<(String, Val)>,
}

/// How results are written.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Output {
    Pretty,
    Compact,
    Raw,
}

impl Options {
    /// Reads the options; the last setting of an option counts.
    pub(crate) fn from_settings(settings: Vec<Setting>) -> Result<Self, Failure> {
        let mut options = Self {
            filter: ".".to_owned(),
            output: Output::Pretty,
            slurp: false,
            arguments: Vec::new(),
        };
        for Setting { key, value } in settings {
            let read = match &*key {
                "filter" => {
                    options.filter = value;
                    Ok(())
                }
                "output" => output(&value).map(|read| options.output = read),
                "slurp" => match value.parse() {
                    Ok(read) => {
                        options.slurp = read;
                        Ok(())
                    }
                    Err(_) => Err((None, format!("`{value}` is neither `true` nor `false`"))),
                },
                "arguments" => arguments(&value).map(|read| options.arguments = read),
                _ => return Err(Failure::UnknownOption(key)),
            };
            read.map_err(|(at, message)| Failure::BadOption(BadOption { key, message, at }))?;
        }
        Ok(options)
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
        option("filter", ".", "the jq filter that each value of the document goes through"),
        option(
            "output",
            "pretty",
            "`pretty` indents a single result, and makes JSON Lines of several; `compact` writes each \
             result on one line; `raw` does so too, with strings as they are, and makes plain text",
        ),
        option(
            "slurp",
            "false",
            "`true` puts all values of the document into one array, which the filter gets; `false` \
             gives it one value after the other",
        ),
        option(
            "arguments",
            "{}",
            "a JSON object: the filter finds its values in variables of their names, such as `$name`, \
             and all of it in `$ARGS.named`",
        ),
    ]
}

/// Why an option does not take a value, and where in it, if that can be said.
type Wrong = (Option<Location>, String);

fn output(value: &str) -> Result<Output, Wrong> {
    match value {
        "pretty" => Ok(Output::Pretty),
        "compact" => Ok(Output::Compact),
        "raw" => Ok(Output::Raw),
        _ => Err((None, format!("`{value}` is none of `pretty`, `compact`, `raw`"))),
    }
}

fn arguments(value: &str) -> Result<Vec<(String, Val)>, Wrong> {
    let mut values = Values::new(value);
    let object = match values.next() {
        Some(Ok((_, Val::Obj(object)))) => object,
        Some(Err((offset, message))) => {
            return Err((Some(location(value, offset)), message));
        }
        _ => return Err((None, "it is not a JSON object".to_owned())),
    };
    if values.next().is_some() {
        return Err((None, "there is something behind the JSON object".to_owned()));
    }
    let named = object.iter().filter_map(|(key, value)| match key {
        Val::TStr(key) => Some((String::from_utf8_lossy(key).into_owned(), value.clone())),
        _ => None,
    });
    Ok(named.collect())
}
