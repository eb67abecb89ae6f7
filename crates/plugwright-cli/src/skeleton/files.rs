//! The parts that skeletons in languages other than Rust have in common.

use std::path::PathBuf;

use super::Skeleton;

/// The `[build]` table of a manifest, and the memory limit.
pub(super) struct Build<'a> {
    pub(super) language: &'a str,
    /// A single line for the shell. It must not contain `'`.
    pub(super) command: &'a str,
    pub(super) tools: &'a [&'a str],
    pub(super) reproducible: bool,
    /// The value of the limit `memory`.
    pub(super) memory: &'a str,
}

impl Build<'_> {
    /// Returns the manifest of a plugin for the world.
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

/// Returns a skeleton with these files and without cases.
pub(super) fn skeleton<const N: usize>(files: [(&str, String); N]) -> Skeleton {
    Skeleton {
        files: files.into_iter().map(|(path, text)| (PathBuf::from(path), text)).collect(),
        ..Skeleton::default()
    }
}

/// Returns the lines as a comment. Each line begins with `prefix`, and an empty line has no trailing space.
pub(super) fn comment(prefix: &str, lines: &[String]) -> String {
    lines.iter().map(|line| format!("{}\n", format!("{prefix} {line}").trim_end())).collect()
}

/// The maximum length of a line.
const WIDTH: usize = 100;

/// Returns the head of a function: in one line if it fits, or else with one line for each parameter.
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
