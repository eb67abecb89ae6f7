//! Text bars that show a part of a whole.

/// The width of a full bar, in columns.
const COLUMNS: u16 = 24;

/// The fill of the last column, by eighths.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Returns the part as a bar, padded with spaces. A part greater than 0 always shows.
pub fn bar(part: u64, whole: u64) -> String {
    bar_of(COLUMNS, part, whole)
}

/// Returns a bar as [`bar`] does, with this many columns for the whole.
pub(crate) fn bar_of(columns: u16, part: u64, whole: u64) -> String {
    let steps = u128::from(part) * u128::from(columns) * 8 / u128::from(whole.max(1));
    let least = u128::from(part > 0);
    let steps = usize::try_from(steps.max(least).min(u128::from(columns) * 8)).unwrap_or(0);
    let (full, rest) = (steps / 8, EIGHTHS.get(steps % 8).copied().unwrap_or_default());
    let text = "█".repeat(full) + rest;
    format!("{text:<width$}", width = usize::from(columns))
}
