//! Parses the text of a call into the name of the function and the texts of the arguments.

use std::fmt;

use crate::text::foreign_text::brief;

/// The maximum depth of nested brackets. The reader of values recurses once for each level.
const DEEPEST: usize = 100;

/// The text of one call: `INTERFACE.FUNCTION(ARGUMENTS)`.
///
/// The `Display` form is one line, without comments.
///
/// ```
/// use plugwright::CallText;
///
/// let (call, length) = CallText::read("words.greet(ada, [\"a, b\"]) // and so on")?;
/// assert_eq!((call.target, length), ("words.greet", 26));
/// assert_eq!(call.arguments.iter().map(|it| it.text).collect::<Vec<_>>(), ["ada", "[\"a, b\"]"]);
/// # Ok::<(), plugwright::CallTextError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallText<'a> {
    /// The name of what is called: words joined by `.`. The first word can be the full name of an interface.
    pub target: &'a str,
    /// The position of the name, in bytes from the beginning of the text.
    pub target_at: usize,
    /// The arguments, in order.
    pub arguments: Vec<ArgumentText<'a>>,
}

/// The text of one value: an argument, or the text after a `=`.
///
/// The `Display` form is one line, without comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArgumentText<'a> {
    /// The value, without surrounding blanks.
    pub text: &'a str,
    /// The position of the value, in bytes from the beginning of the text.
    pub at: usize,
}

/// The reason why a text is not a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CallTextError {
    /// The position of the error, in bytes from the beginning of the text.
    pub at: usize,
    /// What is wrong, and what was expected.
    pub message: String,
}

impl<'a> CallText<'a> {
    /// Reads the call at the beginning of `text`, and returns it with its length in bytes. Inside its brackets, a call
    /// can span several lines and contain comments, from `//` to the end of the line.
    ///
    /// # Errors
    ///
    /// [`CallTextError`] if `text` does not begin with a call, if a bracket or a string is not closed, or if brackets
    /// are nested more than 100 deep.
    pub fn read(text: &'a str) -> Result<(Self, usize), CallTextError> {
        let mut scanner = Scanner { text, at: 0 };
        scanner.skip_blank(false);
        let target_at = scanner.at;
        let target = Self::target_of(scanner.rest());
        if target.is_empty() {
            return Err(scanner.error("expected a call, such as `words.greet(\"Ada\")`"));
        }
        scanner.at += target.len();
        let open = scanner.at;
        if !scanner.takes('(') {
            let message = format!(
                "expected `(` after `{}`: a call is `INTERFACE.FUNCTION(ARGUMENTS)`",
                brief(target)
            );
            return Err(CallTextError { at: open, message });
        }
        let mut arguments = Vec::new();
        loop {
            scanner.skip_blank(true);
            if scanner.takes(')') {
                break;
            }
            arguments.push(scanner.value(Within::Call { open })?);
            scanner.skip_blank(true);
            // A comma is also allowed after the last argument.
            if !scanner.takes(',') && !scanner.rest().starts_with(')') {
                let message = "the `(` of this call is not closed: add `)`".to_owned();
                return Err(CallTextError { at: open, message });
            }
        }
        Ok((Self { target, target_at, arguments }, scanner.at))
    }

