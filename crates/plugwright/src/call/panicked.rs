//! The panic message of a plugin in Rust. The plugin writes it to its log before it ends with an instruction that must
//! not be reached.

/// The longest message that is kept, in bytes.
const LONGEST: usize = 1024;

/// What the log contains of a panic so far.
#[derive(Debug, Default)]
pub(crate) struct Panicked {
    place: String,
    message: String,
    is_over: bool,
}

impl Panicked {
    /// Reads a line of the log, and recognises the lines that Rust's standard library writes for a panic.
    pub(crate) fn hear(&mut self, line: &str) {
        let head = line.strip_prefix("thread '").and_then(|line| line.strip_suffix(':'));
        if let Some((_, place)) = head.and_then(|head| head.split_once("panicked at ")) {
            *self = Self { place: cut(place), ..Self::default() };
            return;
        }
        if line.starts_with("memory allocation of ") && line.ends_with(" bytes failed") {
            *self = Self { message: cut(line), is_over: true, ..Self::default() };
        }
        if self.place.is_empty() || self.is_over {
            return;
        }
        self.is_over = line.starts_with("note: run with `RUST_BACKTRACE");
        if !self.is_over && self.message.len() < LONGEST {
            if !self.message.is_empty() {
                self.message.push('\n');
            }
            self.message += &cut(line);
        }
    }

    /// Returns the place and the message of the panic if there was one, or the message of a failed allocation.
    pub(crate) fn reason(&self) -> Option<String> {
        let Self { place, message, .. } = self;
        match (place.is_empty(), message.is_empty()) {
            (true, true) => None,
            (true, false) => Some(message.clone()),
            (false, _) => Some(format!("it panicked at {place}: {message}")),
        }
    }
}

fn cut(text: &str) -> String {
    text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::Panicked;

    fn reason(lines: &[&str]) -> Option<String> {
        let mut panicked = Panicked::default();
        lines.iter().for_each(|line| panicked.hear(line));
        panicked.reason()
    }

    #[test]
    fn a_panic_is_told_from_other_lines() {
        let head = "thread '<unnamed>' (1) panicked at src/lib.rs:19:5:";
        let note = "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace";
        let whole = reason(&["before", "", head, "no", "more", note, "after"]);
        assert_eq!(whole.as_deref(), Some("it panicked at src/lib.rs:19:5: no\nmore"));
        assert_eq!(reason(&["thread 'x' goes on:", "panicked at a:", "so"]), None);
        let memory = "memory allocation of 16 bytes failed";
        assert_eq!(reason(&[memory, "after"]).as_deref(), Some(memory));
        // Each panic starts over, and long messages are cut.
        let long = "ä".repeat(2000);
        let last = reason(&[head, "first", "thread 'b' panicked at b.rs:1:1:", &long, "and"]);
        assert_eq!(last, Some(format!("it panicked at b.rs:1:1: {}", "ä".repeat(512))));
    }
}
