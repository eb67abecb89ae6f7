//! What to render and how, decided by all options together.

use minijinja::{AutoEscape, UndefinedBehavior};
use plugwright_guest::{Failure, Invalid};

use crate::kind::Kind;
use crate::options::Options;

/// What to render and how.
pub(crate) struct Plan {
    pub(crate) source: Source,
    pub(crate) kind: Kind,
    pub(crate) escape: AutoEscape,
    pub(crate) undefined: UndefinedBehavior,
    pub(crate) trim_blocks: bool,
}

/// The source of the template.
pub(crate) enum Source {
    /// The option `template` has its text.
    Text(String),
    /// The option `file` has its name.
    File(String),
}

impl Plan {
    /// Makes the plan for options, of which exactly one must name a template.
    pub(crate) fn of(options: Options) -> Result<Self, Failure> {
        let Options { template, file, media_type, escape, undefined, trim_blocks } = options;
        let source = match (&*template, &*file) {
            ("", "") => {
                let wrong =
                    "there is no template: set this option to its text, or `file` to its name";
                return Err(Invalid::new(wrong).of_option("template"));
            }
            (_, "") => Source::Text(template),
            ("", _) => Source::File(file),
            _ => {
                let wrong = Invalid::new("the option `template` is set, too: set only one of them");
                return Err(wrong.of_option("file"));
            }
        };
        let kind = match (&*media_type, &source) {
            ("", Source::Text(_)) => Kind::of_template(""),
            ("", Source::File(name)) => Kind::of_template(name),
            _ => Kind::of_media_type(&media_type).ok_or_else(|| {
                let wrong = format!("`{media_type}` is not a media type, such as `text/html`");
                Invalid::new(wrong).of_option("media-type")
            })?,
        };
        let escape = escape.unwrap_or_else(|| kind.escape());
        Ok(Self { source, kind, escape, undefined, trim_blocks })
    }
}
