//! The table of plugins in a project's README.

use std::path::Path;

use anyhow::Result;
use plugwright::{FileKind, ForeignText};

use crate::output;

const README: &str = "README.md";

const KIND: FileKind = FileKind::new("README", 4 << 20);

/// The beginning of the table of plugins.
const HEADER: &str = "| plugin | world |";

/// Returns the README with a new row at the end of the table of plugins, or `None` if it has no such table.
///
/// # Errors
///
/// Fails if the README cannot be read.
pub(crate) fn with_row(
    name: &str,
    source: &Path,
    world: &str,
    summary: &str,
) -> Result<Option<String>> {
    if !Path::new(README).is_file() {
        return Ok(None);
    }
    let text = KIND.read_text(README)?;
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let Some(first) = lines.iter().position(|line| line.starts_with(HEADER)) else {
        return Ok(None);
    };
    let rows = lines.iter().skip(first).take_while(|line| line.starts_with('|')).count();
    let (before, after) = lines.split_at(first.saturating_add(rows));
    let source = ForeignText::of_path(source);
    let end = if before.last().is_some_and(|line| line.ends_with('\n')) { "" } else { "\n" };
    let row = format!("{end}| [{name}]({source}) | `{world}` | {summary} |\n");
    Ok(Some([&before.concat(), &*row, &after.concat()].concat()))
}

/// Writes the README.
///
/// # Errors
///
/// Fails if the README cannot be written.
pub(crate) fn write(text: &str) -> Result<()> {
    output::write_beside(Path::new(README), text.as_bytes())
}
