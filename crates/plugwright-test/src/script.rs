//! Scripts: statements that call a plugin, answer what it imports, and say which instance does it.

mod answers;
pub(crate) mod error;
mod file;
mod handles;
mod imported;
mod json;
mod observing;
mod read;
mod recorder;
pub(crate) mod recording;
mod rules;
mod run;
mod session;
pub(crate) mod statement;
mod step;
pub(crate) mod trace;
pub(crate) mod transcript;

use plugwright::FileKind;

use crate::script::error::ScriptError;
use crate::script::read::Reader;
use crate::script::statement::Statement;

/// Calls of a plugin, of whatever world, as text: a statement a line, which goes on while a bracket is open, and comments from
/// `//` to the end of the line.
///
/// ```text
/// // Greets a person, and asks for both names.
/// let ada = words.person-resource("Ada", "Lovelace")
/// words.greet(ada)
/// ada.replica()
/// ```
///
/// - `INTERFACE.FUNCTION(ARGUMENTS)` is a call, with the interface's short name, its full one, or none where one alone has the
///   function. A constructor is called by its resource's name, a method on a variable. Arguments are values in WAVE and
///   variables, as [`read_value`](plugwright::read_value) has them.
/// - `let NAME = CALL` keeps the result for later; `let NAME = ok CALL` and `some` take it out of a result or an option, and
///   `let NAME = NAME.FIELD` a field out of a variable. `let NAME = new INTERFACE.RESOURCE` is a handle to a resource of the
///   host's.
/// - `drop NAME` gives a handle back. `fresh` begins a new instance, with no variables.
/// - `import TARGET(PATTERNS) = ANSWER, ANSWER…` answers what the plugin imports, from the beginning on: of those that match,
///   the first. Its answers are given in turn, the last one again and again. A pattern is a value, or `_` for anything; without
///   parentheses, any arguments match. The answer `trap "words"` ends the call. A function without a result has no `=`, or
///   answers in turn of which `()` is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    text: String,
    statements: Vec<Statement>,
    /// Whether its transcripts have values in JSON.
    has_json: bool,
}

impl Script {
    /// A file of a script: 1 MiB at most.
    pub const FILE: FileKind = FileKind::new("script", Self::MOST_BYTES as u64);

    /// How long a script may be, in bytes.
    pub const MOST_BYTES: usize = 1 << 20;

    /// How many statements a script may have.
    pub const MOST_STATEMENTS: usize = 10_000;

    /// Reads a script.
    ///
    /// # Errors
    ///
    /// [`ScriptError`] with the first place where it is none, and what was expected there.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        if text.len() > Self::MOST_BYTES {
            let message = format!(
                "the script has {} bytes, and {} are the most",
                text.len(),
                Self::MOST_BYTES
            );
            return Err(ScriptError { line: 1, column: 1, message });
        }
        let mut reader = Reader::new(text);
        let mut statements = Vec::new();
        while let Some(statement) = reader.statement()? {
            if statements.len() == Self::MOST_STATEMENTS {
                let message = format!("more than {} statements", Self::MOST_STATEMENTS);
                return Err(ScriptError::at(text, statement.at, message));
            }
            statements.push(statement);
        }
        Ok(Self { text: text.to_owned(), statements, has_json: false })
    }

    /// The same, with the values in its transcripts in JSON, too, where they count for [`Transcript::MOST_BYTES`](crate::Transcript::MOST_BYTES).
    #[must_use]
    pub fn with_json(self) -> Self {
        Self { has_json: true, ..self }
    }

    pub(crate) fn has_json(&self) -> bool {
        self.has_json
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The statements, in order.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }
}
