//! Names that plugins and files choose, as names of files.

use crate::text::foreign_text::ForeignText;

/// Why a text is not to be the name of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name:.300}` is no name for a file: {reason}")]
pub struct NameError {
    /// The text.
    pub name: ForeignText,
    /// What stands against it.
    pub reason: &'static str,
}

/// The most bytes of a name, which is what most file systems have.
const LONGEST: usize = 255;

impl ForeignText {
    /// The text as the name of a file in a folder of the caller's choice, if it is a harmless one: of one
    /// part, not hidden, no option to a command, without spaces around it, and of characters that can be
    /// seen.
    ///
    /// ```
    /// use plugwright::ForeignText;
    ///
    /// assert_eq!(ForeignText::from("page.html").file_name().as_deref(), Ok("page.html"));
    /// assert!(ForeignText::from("../page.html").file_name().is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`NameError`] says what stands against it.
    pub fn file_name(&self) -> Result<&str, NameError> {
        let name = self.exact();
        let reason = if name.is_empty() {
            "it is empty"
        } else if name.contains(['/', '\\']) {
            "there is a slash in it"
        } else if name.starts_with('.') {
            "it begins with a dot"
        } else if name.starts_with('-') {
            "it begins with a dash, as options do"
        } else if name.trim() != name || name.ends_with('.') {
            "there is a space around it, or a dot at its end"
        } else if self.whole().to_string() != name {
            "there is a character in it that cannot be seen"
        } else if name.len() > LONGEST {
            "it is longer than 255 bytes"
        } else {
            return Ok(name);
        };
        Err(NameError { name: self.clone(), reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_plain_part() {
        for name in
            ["a", "page.html", "a b.txt", "résumé.md", "漢字.md", "a..b", "a-b", "👩\u{200d}💻.md"]
        {
            assert_eq!(ForeignText::from(name).file_name(), Ok(name));
        }
        let long = "a".repeat(256);
        let refused = [
            "",
            ".",
            "..",
            "/",
            "/etc/passwd",
            "a/b",
            "a/",
            r"a\b",
            ".profile",
            "-rf",
            "--help",
            " a",
            "a ",
            "a.",
            "a\nb",
            "a\0",
            "\u{1b}[2J",
            "a\u{9b}b",
            "gpj\u{202e}.exe",
            "a\u{200b}",
            "\u{feff}a",
            "a\u{3164}",
            "\u{a0}a",
            &long,
        ];
        for name in refused {
            let error = ForeignText::from(name).file_name().expect_err(name);
            assert!(!error.to_string().contains(char::is_control));
        }
    }
}
