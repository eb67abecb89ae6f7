//! Splits printed bytes into lines.

/// The length at which a line is cut, so that output without line ends does not fill the plugin's memory. The host cuts
/// lines at the same length.
const LONGEST_LINE: usize = 8 * 1024;

/// Collects bytes until they make whole lines.
#[derive(Debug)]
pub(crate) struct Lines {
    begun: Vec<u8>,
}

impl Lines {
    pub(crate) const fn new() -> Self {
        Self { begun: Vec::new() }
    }

    /// Takes bytes, and returns the lines that they complete.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut ended = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let text = piece.strip_suffix(b"\n").unwrap_or(piece);
            for part in text.chunks(LONGEST_LINE) {
                if self.begun.len() + part.len() > LONGEST_LINE {
                    ended.extend(self.end());
                }
                self.begun.extend_from_slice(part);
            }
            if piece.ends_with(b"\n") {
                ended.push(self.end().unwrap_or_default());
            }
        }
        ended
    }

    /// Returns the unfinished line, if there is one.
    pub(crate) fn end(&mut self) -> Option<String> {
        if self.begun.is_empty() {
            return None;
        }
        let line = std::mem::take(&mut self.begun);
        let ended = line.strip_suffix(b"\r").unwrap_or(&line);
        Some(String::from_utf8_lossy(ended).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_LINE, Lines};

    fn lines(pieces: &[&str]) -> Vec<String> {
        let mut lines = Lines::new();
        let mut ended: Vec<_> =
            pieces.iter().flat_map(|piece| lines.push(piece.as_bytes())).collect();
        ended.extend(lines.end());
        ended
    }

    #[test]
    fn lines_end_where_they_end_however_they_come() {
        assert_eq!(lines(&["one\ntwo\r\n\nthree"]), ["one", "two", "", "three"]);
        assert_eq!(lines(&["o", "ne", "\n", "two", "\r", "\n"]), ["one", "two"]);
        assert_eq!(lines(&["", "\n", ""]), [""]);
        assert_eq!(lines(&[]), [""; 0]);
    }

    #[test]
    fn long_lines_are_cut() {
        let long = "x".repeat(LONGEST_LINE);
        assert_eq!(lines(&[&long]), [&*long]);
        assert_eq!(lines(&[&long, &long, "y\n"]), [&*long, &*long, "y"]);
        assert_eq!(lines(&[&format!("{long}\n")]), [&*long]);
        let lengths: Vec<_> = lines(&[&long.repeat(3), "yz\n"]).iter().map(String::len).collect();
        assert_eq!(lengths, [LONGEST_LINE, LONGEST_LINE, LONGEST_LINE, 2]);
    }
}
