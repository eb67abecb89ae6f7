//! The table of plugins in a project's README.

use std::path::Path;

use anyhow::Result;
use plugwright::ForeignText;

use crate::{output, template};

const README: &str = "README.md";

/// Adds a row after the last one of the table of plugins, which is the first in the README whose rows begin with a link.
/// Without such a table nothing is done.
pub(crate) fn add_row(name: &str, source: &Path, world: &str, summary: &str) -> Result<()> {
    if !Path::new(README).is_file() {
        return Ok(());
    }
    let text = template::TEXT.read_text(Path::new(README))?;
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let is_row = |line: &str| line.starts_with("| [");
    let Some(first) = lines.iter().position(|line| is_row(line)) else { return Ok(()) };
    let rows = lines.iter().skip(first).take_while(|line| is_row(line)).count();
    let (before, after) = lines.split_at(first.saturating_add(rows));
    let source = ForeignText::of_path(source);
    let end = if before.last().is_some_and(|line| line.ends_with('\n')) { "" } else { "\n" };
    let row = format!("{end}| [{name}]({source}) | `{world}` | {summary} |\n");
    let text = [&before.concat(), &*row, &after.concat()].concat();
    output::write_beside(Path::new(README), text.as_bytes())
}
