//! Scripts: statements that call a plugin, answer what it imports, and choose the instance.

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

/// Calls of a plugin of any world, as text. Each line is a statement. A statement continues on the next line while a
/// bracket is open. A comment goes from `//` to the end of the line.
///
/// ```text
/// // Greets a person, and asks for both names.
/// let ada = words.person-resource("Ada", "Lovelace")
/// words.greet(ada)
/// ada.replica()
/// ```
///
/// - `INTERFACE.FUNCTION(ARGUMENTS)` is a call. The interface has its short or its full name. It can be left out if only one
///   interface has the function. A constructor is called by the name of its resource, and a method on a variable. Arguments are
///   values in WAVE and variables, as [`read_value`](plugwright::read_value) takes them.
/// - `let NAME = CALL` keeps the result in a variable. `let NAME = ok CALL` takes the value out of a result, and `some` out of an
///   option. `let NAME = NAME.FIELD` takes a field out of a variable. `let NAME = new INTERFACE.RESOURCE` makes a handle to a
///   resource of the host.
/// - `drop NAME` drops a handle. `fresh` begins a new instance, without variables.
/// - `import TARGET(PATTERNS) = ANSWER, ANSWER…` answers a function that the plugin imports. It holds for the whole script, and the
///   first statement that matches answers. Its answers are given in turn, and the last one is repeated. A pattern is a value,
///   or `_` for anything. Without parentheses, all arguments match. The answer `trap "words"` ends the call. For a function
///   without a result, leave out the `=`, or write `()` for each answer that is not a trap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    text: String,
    statements: Vec<Statement>,
    /// Whether transcripts also have values in JSON.
    has_json: bool,
}

impl Script {
    /// The kind of script files, which have at most 1 MiB.
    pub const FILE: FileKind = FileKind::new("script", Self::MOST_BYTES as u64);

    /// The greatest length of a script, in bytes.
    pub const MOST_BYTES: usize = 1 << 20;

    /// The greatest number of statements of a script.
    pub const MOST_STATEMENTS: usize = 10_000;

    /// Parses a script.
    ///
    /// # Errors
    ///
    /// Returns a [`ScriptError`] with the place of the first mistake, and what was expected there.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        if text.len() > Self::MOST_BYTES {
            let message = format!(
                "the script has {} bytes, but at most {} are allowed",
                text.len(),
                Self::MOST_BYTES
            );
            return Err(ScriptError { line: 1, column: 1, message });
        }
        let mut reader = Reader::new(text);
        let mut statements = Vec::new();
        while let Some(statement) = reader.statement()? {
            if statements.len() == Self::MOST_STATEMENTS {
                let message =
                    format!("the script has more than {} statements", Self::MOST_STATEMENTS);
                return Err(ScriptError::at(text, statement.at, message));
            }
            statements.push(statement);
        }
        Ok(Self { text: text.to_owned(), statements, has_json: false })
    }

    /// Makes transcripts also have values in JSON. The JSON counts towards
    /// [`Transcript::MOST_BYTES`](crate::Transcript::MOST_BYTES).
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

    /// Returns the statements, in order.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }
}