    /// Returns the name at the beginning of `text`: all letters, digits and other characters that can be in a name,
    /// such as in `shop:pricing/rules@1.0.0.price`.
    pub fn target_of(text: &'a str) -> &'a str {
        let mut end = 0;
        for (at, c) in text.char_indices() {
            let is_comment = text.get(at..).is_some_and(|rest| rest.starts_with("//"));
            if is_comment || !(c.is_ascii_alphanumeric() || "-_.:/@%+".contains(c)) {
                break;
            }
            end = at + c.len_utf8();
        }
        text.get(..end).unwrap_or_default()
    }
}

impl<'a> ArgumentText<'a> {
    /// Reads the value at the beginning of `text`, and returns it with its length in bytes. The value ends at a comma
    /// or at the end of the line, outside brackets.
    ///
    /// # Errors
    ///
    /// [`CallTextError`] if there is no value, if a bracket or a string is not closed, or if brackets are nested more
    /// than 100 deep.
    pub fn read(text: &'a str) -> Result<(Self, usize), CallTextError> {
        let mut scanner = Scanner { text, at: 0 };
        scanner.skip_blank(false);
        let value = scanner.value(Within::Line)?;
        Ok((value, scanner.at))
    }
}

impl fmt::Display for CallText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.target)?;
        for (index, argument) in self.arguments.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{argument}")?;
        }
        f.write_str(")")
    }
}

/// Writes the value as it was given, except for line breaks. Line breaks inside strings of several lines stay.
impl fmt::Display for ArgumentText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut scanner = Scanner { text: self.text, at: 0 };
        // What comes before the next token and has to be written.
        let (mut blank, mut comma, mut after_open) = (false, false, true);
        // A text that was made by hand may not be valid; then only its beginning is written.
        while let Ok(Some((token, text))) = scanner.token() {
            match token {
                Token::Blank | Token::Break | Token::Comment => blank = true,
                // A comma after the last value is left out.
                Token::Comma if !comma => (blank, comma) = (false, true),
                _ => {
                    let closes = matches!(token, Token::Close(_));
                    if std::mem::take(&mut comma) && !closes {
                        f.write_str(",")?;
                    }
                    if std::mem::take(&mut blank) && !after_open && !closes {
                        f.write_str(" ")?;
                    }
                    f.write_str(text)?;
                    after_open = matches!(token, Token::Open(_));
                }
            }
        }
        Ok(())
    }
}

/// What contains a value.
#[derive(Clone, Copy)]
enum Within {
    /// The brackets of a call, with the position of the opening bracket.
    Call { open: usize },
    /// A line.
    Line,
}

/// A part of a text that is not parsed further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Blank,
    /// The end of a line.
    Break,
    Comment,
    Comma,
    Open(char),
    Close(char),
    /// A string or a character in quotes.
    Quoted,
    Other,
}

