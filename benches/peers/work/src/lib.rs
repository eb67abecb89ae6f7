//! The work that each peer does, natively: what the transformers `echo`, `markdown` and `count` make of a document.

/// Of the plugin `markdown`, the very file.
#[path = "../../../../crates/plugin-markdown/src/html/mod.rs"]
#[expect(dead_code, reason = "how much was made harmless is for the plugin's log")]
mod html;

use std::str;

/// What is done with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Gives it back.
    Echo,
    /// Turns Markdown into HTML.
    Markdown,
    /// Counts lines, words, characters and bytes.
    Count,
}

impl Work {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Echo, Self::Markdown, Self::Count];

    /// What the plugin is called that does it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Markdown => "markdown",
            Self::Count => "count",
        }
    }

    /// The work of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|work| work.name() == name)
    }

    /// Does it.
    ///
    /// # Panics
    ///
    /// If the body is not UTF-8 and has to be.
    pub fn of(self, body: &[u8]) -> Vec<u8> {
        let text = || str::from_utf8(body).expect("documents are text");
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
