//! Why a plugin gives no document, and where in a text that is.

use std::fmt;

/// A place in a text. Both numbers count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// The line, which ends after U+000A.
    pub line: u32,
    /// The column within the line, in characters.
    pub column: u32,
}

impl Location {
    /// The place in this line and column, which count from 1. Numbers above 32 bits become the largest.
    pub fn new(line: usize, column: usize) -> Self {
        let bounded = |number| u32::try_from(number).unwrap_or(u32::MAX);
        Self { line: bounded(line), column: bounded(column) }
    }

    /// The place so many bytes behind the beginning of the text, or the one of its last whole character before
    /// that.
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

/// What is wrong with a text: a document, or the value of an option.
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
    /// A sentence for whoever wrote the text: lowercase, no final period.
    pub message: String,
    /// Where it is wrong, if that can be said.
    pub at: Option<Location>,
}

impl Invalid {
    /// Says what is wrong: lowercase, no final period.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), at: None }
    }

    /// Says in which line and column, which count from 1, the column in characters.
    #[must_use]
    pub fn at(self, line: usize, column: usize) -> Self {
        Self { at: Some(Location::new(line, column)), ..self }
    }

    /// Says where, by how many bytes that is behind the beginning of the text.
    #[must_use]
    pub fn in_text(self, text: &str, offset: usize) -> Self {
        Self { at: Some(Location::of(text, offset)), ..self }
    }

    /// Makes it a failure of the option `key`, whose value the text is.
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
    /// What values it takes: lowercase, no final period.
    pub message: String,
    /// Where the value is wrong, if it is a text in which there are places.
    pub at: Option<Location>,
}

/// Why a plugin gives no document. Each is somebody else's to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The document is not what it says it is. Its author mends it.
    InvalidInput(Invalid),
    /// There is no option of this name. The caller mends it.
    UnknownOption(String),
    /// The option exists and does not take this value. The caller mends it.
    BadOption(BadOption),
    /// The plugin is at fault. Its author mends it.
    Internal(String),
}

impl Failure {
    /// A fault of the plugin's own, such as an error of a library that no document should bring about.
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