/// A text and the position up to which it was read.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn error(&self, message: &str) -> CallTextError {
        CallTextError { at: self.at, message: message.to_owned() }
    }

    /// Skips `c` if it comes next, and returns whether it did.
    fn takes(&mut self, c: char) -> bool {
        let is_next = self.rest().starts_with(c);
        self.at += if is_next { c.len_utf8() } else { 0 };
        is_next
    }

    /// Skips blanks and comments, and also line breaks if `beyond_lines` is set.
    fn skip_blank(&mut self, beyond_lines: bool) {
        loop {
            let before = self.at;
            match self.token() {
                Ok(Some((Token::Blank | Token::Comment, _))) => {}
                Ok(Some((Token::Break, _))) if beyond_lines => {}
                _ => {
                    self.at = before;
                    return;
                }
            }
        }
    }

    /// Reads a value. The position is then at its end.
    fn value(&mut self, within: Within) -> Result<ArgumentText<'a>, CallTextError> {
        let begin = self.at;
        let mut end = begin;
        let mut open: Vec<(char, usize)> = Vec::new();
        loop {
            let at = self.at;
            let Some((token, _)) = self.token()? else { break };
            match (token, open.last()) {
                (Token::Comma, None) => break,
                (Token::Break, None) if matches!(within, Within::Line) => break,
                (Token::Close(')'), None) if matches!(within, Within::Call { .. }) => break,
                (Token::Close(c), None) => {
                    return Err(CallTextError { at, message: format!("`{c}` closes nothing") });
                }
                (Token::Close(c), Some((expected, _))) if c != *expected => {
                    let message = format!("expected `{expected}`, found `{c}`");
                    return Err(CallTextError { at, message });
                }
                (Token::Close(_), Some(_)) => drop(open.pop()),
                (Token::Open(_), _) if open.len() == DEEPEST => {
                    let message = format!("brackets are nested more than {DEEPEST} deep");
                    return Err(CallTextError { at, message });
                }
                (Token::Open(c), _) => open.push((closing(c), at)),
                _ => {}
            }
            if !matches!(token, Token::Blank | Token::Break | Token::Comment) {
                end = self.at;
            }
        }
        self.at = end;
        if let Some((expected, at)) = open.last() {
            let message = format!("this bracket is not closed: add `{expected}`");
            return Err(CallTextError { at: *at, message });
        }
        match (end == begin, within) {
            (false, _) => {
                let text = self.text.get(begin..end).unwrap_or_default();
                Ok(ArgumentText { text, at: begin })
            }
            (true, Within::Call { open }) if self.rest().is_empty() => {
                let message = "the `(` of this call is not closed: add `)`".to_owned();
                Err(CallTextError { at: open, message })
            }
            (true, _) => Err(self.error("expected a value")),
        }
    }

    /// Reads the next token, and returns it with its text.
    fn token(&mut self) -> Result<Option<(Token, &'a str)>, CallTextError> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(None) };
        let up_to = |ends: fn(char) -> bool| rest.find(ends).unwrap_or(rest.len());
        let (token, length) = match first {
            '\n' => (Token::Break, 1),
            ' ' | '\t' | '\r' => (Token::Blank, up_to(|c| !matches!(c, ' ' | '\t' | '\r'))),
            '/' if rest.starts_with("//") => (Token::Comment, up_to(|c| c == '\n')),
            ',' => (Token::Comma, 1),
            '(' | '[' | '{' => (Token::Open(first), 1),
            ')' | ']' | '}' => (Token::Close(first), 1),
            '"' | '\'' => (Token::Quoted, self.quoted(first)?),
            _ => (Token::Other, first.len_utf8()),
        };
        self.at += length;
        Ok(Some((token, rest.get(..length).unwrap_or_default())))
    }

    /// Returns the length in bytes of the quoted text that comes next.
    fn quoted(&self, quote: char) -> Result<usize, CallTextError> {
        let rest = self.rest();
        if let Some(lines) = rest.strip_prefix(r#"""""#) {
            let end = lines.find(r#"""""#);
            return end.map(|end| end + 6).ok_or_else(|| {
                self.error("this string is not closed: add `\"\"\"` at the start of a line")
            });
        }
        let mut chars = rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => drop(chars.next()),
                '\n' => break,
                _ if c == quote => return Ok(at + 1),
                _ => {}
            }
        }
        let what = if quote == '"' { "string" } else { "character" };
        Err(self.error(&format!("this {what} is not closed: add `{quote}` on the same line")))
    }
}

