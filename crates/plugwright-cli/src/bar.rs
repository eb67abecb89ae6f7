//! Bars of text: how much a part is of a whole.

/// How many columns the whole takes.
const COLUMNS: u16 = 24;

/// What fills the last column, by eighths.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// The part as a bar, and spaces behind it. What is there is seen, however little it is.
pub fn bar(part: u64, whole: u64) -> String {
    bar_of(COLUMNS, part, whole)
}

/// The same, of which the whole takes so many columns.
pub(crate) fn bar_of(columns: u16, part: u64, whole: u64) -> String {
    let steps = u128::from(part) * u128::from(columns) * 8 / u128::from(whole.max(1));
    let least = u128::from(part > 0);
    let steps = usize::try_from(steps.max(least).min(u128::from(columns) * 8)).unwrap_or(0);
    let (full, rest) = (steps / 8, EIGHTHS.get(steps % 8).copied().unwrap_or_default());
    let text = "█".repeat(full) + rest;
    format!("{text:<width$}", width = usize::from(columns))
}
