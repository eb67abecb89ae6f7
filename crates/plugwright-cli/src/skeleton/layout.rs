//! Lays out Rust code as rustfmt does with its default settings.

use plugwright::ForeignText;

use super::rust_types::Signature;

/// The maximum width of a line.
const WIDTH: usize = 100;

/// Returns the head of a function up to its opening brace: in one line if it fits, or else with one line for each
/// parameter.
pub(super) fn head(indent: &str, name: &str, signature: &Signature) -> String {
    let Signature { parameters, result, .. } = signature;
    let result = result.as_ref().map(|ty| format!(" -> {ty}")).unwrap_or_default();
    let line = format!("{indent}{name}({}){result} {{", parameters.join(", "));
    if line.chars().count() <= WIDTH || parameters.is_empty() {
        return line;
    }
    let parameters: Vec<_> = parameters.iter().map(|it| format!("{indent}    {it},\n")).collect();
    let begin = format!("{indent}{name}(\n{}", parameters.concat());
    let end = format!("{indent}){result}");
    let brace =
        if end.chars().count() < WIDTH - 1 { " {".to_owned() } else { format!("\n{indent}{{") };
    begin + &end + &brace
}

/// Returns the documentation of a contract as a comment. The text is escaped, because it can contain anything.
pub(super) fn comment(indent: &str, documentation: Option<&str>) -> String {
    let lines = documentation.unwrap_or_default().trim().lines();
    let lines = lines.map(|line| {
        let line = ForeignText::from(line.trim_end()).whole().to_string();
        let space = if line.is_empty() { "" } else { " " };
        format!("{indent}//{space}{}\n", line.trim_end())
    });
    lines.collect()
}

/// Returns the text as a string literal in Rust.
pub(super) fn literal(text: &str) -> String {
    format!("\"{}\"", text.escape_default())
}

/// An expression in Rust.
pub(super) enum Expression {
    Plain(String),
    /// A struct with its fields.
    Struct(String, Vec<(String, Expression)>),
    /// Expressions between an opening and a closing text: a call, a list or a tuple.
    Group(String, Vec<Expression>, &'static str),
}

impl Expression {
    /// Returns the expression in one line.
    fn line(&self) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Struct(name, fields) => {
                let fields: Vec<_> =
                    fields.iter().map(|(name, it)| format!("{name}: {}", it.line())).collect();
                format!("{name} {{ {} }}", fields.join(", "))
            }
            Self::Group(begin, items, end) => {
                let items: Vec<_> = items.iter().map(Self::line).collect();
                format!("{begin}{}{end}", items.join(", "))
            }
        }
    }

    /// Returns whether rustfmt splits the expression over several lines, even if it fits into one.
    fn is_tall(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Struct(name, fields) => {
                let body = self.line().chars().count().saturating_sub(name.chars().count());
                // The braces, and spaces beside them.
                body.saturating_sub(5) > 18 || fields.iter().any(|(_, it)| it.is_tall())
            }
            Self::Group(begin, items, _) => {
                let body = self
                    .line()
                    .chars()
                    .count()
                    .saturating_sub(begin.chars().count())
                    .saturating_sub(1);
                body > 60 || items.iter().any(Self::is_tall)
            }
        }
    }

    /// Returns the expression, with `indent` before each line except the first.
    pub(super) fn laid_out(&self, indent: &str) -> String {
        let line = self.line();
        if !self.is_tall() && indent.len().saturating_add(line.chars().count()) < WIDTH - 20 {
            return line;
        }
        let deeper = format!("{indent}    ");
        match self {
            Self::Plain(text) => text.clone(),
            Self::Struct(name, fields) => {
                let fields = fields.iter();
                let fields: Vec<_> = fields
                    .map(|(name, it)| format!("{deeper}{name}: {},\n", it.laid_out(&deeper)))
                    .collect();
                format!("{name} {{\n{}{indent}}}", fields.concat())
            }
            // A single item starts in the group's first line.
            Self::Group(begin, items, end) => match &**items {
                [one] if !matches!(one, Self::Plain(_)) => {
                    format!("{begin}{}{end}", one.laid_out(indent))
                }
                items => {
                    let items: Vec<_> = items
                        .iter()
                        .map(|it| format!("{deeper}{},\n", it.laid_out(&deeper)))
                        .collect();
                    format!("{begin}\n{}{indent}{}", items.concat(), end.trim_start_matches(','))
                }
            },
        }
    }
}
