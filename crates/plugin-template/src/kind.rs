//! The kind of the output: its media type, its extension, and its escaping.

use minijinja::AutoEscape;

/// Media types with their extensions. The usual extension comes first.
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

/// Extensions that only say that a file is a template.
const TEMPLATES: [&str; 3] = [".j2", ".jinja", ".jinja2"];

/// The kind of the output.
pub(crate) struct Kind {
    pub(crate) media_type: String,
    /// The extension of such a document.
    pub(crate) ending: &'static str,
}

impl Kind {
    /// Returns the kind for the name of a template, such as `page.html` or `page.html.j2`.
    pub(crate) fn of_template(name: &str) -> Self {
        let name = TEMPLATES.iter().find_map(|it| name.strip_suffix(it)).unwrap_or(name);
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        let (ending, media_type) =
            KNOWN.into_iter().find(|(known, _)| *known == ending).unwrap_or(KNOWN[0]);
        Self { media_type: media_type.to_owned(), ending }
    }

    /// Returns the kind for a media type such as `text/html; charset=utf-8`, if the media type is valid.
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

    /// Returns how values are escaped in such a text.
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

/// Returns the media type without its parameters.
fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}
