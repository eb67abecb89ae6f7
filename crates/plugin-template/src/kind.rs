//! What kind of text comes out: its media type, the ending of its name, and what is escaped in it.

use minijinja::AutoEscape;

/// The media types that are told by the ending of a name, the usual ending first.
const KNOWN: [(&str, &str); 14] = [
    ("txt", "text/plain"),
    ("html", "text/html"),
    ("htm", "text/html"),
    ("xhtml", "application/xhtml+xml"),
    ("xml", "application/xml"),
    ("xml", "text/xml"),
    ("svg", "image/svg+xml"),
    ("rss", "application/rss+xml"),
    ("atom", "application/atom+xml"),
    ("json", "application/json"),
    ("md", "text/markdown"),
    ("csv", "text/csv"),
    ("css", "text/css"),
    ("js", "text/javascript"),
];

/// Endings that say only that a file is a template.
const TEMPLATES: [&str; 3] = [".j2", ".jinja", ".jinja2"];

/// What kind of text comes out.
pub(crate) struct Kind {
    pub(crate) media_type: String,
    /// What the name of such a document ends in.
    pub(crate) ending: &'static str,
}

impl Kind {
    /// The kind that the name of a template tells, such as `page.html` or `page.html.j2`.
    pub(crate) fn of_template(name: &str) -> Self {
        let name = TEMPLATES.iter().find_map(|it| name.strip_suffix(it)).unwrap_or(name);
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        let (ending, media_type) =
            KNOWN.into_iter().find(|(known, _)| *known == ending).unwrap_or(KNOWN[0]);
        Self { media_type: media_type.to_owned(), ending }
    }

    /// The kind of a media type such as `text/html; charset=utf-8`, if it is one.
    pub(crate) fn of_media_type(media_type: &str) -> Option<Self> {
        let essence = essence(media_type);
        let (kind, name) = essence.split_once('/')?;
        let token = |text: &str| {
            let part = |c: char| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c);
            !text.is_empty() && text.chars().all(part)
        };
        if !token(kind) || !token(name) || media_type.contains(char::is_control) {
            return None;
        }
        let known = KNOWN.into_iter().find(|(_, known)| *known == essence);
        let (ending, _) = known.unwrap_or(KNOWN[0]);
        Some(Self { media_type: media_type.to_owned(), ending })
    }

    /// What is escaped in such a text.
    pub(crate) fn escape(&self) -> AutoEscape {
        let essence = essence(&self.media_type);
        match &*essence {
            "text/html" | "text/xml" | "application/xml" => AutoEscape::Html,
            "application/json" => AutoEscape::Json,
            _ if essence.ends_with("+xml") => AutoEscape::Html,
            _ if essence.ends_with("+json") => AutoEscape::Json,
            _ => AutoEscape::None,
        }
    }
}

/// The media type without its parameters.
fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}
