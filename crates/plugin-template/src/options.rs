//! The options of this plugin.

use minijinja::{AutoEscape, UndefinedBehavior};
use plugwright_guest::options;

options! {
    pub(crate) struct Options {
        /// the template's text; either this or `file` is needed
        pub(crate) template: String = "";
        /// the template's name in the folder `/templates`, which has to be granted, such as `page.html`
        pub(crate) file: String = "";
        /// the media type of the result, such as `text/html`; by default, the template's name decides:
        /// `page.html` or `page.html.j2` makes HTML, and unknown extensions make `text/plain`
        pub(crate) media_type: String = "";
        /// how values are escaped: `html`, `json`, `none`, or with `auto` as the result needs, for
        /// HTML, XML and JSON
        pub(crate) escape: Option<AutoEscape> = "auto", of {
            "auto" => None,
            "html" => Some(AutoEscape::Html),
            "json" => Some(AutoEscape::Json),
            "none" => Some(AutoEscape::None),
        };
        /// `strict` refuses data that lacks what the template uses; `lenient` takes it as empty
        pub(crate) undefined: UndefinedBehavior = "strict", of {
            "strict" => UndefinedBehavior::Strict,
            "lenient" => UndefinedBehavior::Lenient,
        };
        /// `true` leaves no empty line where a tag such as `{% if … %}` has a line for itself
        pub(crate) trim_blocks: bool = "false", of { "false" => false, "true" => true };
    }
}
