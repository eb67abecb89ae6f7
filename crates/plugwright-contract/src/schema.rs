//! A plugin's description of itself, read without running the plugin. The pipeline calls `describe` once, and embeds
//! the answer.

use std::collections::BTreeSet;

use plugwright::{Candidate, ForeignText};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value, json};

use crate::{Description, Failure, Location, OptionDescription, Setting};

/// A plugin's description of itself, with the values that its options take as far as they are known.
///
/// ```no_run
/// # use plugwright_contract::{Limits, Schema, Setting, Trust, Unverified};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let plugin = Unverified::open("dist/thumbnail.wasm", &Limits::none())?.verify(&Trust::anybody())?;
/// if let Some(schema) = Schema::of(&plugin)? {
///     schema.check(&[Setting::new("width", "200")])?;
/// }
/// # Ok(())
/// # }
/// ```
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// The plugin's name.
    pub name: String,
    /// The plugin's version.
    pub version: String,
    /// What the plugin does, in one sentence.
    pub summary: String,
    /// The media types that the plugin takes. `*/*` stands for any.
    pub takes: Vec<String>,
    /// The media types that the plugin gives. `*/*` stands for the media type of the input.
    pub gives: Vec<String>,
    /// The plugin's options, in the order in which a person should read them.
    pub options: Vec<OptionSchema>,
}

/// One option of a plugin.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionSchema {
    /// The name.
    pub key: String,
    /// The value that is used if the caller sets none.
    pub default: String,
    /// What the option does and which values it takes, in one sentence.
    pub help: String,
    /// The values that the option takes.
    #[serde(flatten)]
    pub values: Values,
}

/// The values that an option takes.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Values {
    /// Any text, or a text that only the plugin can check.
    Text,
    /// `true` or `false`.
    Boolean,
    /// Whole numbers.
    Integer {
        /// The least number.
        least: Number,
        /// The greatest number.
        most: Number,
    },
    /// One of these texts.
    Choice {
        /// The texts.
        choices: Vec<String>,
    },
    /// A list of these texts, separated by commas.
    Choices {
        /// The texts.
        choices: Vec<String>,
        /// Whether there may be spaces around texts, and empty entries.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        spaced: bool,
    },
    /// Values of a kind that this release does not know.
    #[serde(other)]
    Unknown,
}

/// Why a plugin's embedded description cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the description in the plugin: {0}: build the plugin again")]
pub struct SchemaError(ForeignText);

/// The greatest number of options, of choices of an option, and of bytes of a name that are read from a plugin.
const MOST_OPTIONS: usize = 1000;
const MOST_CHOICES: usize = 1000;
const LONGEST_NAME: usize = 200;

impl Schema {
    /// Reads the description from the plugin, if there is one. Nothing guarantees that it is true.
    ///
    /// # Errors
    ///
    /// Fails if the description cannot be read.
    pub fn of(plugin: &Candidate<'_>) -> Result<Option<Self>, SchemaError> {
        let Some(text) = plugin.description() else { return Ok(None) };
        let read = serde_json::from_str(text).map_err(|error| error.to_string());
        let schema = read.and_then(|schema: Self| schema.bounded());
        schema.map(Some).map_err(|reason| SchemaError(reason.into()))
    }

    /// Checks that the schema is valid and within limits.
    fn bounded(self) -> Result<Self, String> {
        if self.options.len() > MOST_OPTIONS {
            return Err(format!("there are more than {MOST_OPTIONS} options"));
        }
        let mut keys = BTreeSet::new();
        for OptionSchema { key, values, .. } in &self.options {
            let wrong = |what: &str| Err(format!("the option `{key:.40}` {what}"));
            if key.is_empty() || key.len() > LONGEST_NAME {
                return wrong("has no name, or its name is too long");
            }
            if !keys.insert(key) {
                return wrong("is declared twice");
            }
            match values {
                Values::Integer { least, most } => match (least.as_i128(), most.as_i128()) {
                    (Some(least), Some(most)) if least <= most => {}
                    _ => return wrong("has an invalid range of numbers"),
                },
                Values::Choice { choices } | Values::Choices { choices, .. } => {
                    let is_list = matches!(values, Values::Choices { .. });
                    let is_name = |it: &String| {
                        it.len() <= LONGEST_NAME
                            && !(is_list && (it.is_empty() || it.contains(',')))
                    };
                    if choices.is_empty()
                        || choices.len() > MOST_CHOICES
                        || !choices.iter().all(is_name)
                    {
                        return wrong(
                            "has no choices, too many choices, or choices that are too long",
                        );
                    }
                }
                Values::Text | Values::Boolean | Values::Unknown => {}
            }
        }
        Ok(self)
    }

    /// Makes a schema from a plugin's description. `values` returns the values of an option by its name, if they are
    /// known.
    pub fn new(description: &Description, values: impl Fn(&str) -> Option<Values>) -> Self {
        let Description { name, version, summary, takes, gives, options } = description;
        let option = |OptionDescription { key, default, help }: &OptionDescription| OptionSchema {
            key: key.clone(),
            default: default.clone(),
            help: help.clone(),
            values: values(key).unwrap_or(Values::Text),
        };
        Self {
            name: name.clone(),
            version: version.clone(),
            summary: summary.clone(),
            takes: takes.clone(),
            gives: gives.clone(),
            options: options.iter().map(option).collect(),
        }
    }

