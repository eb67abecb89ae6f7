//! Texts as they stand in a report: of others, and of this machine.

use std::path::{Component, Path};

use plugwright::ForeignText;

/// So many characters of a name are shown.
const MOST_OF_NAME: usize = 300;

/// So many things of a list.
const MOST_OF_LIST: usize = 300;

/// So many lines of what came out, and so many characters of each.
const MOST_LINES: usize = 80;
const MOST_OF_LINE: usize = 300;

/// What stands for the places of this machine, which a report does not name.
#[derive(Default)]
pub(super) struct Places(Vec<(String, String)>);

impl Places {
    /// Has `name` stand for the path.
    pub(super) fn add(&mut self, path: &Path, name: &str) {
        // `.` alone stands for much else.
        if !path.components().any(|part| matches!(part, Component::Normal(_))) {
            return;
        }
        let shown = ForeignText::of_path(path).whole().to_string();
        // What is in a folder is named from there.
        let inside = if name.is_empty() { String::new() } else { format!("{name}/") };
        if shown != name && !shown.is_empty() {
            self.0.push((format!("{shown}/"), inside));
            self.0.push((shown, name.to_owned()));
        }
        // That of a folder within another comes first.
        self.0.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
    }

    /// What an error says, in one line.
    pub(super) fn line(&self, text: &str) -> String {
        let text = ForeignText::from(text.replace('\n', " "));
        self.named(&text.to_string())
    }

    /// The first lines of why something failed.
    pub(super) fn lines(&self, text: &str) -> String {
        self.named(&lines(text))
    }

    fn named(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (path, name)| text.replace(path, name))
    }
}

/// The first lines of a text, and how many more there are.
pub(super) fn lines(text: &str) -> String {
    let shown = text.lines().take(MOST_LINES);
    let shown = shown.map(|line| format!("{:.*}", MOST_OF_LINE, ForeignText::from(line)));
    let mut shown: Vec<_> = shown.collect();
    let more = text.lines().count().saturating_sub(MOST_LINES);
    shown.extend((more > 0).then(|| format!("… and {more} more lines")));
    shown.join("\n")
}

/// What a folder is called: its path if that begins here, or else its last part.
pub(super) fn name_of_folder(path: &Path) -> String {
    let is_below = path.components().all(|part| matches!(part, Component::Normal(_)));
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let last = whole.file_name().map(Path::new);
    text(&ForeignText::of_path(if is_below { path } else { last.unwrap_or(path) }).into_exact())
}

/// A name, or another text in a line.
pub(super) fn name(text: &ForeignText) -> String {
    format!("{text:.MOST_OF_NAME$}")
}

/// The same of a text that nobody marked as foreign.
pub(super) fn text(text: &str) -> String {
    name(&ForeignText::from(text))
}

/// Things of a list, and how many more there are.
pub(super) fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut all: Vec<_> = texts.into_iter().map(text).collect();
    let more = all.len().saturating_sub(MOST_OF_LIST);
    all.truncate(MOST_OF_LIST);
    all.extend((more > 0).then(|| format!("… and {more} more")));
    all
}