/// What closes the bracket.
fn closing(open: char) -> char {
    match open {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (String, usize) {
        let (call, length) = CallText::read(text).unwrap_or_else(|error| panic!("{error}"));
        for argument in &call.arguments {
            assert_eq!(
                text.get(argument.at..argument.at + argument.text.len()),
                Some(argument.text)
            );
        }
        assert_eq!(text.get(call.target_at..call.target_at + call.target.len()), Some(call.target));
        let arguments: Vec<_> = call.arguments.iter().map(|it| it.text).collect();
        (format!("{} {arguments:?} {call}", call.target), length)
    }

    fn refused(text: &str) -> String {
        let CallTextError { at, message } = CallText::read(text).expect_err(text);
        format!("{at}: {message}")
    }

    #[test]
    fn arguments_are_split_where_nothing_is_open() {
        for (text, length, expected) in [
            ("now()", 5, r#"now [] now()"#),
            ("  now ( )", 0, ""),
            ("a.b(1,2 , 3,)x", 13, r#"a.b ["1", "2", "3"] a.b(1, 2, 3)"#),
            (
                "a.b({x: [1, 2], y: (3, 4)}, \"a, (b\")",
                36,
                r#"a.b ["{x: [1, 2], y: (3, 4)}", "\"a, (b\""] a.b({x: [1, 2], y: (3, 4)}, "a, (b")"#,
            ),
            (
                r#"f("\"),", '\'', ',')"#,
                20,
                r#"f ["\"\\\"),\"", "'\\''", "','"] f("\"),", '\'', ',')"#,
            ),
            (
                "f(// one )\n  1, // two, \"\n  [\n    2, // three\n  ],\n)\n",
                52,
                r#"f ["1", "[\n    2, // three\n  ]"] f(1, [2])"#,
            ),
            (
                "f(\"\"\"\n  a), \"b\"\n  \"\"\", 1)",
                25,
                "f [\"\\\"\\\"\\\"\\n  a), \\\"b\\\"\\n  \\\"\\\"\\\"\", \"1\"] f(\"\"\"\n  a), \"b\"\n  \"\"\", 1)",
            ),
            (
                "shop:pricing/rules@1.0.0-rc.1.price(%list)",
                42,
                r#"shop:pricing/rules@1.0.0-rc.1.price ["%list"] shop:pricing/rules@1.0.0-rc.1.price(%list)"#,
            ),
        ] {
            if expected.is_empty() {
                assert!(refused(text).starts_with("5: expected `(` after `now`"));
            } else {
                assert_eq!(read(text), (expected.to_owned(), length), "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_call_says_what_was_expected_and_where() {
        for (text, expected) in [
            ("", "0: expected a call, such as `words.greet(\"Ada\")`"),
            ("\"a\"", "0: expected a call, such as `words.greet(\"Ada\")`"),
            ("a.b", "3: expected `(` after `a.b`: a call is `INTERFACE.FUNCTION(ARGUMENTS)`"),
            ("a//b(1)", "1: expected `(` after `a`: a call is `INTERFACE.FUNCTION(ARGUMENTS)`"),
            ("f(", "1: the `(` of this call is not closed: add `)`"),
            ("f(1", "1: the `(` of this call is not closed: add `)`"),
            ("f(1, [2)", "7: expected `]`, found `)`"),
            ("f(1, [(2)", "5: this bracket is not closed: add `]`"),
            ("f(1])", "3: `]` closes nothing"),
            ("f(, 1)", "2: expected a value"),
            ("f(1,, 2)", "4: expected a value"),
            ("f(\"a\nb\")", "2: this string is not closed: add `\"` on the same line"),
            ("f('a)", "2: this character is not closed: add `'` on the same line"),
            ("f(\"\"\"\n a)", "2: this string is not closed: add `\"\"\"` at the start of a line"),
            ("f(\"\\", "2: this string is not closed: add `\"` on the same line"),
        ] {
            assert_eq!(refused(text), expected, "{text}");
        }
    }

    #[test]
    fn brackets_may_be_a_hundred_deep() {
        let nested = |depth| format!("f({}{})", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(read(&nested(DEEPEST)).1, 2 * DEEPEST + 3);
        let most = "102: brackets are nested more than 100 deep";
        assert_eq!(refused(&nested(DEEPEST + 1)), most);
        assert_eq!(refused(&"f(".repeat(100_000)), "203: brackets are nested more than 100 deep");
    }

    #[test]
    fn a_value_ends_with_its_line() {
        let read =
            |text| ArgumentText::read(text).map(|(value, length)| (value.to_string(), length));
        assert_eq!(read(" ok(1) // two\n3"), Ok(("ok(1)".to_owned(), 6)));
        assert_eq!(read("[1,\n 2] , 3"), Ok(("[1, 2]".to_owned(), 7)));
        let error = read(" \n1").expect_err("the line is over");
        assert_eq!((error.at, &*error.message), (1, "expected a value"));
        assert_eq!(read("1)").expect_err("it is too many").message, "`)` closes nothing");
    }
}
