//! A frame of a backtrace: a function of a plugin that was running when the plugin trapped.

use std::fmt;

use crate::text::foreign_text::ForeignText;

/// One function of a plugin that was running when it trapped.
///
/// Names, files and lines come from the plugin's symbols. Without symbols, a frame of a stripped plugin has only an
/// offset. A backtrace has at most the 50 innermost frames.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The function's name, or its beginning if it is longer than 4 KiB.
    pub function: Option<ForeignText>,
    /// The source file, as the compiler recorded it. The pipeline replaces folders of the machine that built the plugin
    /// with `/plugwright`, `/crates` and `/rustc`.
    pub file: Option<ForeignText>,
    /// The line in the source file, counted from 1.
    pub line: Option<u32>,
    /// The position of the code, in bytes from the beginning of the plugin's file. Functions that were inlined into
    /// another one share its offset.
    pub offset: Option<usize>,
}

/// The most characters of a function name or a file name that are shown.
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
