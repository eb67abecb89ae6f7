//! Asks the user at a terminal whether to accept each change.

use std::fmt::Display;
use std::io::{self, BufRead, Write};

use anyhow::{Context as _, Result};

/// The decision about a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Accept the change.
    Accept,
    /// Reject the change.
    Reject,
    /// Decide later.
    Skip,
}

/// Shows each change on `output`, asks for a decision, and calls `become_of` with it. If `input` ends, nobody can
/// answer any more, and all changes that were not accepted or rejected before are rejected.
///
/// # Errors
///
/// Fails if the system cannot ask, or if `become_of` fails.
pub fn ask_each<T: Display>(
    changes: &[T],
    input: &mut impl BufRead,
    output: &mut impl Write,
    mut become_of: impl FnMut(&T, Answer) -> Result<()>,
) -> Result<()> {
    let mut skipped = Vec::new();
    for (index, change) in changes.iter().enumerate() {
        let place = format!("\n{} of {}: ", index.saturating_add(1), changes.len());
        let asked = write!(output, "{place}{change}").and_then(|()| ask(input, output));
        let Some(answer) = asked.context("cannot ask")? else {
            let rest = changes.iter().skip(index);
            return skipped
                .into_iter()
                .chain(rest)
                .try_for_each(|it| become_of(it, Answer::Reject));
        };
        if answer == Answer::Skip {
            skipped.push(change);
        }
        become_of(change, answer)?;
    }
    Ok(())
}

/// Asks on `output` until `input` has a valid answer. The first letter is enough. Returns `None` if `input` ends.
///
/// # Errors
///
/// Fails if reading or writing fails.
pub fn ask(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<Option<Answer>> {
    loop {
        output.write_all(b"[a]ccept, [r]eject, [s]kip? ")?;
        output.flush()?;
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            output.write_all(b"\n")?;
            return Ok(None);
        }
        let answer = match &*line.trim().to_ascii_lowercase() {
            "a" | "accept" => Answer::Accept,
            "r" | "reject" => Answer::Reject,
            "s" | "skip" => Answer::Skip,
            _ => continue,
        };
        return Ok(Some(answer));
    }
}
