//! Prepares text for the report: foreign text, and paths of this machine.

use std::path::{Component, Path};

use plugwright::ForeignText;

/// The number of characters shown of a name.
const MOST_OF_NAME: usize = 300;

/// The number of items shown of a list.
const MOST_OF_LIST: usize = 300;

/// The number of lines shown of an output, and of characters in each.
const MOST_LINES: usize = 80;
const MOST_OF_LINE: usize = 300;

/// The names that replace paths of this machine, which a report must not contain.
#[derive(Default)]
pub(super) struct Places(Vec<(String, String)>);

impl Places {
    /// Replaces the path by `name`.
    pub(super) fn add(&mut self, path: &Path, name: &str) {
        // `.` alone also occurs in other text.
        if !path.components().any(|part| matches!(part, Component::Normal(_))) {
            return;
        }
        let shown = ForeignText::of_path(path).whole().to_string();
        // A file in the folder is named relative to it.
        let inside = if name.is_empty() { String::new() } else { format!("{name}/") };
        if shown != name && !shown.is_empty() {
            self.0.push((format!("{shown}/"), inside));
            self.0.push((shown, name.to_owned()));
        }
        // The longest path comes first: a folder before the folder that contains it.
        self.0.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
    }

    /// Returns the text of an error in one line, with paths replaced.
    pub(super) fn line(&self, text: &str) -> String {
        let text = ForeignText::from(text.replace('\n', " "));
        self.named(&text.to_string())
    }

    /// Returns the first lines of the reason of a failure, with paths replaced.
    pub(super) fn lines(&self, text: &str) -> String {
        self.named(&lines(text))
    }

    fn named(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (path, name)| text.replace(path, name))
    }
}

/// Returns the first lines of a text, and the number of the lines left out.
pub(super) fn lines(text: &str) -> String {
    let shown = text.lines().take(MOST_LINES);
    let shown = shown.map(|line| format!("{:.*}", MOST_OF_LINE, ForeignText::from(line)));
    let mut shown: Vec<_> = shown.collect();
    let more = text.lines().count().saturating_sub(MOST_LINES);
    shown.extend((more > 0).then(|| format!("… and {more} more lines")));
    shown.join("\n")
}

/// Returns the name of a folder: its path if that is relative and inside the current folder, or else its last part.
pub(super) fn name_of_folder(path: &Path) -> String {
    let is_below = path.components().all(|part| matches!(part, Component::Normal(_)));
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let last = whole.file_name().map(Path::new);
    text(&ForeignText::of_path(if is_below { path } else { last.unwrap_or(path) }).into_exact())
}

/// Returns a name, or another text, in one line.
pub(super) fn name(text: &ForeignText) -> String {
    format!("{text:.MOST_OF_NAME$}")
}

/// Returns the same for a text that is not marked as foreign yet.
pub(super) fn text(text: &str) -> String {
    name(&ForeignText::from(text))
}

/// Returns the first items of a list, and the number of the items left out.
pub(super) fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut all: Vec<_> = texts.into_iter().map(text).collect();
    let more = all.len().saturating_sub(MOST_OF_LIST);
    all.truncate(MOST_OF_LIST);
    all.extend((more > 0).then(|| format!("… and {more} more")));
    all
}
