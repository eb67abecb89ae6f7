//! The options of this plugin, and how they are read.

use crate::exports::plugwright::plugin::transform::{
    BadOption, Failure, OptionDescription, Setting,
};

/// The options of one call.
pub(crate) struct Options {
    pub(crate) unsafe_html: bool,
    pub(crate) front_matter: bool,
}

impl Options {
    /// Reads the options; the last setting of an option counts.
    pub(crate) fn from_settings(settings: Vec<Setting>) -> Result<Self, Failure> {
        let mut options = Self { unsafe_html: false, front_matter: true };
        for Setting { key, value } in settings {
            let option = match &*key {
                "unsafe-html" => &mut options.unsafe_html,
                "front-matter" => &mut options.front_matter,
                _ => return Err(Failure::UnknownOption(key)),
            };
            let Ok(value) = value.parse() else {
                let message = format!("`{value}` is neither `true` nor `false`");
                return Err(Failure::BadOption(BadOption { key, message, at: None }));
            };
            *option = value;
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
        option(
            "unsafe-html",
            "false",
            "`true` passes raw HTML and links such as `javascript:` on; `false` escapes the HTML and \
             empties the links",
        ),
        option(
            "front-matter",
            "true",
            "`true` reads YAML between `---` lines at the beginning into the document's attributes; \
             `false` takes it as Markdown",
        ),
    ]
}
