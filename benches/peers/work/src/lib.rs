//! The work of each peer in native code: what the transformers `echo`, `markdown` and `count` make from a
//! document.

/// The source file of the plugin `markdown`.
#[path = "../../../../crates/plugin-markdown/src/html/mod.rs"]
#[expect(dead_code, reason = "how much was made harmless is for the plugin's log")]
mod html;

use std::str;

/// The work to do with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Returns the document unchanged.
    Echo,
    /// Converts Markdown to HTML.
    Markdown,
    /// Counts lines, words, characters and bytes.
    Count,
}

impl Work {
    /// All works.
    pub const ALL: [Self; 3] = [Self::Echo, Self::Markdown, Self::Count];

    /// Returns the name of the plugin that does the work.
    pub fn name(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Markdown => "markdown",
            Self::Count => "count",
        }
    }

    /// Returns the work of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|work| work.name() == name)
    }

    /// Does the work.
    ///
    /// # Panics
    ///
    /// If the body must be UTF-8 and is not.
    pub fn of(self, body: &[u8]) -> Vec<u8> {
        let text = || str::from_utf8(body).expect("the document is UTF-8");
        match self {
            Self::Echo => body.to_vec(),
            Self::Markdown => html::render(text(), html::Raw::Escaped, false).text.into_bytes(),
            Self::Count => count(text()).into_bytes(),
        }
    }
}

fn count(text: &str) -> String {
    let (lines, words) = (text.lines().count(), text.split_whitespace().count());
    let (characters, bytes) = (text.chars().count(), text.len());
    format!(
        "{{\"lines\":{lines},\"words\":{words},\"characters\":{characters},\"bytes\":{bytes}}}\n"
    )
}