    /// Returns whether the description matches this schema, and each default is a value of its option.
    pub fn is_that_of(&self, description: &Description) -> bool {
        let is_value = |option: &OptionSchema| option.values.check(&option.default).is_ok();
        if !self.options.iter().all(is_value) {
            return false;
        }
        let plain = |schema: Self| {
            let mut schema = schema;
            schema.options.iter_mut().for_each(|option| option.values = Values::Text);
            schema
        };
        plain(self.clone()) == Self::new(description, |_| None)
    }

    /// Refuses settings that the plugin would refuse, with the plugin's own messages, as far as this is possible
    /// without running it.
    ///
    /// # Errors
    ///
    /// Returns [`Failure::UnknownOption`] or [`Failure::BadOption`] for the first wrong setting.
    pub fn check(&self, settings: &[Setting]) -> Result<(), Failure> {
        settings.iter().try_for_each(|setting| {
            let option = self.options.iter().find(|option| option.key == setting.key);
            let option =
                option.ok_or_else(|| Failure::UnknownOption { key: (&*setting.key).into() })?;
            option.values.check(&setting.value).map_err(|wrong| Failure::BadOption {
                key: (&*setting.key).into(),
                message: wrong.message.into(),
                at: wrong.at,
            })
        })
    }

    /// Returns a JSON Schema for an object whose members are options, such as the table `options` of a pipeline file.
    ///
    /// The schema is of draft 2020-12, <https://json-schema.org/draft/2020-12>.
    pub fn to_json_schema(&self) -> Value {
        let properties = self.options.iter().map(|OptionSchema { key, default, help, values }| {
            let mut property = values.to_json_schema();
            property.insert("description".to_owned(), json!(help));
            property.insert("default".to_owned(), values.to_json(default));
            (key.clone(), Value::Object(property))
        });
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "description": self.summary,
            "type": "object",
            "properties": properties.collect::<Map<_, _>>(),
            "additionalProperties": false,
        })
    }
}

/// What is wrong with a value.
struct Wrong {
    message: String,
    at: Option<Location>,
}

impl Values {
    /// Refuses an invalid value, with the message that plugins have for it.
    fn check(&self, text: &str) -> Result<(), Wrong> {
        let wrong = |message: String| Err(Wrong { message, at: None });
        match self {
            Self::Text | Self::Unknown => Ok(()),
            Self::Boolean if is_boolean(text) => Ok(()),
            Self::Boolean => wrong(format!("`{text}` is neither `true` nor `false`")),
            Self::Integer { least, most } => {
                let number = text.parse::<i128>().ok();
                let is_within = number.is_some_and(|number| {
                    least.as_i128().is_none_or(|least| least <= number)
                        && most.as_i128().is_none_or(|most| number <= most)
                });
                match is_within {
                    true => Ok(()),
                    false => {
                        wrong(format!("`{text}` is not a whole number from {least} to {most}"))
                    }
                }
            }
            Self::Choice { choices } => match choices.iter().any(|choice| choice == text) {
                true => Ok(()),
                false => wrong(none_of(text, choices)),
            },
            Self::Choices { choices, spaced } => {
                let mut column = 1;
                for part in text.split(',') {
                    let name = if *spaced { part.trim() } else { part };
                    let is_skipped = *spaced && name.is_empty();
                    if !is_skipped && !choices.iter().any(|choice| choice == name) {
                        let at = (!spaced).then_some(Location { line: 1, column });
                        return Err(Wrong { message: none_of(name, choices), at });
                    }
                    let length = part.chars().count().saturating_add(1);
                    column = column.saturating_add(u32::try_from(length).unwrap_or(u32::MAX));
                }
                Ok(())
            }
        }
    }

    fn to_json_schema(&self) -> Map<String, Value> {
        let schema = match self {
            Self::Text | Self::Unknown => json!({ "type": "string" }),
            Self::Boolean => json!({ "type": "boolean" }),
            Self::Integer { least, most } => {
                json!({ "type": "integer", "minimum": least, "maximum": most })
            }
            Self::Choice { choices }
                if choices.len() == 2 && choices.iter().all(|it| is_boolean(it)) =>
            {
                json!({ "type": "boolean" })
            }
            Self::Choice { choices } => json!({ "type": "string", "enum": choices }),
            Self::Choices { choices, spaced } => {
                let names: Vec<_> = choices.iter().map(|name| escaped(name)).collect();
                let name = match spaced {
                    true => format!("\\s*(({})\\s*)?", names.join("|")),
                    false => format!("({})", names.join("|")),
                };
                json!({ "type": "string", "pattern": format!("^{name}(,{name})*$") })
            }
        };
        match schema {
            Value::Object(schema) => schema,
            _ => Map::new(),
        }
    }

    /// Returns a value as JSON.
    fn to_json(&self, text: &str) -> Value {
        match self {
            Self::Text | Self::Unknown | Self::Choices { .. } => json!(text),
            Self::Boolean | Self::Integer { .. } | Self::Choice { .. } => {
                let is_plain = !matches!(self, Self::Choice { .. }) || is_boolean(text);
                let value = is_plain.then(|| serde_json::from_str(text).ok()).flatten();
                value.unwrap_or_else(|| json!(text))
            }
        }
    }
}

fn is_boolean(text: &str) -> bool {
    matches!(text, "true" | "false")
}

/// Returns a regular expression that matches only the text.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if r"\^$.|?*+()[]{}/".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

fn none_of(text: &str, choices: &[String]) -> String {
    let names: Vec<_> = choices.iter().map(|choice| format!("`{choice}`")).collect();
    format!("`{text}` is none of {}", names.join(", "))
}
