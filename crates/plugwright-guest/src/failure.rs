//! Failures: why a plugin returns no document, and where in a text the mistake is.

use std::fmt;

/// A place in a text. Lines and columns count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// The line. Lines end after U+000A.
    pub line: u32,
    /// The column within the line, in characters.
    pub column: u32,
}

impl Location {
    /// Makes a location from a line and a column, both counted from 1. Numbers beyond 32 bits become the largest `u32`.
    pub fn new(line: usize, column: usize) -> Self {
        let bounded = |number| u32::try_from(number).unwrap_or(u32::MAX);
        Self { line: bounded(line), column: bounded(column) }
    }

    /// Returns the place that is `offset` bytes after the beginning of the text. An offset inside a character gives the
    /// place of that character.
    pub fn of(text: &str, offset: usize) -> Self {
        let (mut line, mut column) = (1, 1);
        for (_, character) in
            text.char_indices().take_while(|(start, it)| start + it.len_utf8() <= offset)
        {
            match character {
                '\n' => (line, column) = (line + 1, 1),
                _ => column += 1,
            }
        }
        Self::new(line, column)
    }
}

/// What is wrong with a text: with a document, or with the value of an option.
///
/// ```
/// # use plugwright_guest::{Failure, Invalid};
/// # fn read(text: &str) -> Result<(), Failure> {
/// let offset = text.find('\t').ok_or_else(|| Invalid::new("there is no tab"))?;
/// return Err(Invalid::new("a tab is not allowed here").in_text(text, offset).into());
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// A sentence for the author of the text: lowercase, no final period.
    pub message: String,
    /// Where the mistake is, if the plugin knows.
    pub at: Option<Location>,
}

impl Invalid {
    /// Makes an error from a sentence that says what is wrong: lowercase, no final period.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), at: None }
    }

    /// Adds the line and the column of the mistake. Both count from 1, and columns count characters.
    #[must_use]
    pub fn at(self, line: usize, column: usize) -> Self {
        Self { at: Some(Location::new(line, column)), ..self }
    }

    /// Adds the place of the mistake, `offset` bytes after the beginning of `text`.
    #[must_use]
    pub fn in_text(self, text: &str, offset: usize) -> Self {
        Self { at: Some(Location::of(text, offset)), ..self }
    }

    /// Turns the error into a failure of the option `key`, for a text that is the value of this option.
    pub fn of_option(self, key: impl Into<String>) -> Failure {
        let Self { message, at } = self;
        Failure::BadOption(BadOption { key: key.into(), message, at })
    }
}

/// What is wrong with the value of an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadOption {
    /// The option's name.
    pub key: String,
    /// Which values the option takes: lowercase, no final period.
    pub message: String,
    /// Where in the value the mistake is, if the value is a longer text such as a filter or a template.
    pub at: Option<Location>,
}

/// Why a plugin returns no document. Each case names who can fix it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The document is not valid for its media type. The author of the document can fix this.
    InvalidInput(Invalid),
    /// There is no option of this name. The caller can fix this.
    UnknownOption(String),
    /// The option exists but does not take this value. The caller can fix this.
    BadOption(BadOption),
    /// The plugin is at fault. The author of the plugin can fix this.
    Internal(String),
}

impl Failure {
    /// Makes a failure that is the plugin's own fault, such as a library error that no document should cause.
    ///
    /// ```
    /// # use plugwright_guest::Failure;
    /// # fn write(number: f64) -> Result<String, Failure> {
    /// # let json = |number: f64| -> Result<String, std::fmt::Error> { Ok(number.to_string()) };
    /// json(number).map_err(Failure::internal)
    /// # }
    /// ```
    #[expect(clippy::needless_pass_by_value, reason = "`map_err` passes by value")]
    pub fn internal(error: impl ToString) -> Self {
        Self::Internal(error.to_string())
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Location { line, column }) = self.at {
            write!(f, "line {line}, column {column}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Invalid {}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        Self::InvalidInput(invalid)
    }
}

impl From<BadOption> for Failure {
    fn from(bad: BadOption) -> Self {
        Self::BadOption(bad)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |f: &mut fmt::Formatter<'_>, at: &Option<Location>| match at {
            Some(Location { line, column }) => write!(f, " at line {line}, column {column}"),
            None => Ok(()),
        };
        match self {
            Self::InvalidInput(Invalid { message, at }) => {
                f.write_str("the document is invalid")?;
                place(f, at)?;
                write!(f, ": {message}")
            }
            Self::UnknownOption(key) => write!(f, "there is no option `{key}`"),
            Self::BadOption(BadOption { key, message, at }) => {
                write!(f, "option `{key}`")?;
                place(f, at)?;
                write!(f, ": {message}")
            }
            Self::Internal(message) => write!(f, "the plugin is at fault: {message}"),
        }
    }
}

impl std::error::Error for Failure {}
