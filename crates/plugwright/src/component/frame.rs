//! What is told of a function of a plugin that was running when it trapped.

use std::fmt;

use crate::text::foreign_text::ForeignText;

/// One function of a plugin that was running when it trapped.
///
/// What it says is what the plugin's symbols say; without them a stripped plugin's frame is an
/// offset. A backtrace has 50 frames at most, the innermost ones.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The function's name, or its beginning if it is longer than 4 KiB.
    pub function: Option<ForeignText>,
    /// The source file, as the compiler was told it: the pipeline puts `/plugwright`, `/crates` and
    /// `/rustc` in the place of folders of the machine that built the plugin.
    pub file: Option<ForeignText>,
    /// The line in the source file, from 1.
    pub line: Option<u32>,
    /// Where it was, in bytes from the beginning of the plugin's file. Functions that the compiler
    /// inlined into one have one place.
    pub offset: Option<usize>,
}

/// How many characters of the name of a function or a file a frame is shown with.
const SHOWN_OF_FRAME: usize = 300;

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.function, self.offset) {
            (Some(function), _) => write!(f, "{function:.SHOWN_OF_FRAME$}")?,
            (None, Some(offset)) => write!(f, "<function at {offset:#x}>")?,
            (None, None) => f.write_str("<function>")?,
        }
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, " at {file:.SHOWN_OF_FRAME$}:{line}"),
            (Some(file), None) => write!(f, " at {file:.SHOWN_OF_FRAME$}"),
            (None, _) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_says_what_it_knows() {
        let frame = |function: &str, file: &str, line, offset| {
            let text = |text: &str| (!text.is_empty()).then(|| text.into());
            Frame { function: text(function), file: text(file), line, offset }.to_string()
        };
        assert_eq!(frame("a::b", "/a.rs", Some(7), Some(16)), "a::b at /a.rs:7");
        assert_eq!(frame("a::b", "/a.rs", None, Some(16)), "a::b at /a.rs");
        assert_eq!(frame("a::b", "", Some(7), Some(16)), "a::b");
        assert_eq!(frame("", "/a.rs", Some(7), Some(16)), "<function at 0x10> at /a.rs:7");
        assert_eq!(frame("", "", None, Some(16)), "<function at 0x10>");
        assert_eq!(frame("", "", None, None), "<function>");
    }
}
