//! Tables in Markdown, on standard output.
#![expect(clippy::print_stdout, reason = "programs that show tables")]

use std::time::Duration;

/// Writes the time in a suitable unit.
pub fn shown(time: Duration) -> String {
    let microseconds = time.as_secs_f64() * 1e6;
    match microseconds {
        0.0..1.0 => format!("{:.0} ns", microseconds * 1e3),
        1.0..1e3 => format!("{} µs", number(microseconds)),
        _ => format!("{} ms", number(microseconds / 1e3)),
    }
}

/// Writes a number with three digits.
pub fn number(number: f64) -> String {
    match number {
        100.0.. => format!("{number:.0}"),
        10.0..100.0 => format!("{number:.1}"),
        0.1..10.0 => format!("{number:.2}"),
        _ => format!("{number:.3}"),
    }
}

/// Prints the head of a table. The first column is text, and the others are numbers.
pub fn table(columns: &[&str]) {
    cells(columns);
    let rules: Vec<_> = (0..columns.len()).map(|it| if it == 0 { "---" } else { "---:" }).collect();
    cells(&rules);
}

/// Prints a row.
pub fn cells(cells: &[&str]) {
    println!("| {} |", cells.join(" | "));
}
