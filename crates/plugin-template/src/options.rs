//! The options of this plugin, and how they are read.

use minijinja::{AutoEscape, UndefinedBehavior};

use crate::exports::plugwright::plugin::transform::{
    BadOption, Failure, OptionDescription, Setting,
};
use crate::folder::FOLDER;
use crate::kind::Kind;

/// The options of one call.
pub(crate) struct Options {
    pub(crate) source: Source,
    pub(crate) kind: Kind,
    pub(crate) escape: AutoEscape,
    pub(crate) undefined: UndefinedBehavior,
    pub(crate) trim_blocks: bool,
}

/// Where the template is from.
pub(crate) enum Source {
    /// It is the option `template`.
    Text(String),
    /// The option `file` names it.
    File(String),
}

const ESCAPE: [(&str, Option<AutoEscape>); 4] = [
    ("auto", None),
    ("html", Some(AutoEscape::Html)),
    ("json", Some(AutoEscape::Json)),
    ("none", Some(AutoEscape::None)),
];

const UNDEFINED: [(&str, UndefinedBehavior); 2] =
    [("strict", UndefinedBehavior::Strict), ("lenient", UndefinedBehavior::Lenient)];

const SWITCH: [(&str, bool); 2] = [("false", false), ("true", true)];

impl Options {
    /// Reads the options; the last setting of an option counts.
    pub(crate) fn from_settings(settings: Vec<Setting>) -> Result<Self, Failure> {
        let (mut template, mut file, mut media_type) = Default::default();
        let (mut escape, mut undefined, mut trim_blocks) =
            (ESCAPE[0].1.clone(), UNDEFINED[0].1, SWITCH[0].1);
        for Setting { key, value } in settings {
            match &*key {
                "template" => template = value,
                "file" => file = value,
                "media-type" => media_type = value,
                "escape" => escape = one_of(&ESCAPE, &key, &value)?,
                "undefined" => undefined = one_of(&UNDEFINED, &key, &value)?,
                "trim-blocks" => trim_blocks = one_of(&SWITCH, &key, &value)?,
                _ => return Err(Failure::UnknownOption(key)),
            }
        }
        let source = match (&*template, &*file) {
            ("", "") => {
                return Err(bad(
                    "template",
                    "there is no template: set this option to its text, or `file` to its name"
                        .to_owned(),
                ));
            }
            (_, "") => Source::Text(template),
            ("", _) => Source::File(file),
            _ => return Err(bad("file", "there is one in the option `template`, too".to_owned())),
        };
        let kind = match (&*media_type, &source) {
            ("", Source::Text(_)) => Kind::of_template(""),
            ("", Source::File(name)) => Kind::of_template(name),
            _ => Kind::of_media_type(&media_type).ok_or_else(|| {
                bad("media-type", format!("`{media_type}` is none, such as `text/html`"))
            })?,
        };
        let escape = escape.unwrap_or_else(|| kind.escape());
        Ok(Self { source, kind, escape, undefined, trim_blocks })
    }
}

fn one_of<T: Clone>(values: &[(&str, T)], key: &str, value: &str) -> Result<T, Failure> {
    match values.iter().find(|(name, _)| *name == value) {
        Some((_, value)) => Ok(value.clone()),
        None => {
            let names: Vec<_> = values.iter().map(|(name, _)| format!("`{name}`")).collect();
            Err(bad(key, format!("`{value}` is none of {}", names.join(", "))))
        }
    }
}

/// A failure of an option.
pub(crate) fn bad(key: &str, message: String) -> Failure {
    Failure::BadOption(BadOption { key: key.to_owned(), message, at: None })
}

/// Describes the options, with the defaults of [`Options::from_settings`].
pub(crate) fn describe() -> Vec<OptionDescription> {
    let option = |key: &str, default: &str, help: &str| OptionDescription {
        key: key.to_owned(),
        default: default.to_owned(),
        help: help.to_owned(),
    };
    vec![
        option("template", "", "the template's text; either this or `file` is needed"),
        option(
            "file",
            "",
            &format!(
                "the template's name in the folder `{FOLDER}`, which has to be granted, such as \
                 `page.html`"
            ),
        ),
        option(
            "media-type",
            "",
            "what comes out, such as `text/html`; unless it is set, the template's name tells: \
             `page.html` or `page.html.j2` makes HTML, and what is not known is `text/plain`",
        ),
        option(
            "escape",
            ESCAPE[0].0,
            "what values are escaped for: `html`, `json`, `none`, or with `auto` what comes out, which \
             can be HTML, XML or JSON",
        ),
        option(
            "undefined",
            UNDEFINED[0].0,
            "`strict` refuses data that lacks what the template uses; `lenient` takes it as empty",
        ),
        option(
            "trim-blocks",
            SWITCH[0].0,
            "`true` leaves no empty line where a tag such as `{% if … %}` has a line for itself",
        ),
    ]
}
