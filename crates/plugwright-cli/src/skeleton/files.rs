//! The files that skeletons in other languages have in common.

use std::path::PathBuf;

use super::Skeleton;

/// How a plugin is built, as its manifest says it.
pub(super) struct Build<'a> {
    pub(super) language: &'a str,
    /// One line of a shell, without a `'`.
    pub(super) command: &'a str,
    pub(super) tools: &'a [&'a str],
    pub(super) reproducible: bool,
    /// As the limit `memory` says it.
    pub(super) memory: &'a str,
}

impl Build<'_> {
    /// The manifest of a plugin of the world.
    pub(super) fn manifest(&self, world: &str) -> String {
        let Self { language, command, tools, reproducible, memory } = self;
        let tools = tools.join("\", \"");
        format!(
            r#"world = "{world}"
limits = ["memory={memory}"]

[build]
language = "{language}"
version = "0.1.0"
command = '{command}'
tools = ["{tools}"]
reproducible = {reproducible}
"#
        )
    }
}

/// A plugin of these files, without cases.
pub(super) fn skeleton<const N: usize>(files: [(&str, String); N]) -> Skeleton {
    Skeleton {
        files: files.into_iter().map(|(path, text)| (PathBuf::from(path), text)).collect(),
        ..Skeleton::default()
    }
}

/// Each line after `prefix`, with which an empty one does not end in a space.
pub(super) fn comment(prefix: &str, lines: &[String]) -> String {
    lines.iter().map(|line| format!("{}\n", format!("{prefix} {line}").trim_end())).collect()
}

/// How long a line may be.
const WIDTH: usize = 100;

/// The head of a function, of which each parameter has a line of its own if one line is too long.
pub(super) fn head(
    indent: &str,
    before: &str,
    parameters: &[String],
    after: &str,
    ends_in_comma: bool,
) -> String {
    let line = format!("{indent}{before}({}){after}", parameters.join(", "));
    if line.chars().count() <= WIDTH || parameters.is_empty() {
        return line;
    }
    let parameters = parameters.join(&format!(",\n{indent}    "));
    let comma = if ends_in_comma { "," } else { "" };
    format!("{indent}{before}(\n{indent}    {parameters}{comma}\n{indent}){after}")
}
