//! Checks whether a name that a plugin or a file chose is safe as a file name.

use crate::text::foreign_text::ForeignText;

/// The reason why a text is not a safe file name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name:.300}` cannot be used as a file name: {reason}")]
pub struct NameError {
    /// The text.
    pub name: ForeignText,
    /// The reason.
    pub reason: &'static str,
}

/// The most bytes of a name, as in most file systems.
const LONGEST: usize = 255;

impl ForeignText {
    /// Returns the text if it is safe as the name of a file in a folder that the caller chooses: it has only one part,
    /// is not hidden, does not look like a command-line option, has no spaces around it, and has only visible
    /// characters.
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
    /// [`NameError`] with the reason why the name is not safe.
    pub fn file_name(&self) -> Result<&str, NameError> {
        let name = self.exact();
        let reason = if name.is_empty() {
            "it is empty"
        } else if name.contains(['/', '\\']) {
            "it contains a slash"
        } else if name.starts_with('.') {
            "it begins with a dot"
        } else if name.starts_with('-') {
            "it begins with a dash, as options do"
        } else if name.trim() != name || name.ends_with('.') {
            "it begins or ends with a space, or ends with a dot"
        } else if self.whole().to_string() != name {
            "it contains an invisible character"
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
