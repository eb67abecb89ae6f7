//! The question what becomes of a change, asked of whoever sits at a terminal.

use std::fmt::Display;
use std::io::{self, BufRead, Write};

use anyhow::{Context as _, Result};

/// What becomes of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is right.
    Accept,
    /// It is not.
    Reject,
    /// That is to be seen later.
    Skip,
}

/// Shows each change on `output`, asks what becomes of it, and has `become_of` do that. Where `input` ends, nobody is there
/// any more, and all are rejected that were not accepted or rejected before.
///
/// # Errors
///
/// What the system says, and what `become_of` does.
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

/// Asks on `output` until `input` has an answer: its first letter is enough. Where `input` ends, there is none.
///
/// # Errors
///
/// What the system says.
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
