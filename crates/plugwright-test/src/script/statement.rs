//! The statements of a script.

use std::fmt;

use plugwright::{ArgumentText, CallText};

/// The answer of a function without a result.
pub(crate) const NOTHING: &str = "()";

/// A statement of a script.
///
/// Its `Display` is one line without comments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Where the statement begins, as a byte offset in the script.
    pub(crate) at: usize,
    pub(crate) line: usize,
    /// The text of the statement in the script.
    pub(crate) source: String,
    pub(crate) kind: Kind,
}

/// What a statement does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Call(Call),
    Let { name: String, takes: Vec<Take>, value: Bound },
    Drop { name: String, at: usize },
    Fresh,
    Import(Import),
}

/// The right side of `let`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Bound {
    Call(Call),
    /// A variable or one of its fields, as the name of the variable and the names of fields.
    Path {
        path: String,
        at: usize,
    },
    /// A new handle to a resource of the host.
    New {
        resource: String,
        at: usize,
    },
}

/// The case that a value is taken out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Take {
    Ok,
    Some,
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) target: String,
    pub(crate) target_at: usize,
    pub(crate) arguments: Vec<Value>,
}

/// The text of a value, and where it begins, as a byte offset in the script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) text: String,
    pub(crate) at: usize,
}

/// An `import` statement, which answers an imported function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Import {
    pub(crate) target: String,
    pub(crate) target_at: usize,
    /// The patterns of the arguments. Absent if all arguments match.
    pub(crate) patterns: Option<Vec<Value>>,
    /// The answers, given in turn. The last one is repeated. Empty if the function has no result.
    pub(crate) answers: Vec<Answer>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// `()`: the function has no result.
    Nothing(Value),
    Value(Value),
    /// The call ends with these words, a string, as the reason.
    Trap(Value),
}

impl Statement {
    /// Returns the line in which the statement begins, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Returns whether this is an `import` statement.
    pub(crate) fn is_import(&self) -> bool {
        matches!(self.kind, Kind::Import(_))
    }
}

impl Call {
    /// Makes a call whose text begins `base` bytes into the script.
    pub(crate) fn new(call: &CallText<'_>, base: usize) -> Self {
        Self {
            target: call.target.to_owned(),
            target_at: base.saturating_add(call.target_at),
            arguments: call.arguments.iter().map(|it| Value::new(it, base)).collect(),
        }
    }
}

impl Value {
    pub(crate) fn new(value: &ArgumentText<'_>, base: usize) -> Self {
        Self { text: value.text.to_owned(), at: base.saturating_add(value.at) }
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Call(call) => write!(f, "{call}"),
            Kind::Let { name, takes, value } => {
                write!(f, "let {name} = ")?;
                for take in takes {
                    write!(f, "{take} ")?;
                }
                match value {
                    Bound::Call(call) => write!(f, "{call}"),
                    Bound::Path { path, .. } => f.write_str(path),
                    Bound::New { resource, .. } => write!(f, "new {resource}"),
                }
            }
            Kind::Drop { name, .. } => write!(f, "drop {name}"),
            Kind::Fresh => f.write_str("fresh"),
            Kind::Import(import) => write!(f, "{import}"),
        }
    }
}

impl fmt::Display for Take {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ok => "ok",
            Self::Some => "some",
        })
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.target)?;
        list(f, &self.arguments)?;
        f.write_str(")")
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&ArgumentText { text: &self.text, at: self.at }, f)
    }
}

impl fmt::Display for Import {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "import {}", self.target)?;
        if let Some(patterns) = &self.patterns {
            f.write_str("(")?;
            list(f, patterns)?;
            f.write_str(")")?;
        }
        if !self.answers.is_empty() {
            f.write_str(" = ")?;
        }
        list(f, &self.answers)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing(value) | Self::Value(value) => write!(f, "{value}"),
            Self::Trap(words) => write!(f, "trap {words}"),
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, values: &[impl fmt::Display]) -> fmt::Result {
    for (index, value) in values.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        write!(f, "{comma}{value}")?;
    }
    Ok(())
}
