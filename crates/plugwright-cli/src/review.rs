//! The question what becomes of a change, asked of whoever sits at a terminal.

use std::io::{self, BufRead, Write};

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

/// Asks on `output` until `input` has an answer: its first letter is enough. Where `input` ends, there is none.
///
/// # Errors
///
/// What the system says.
pub fn ask(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<Option<Answer>> {
    loop {
        output.write_all(b"accept, reject, skip [a/r/s] ")?;
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
