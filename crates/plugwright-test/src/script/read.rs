//! Parses statements.

use plugwright::{ArgumentText, CallText, CallTextError, ForeignText};

use crate::script::error::ScriptError;
use crate::script::statement::{
    Answer, Bound, Call, Import, Kind, NOTHING, Statement, Take, Value,
};

/// Words that cannot be names of variables, because they are values or keywords.
const RESERVED: [&str; 11] =
    ["true", "false", "some", "none", "ok", "err", "inf", "nan", "new", "trap", "let"];

/// The text of a script, with the position of the parser.
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// The line of the place `line_at`, counted from 1.
    line: usize,
    line_at: usize,
}

type Read<R> = Result<R, ScriptError>;

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        // Some editors begin a file with a byte order mark.
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { text, at, line: 1, line_at: 0 }
    }

    /// Parses the next statement, if there is another one.
    pub(crate) fn statement(&mut self) -> Read<Option<Statement>> {
        loop {
            self.skip_blank();
            if self.rest().starts_with("//") {
                self.skip(|c| c != '\n');
            } else if self.rest().starts_with('\n') {
                self.at = self.at.saturating_add(1);
            } else {
                break;
            }
        }
        if self.rest().is_empty() {
            return Ok(None);
        }
        let at = self.at;
        let kind = self.kind()?;
        let source = self.text.get(at..self.at).unwrap_or_default().to_owned();
        self.end_of_line(&kind)?;
        let before = self.text.get(self.line_at..at).unwrap_or_default();
        let breaks = before.bytes().filter(|byte| *byte == b'\n').count();
        (self.line, self.line_at) = (self.line.saturating_add(breaks), at);
        Ok(Some(Statement { at, line: self.line, source, kind }))
    }

    fn kind(&mut self) -> Read<Kind> {
        let word = CallText::target_of(self.rest());
        let after = self.rest().get(word.len()..).unwrap_or_default();
        // A function can be called like a keyword.
        if after.starts_with('(') {
            return self.call().map(Kind::Call);
        }
        match word {
            "let" => self.variable(),
            "drop" => {
                self.take(word);
                let at = self.at;
                let name = self.name("drop NAME")?;
                Ok(Kind::Drop { name, at })
            }
            "fresh" => {
                self.take(word);
                Ok(Kind::Fresh)
            }
            "import" => self.import(),
            _ => self.call().map(Kind::Call),
        }
    }

    fn call(&mut self) -> Read<Call> {
        let base = self.at;
        let (call, length) = CallText::read(self.rest()).map_err(|error| self.wrong(error))?;
        self.at = base.saturating_add(length);
        Ok(Call::new(&call, base))
    }

    fn value(&mut self) -> Read<Value> {
        let base = self.at;
        let (value, length) = ArgumentText::read(self.rest()).map_err(|error| self.wrong(error))?;
        self.at = base.saturating_add(length);
        Ok(Value::new(&value, base))
    }

    /// `let NAME = …`.
    fn variable(&mut self) -> Read<Kind> {
        self.take("let");
        let name = self.name("let NAME = CALL")?;
        self.skip_blank();
        if !self.takes('=') {
            return Err(self.expected(&format!("`=` after `let {name}`")));
        }
        let mut takes = Vec::new();
        loop {
            self.skip_blank();
            let at = self.at;
            let word = CallText::target_of(self.rest());
            let after = self.rest().get(word.len()..).unwrap_or_default();
            let value = match word {
                _ if after.starts_with('(') => Bound::Call(self.call()?),
                "ok" => {
                    takes.push(Take::Ok);
                    self.take(word);
                    continue;
                }
                "some" => {
                    takes.push(Take::Some);
                    self.take(word);
                    continue;
                }
                "new" => {
                    self.take(word);
                    self.skip_blank();
                    let at = self.at;
                    let resource = self.target("`INTERFACE.RESOURCE` after `new`")?;
                    Bound::New { resource, at }
                }
                _ => {
                    let what = "a call, a field of a variable as `NAME.FIELD`, or `new INTERFACE.RESOURCE`";
                    Bound::Path { path: self.target(what)?, at }
                }
            };
            return Ok(Kind::Let { name, takes, value });
        }
    }

    /// `import TARGET(PATTERNS) = …`.
    fn import(&mut self) -> Read<Kind> {
        self.take("import");
        self.skip_blank();
        let target_at = self.at;
        let target = CallText::target_of(self.rest());
        let after = self.rest().get(target.len()..).unwrap_or_default();
        let (target, patterns) = if after.starts_with('(') {
            let call = self.call()?;
            (call.target, Some(call.arguments))
        } else {
            (self.target("`INTERFACE.FUNCTION(PATTERNS)` after `import`")?, None)
        };
        self.skip_blank();
        let answers = match (self.takes('='), &patterns) {
            (true, _) => self.answers()?,
            (false, Some(_)) => Vec::new(),
            (false, None) => {
                let target = shown(&target);
                return Err(self.expected(&format!("`=` or `(PATTERNS)` after `import {target}`")));
            }
        };
        Ok(Kind::Import(Import { target, target_at, patterns, answers }))
    }

    /// Parses what comes after `=`: at least one answer.
    fn answers(&mut self) -> Read<Vec<Answer>> {
        let mut answers = Vec::new();
        loop {
            self.skip_blank();
            if self.is_at_end() {
                return Err(self.expected(match answers.is_empty() {
                    true => "an answer after `=`, or `trap \"words\"`",
                    false => "another answer after `,`",
                }));
            }
            answers.push(self.answer()?);
            self.skip_blank();
            if !self.takes(',') {
                return Ok(answers);
            }
        }
    }

    fn answer(&mut self) -> Read<Answer> {
        let word = CallText::target_of(self.rest());
        let after = self.rest().get(word.len()..).unwrap_or_default();
        if word == "trap" && !after.starts_with('(') {
            self.take(word);
            self.skip_blank();
            if !self.rest().starts_with('"') {
                return Err(self.expected("the reason of the trap, as in `trap \"words\"`"));
            }
            return self.value().map(Answer::Trap);
        }
        let value = self.value()?;
        Ok(if value.text == NOTHING { Answer::Nothing(value) } else { Answer::Value(value) })
    }

    /// Parses the name of a variable, in a statement of the form `form`.
    fn name(&mut self, form: &str) -> Read<String> {
        self.skip_blank();
        let word = CallText::target_of(self.rest());
        if word.is_empty() {
            return Err(self.expected(&format!("the name of a variable: type `{form}`")));
        }
        let is_name = word.split('-').all(|part| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        });
        if !is_name || !word.starts_with(|c: char| c.is_ascii_lowercase()) {
            let message = format!(
                "`{}` is not a name of a variable: use lowercase letters, digits and `-`, as in `my-list`",
                shown(word)
            );
            return Err(self.error(self.at, message));
        }
        if RESERVED.contains(&word) {
            let message =
                format!("`{word}` cannot be the name of a variable, because it is a reserved word");
            return Err(self.error(self.at, message));
        }
        self.take(word);
        Ok(word.to_owned())
    }

    /// Parses words joined by `.`. Errors call them `what`.
    fn target(&mut self, what: &str) -> Read<String> {
        let target = CallText::target_of(self.rest());
        if target.is_empty() {
            return Err(self.expected(what));
        }
        self.take(target);
        Ok(target.to_owned())
    }

    /// Checks that only a comment follows the statement on its line.
    fn end_of_line(&mut self, kind: &Kind) -> Read<()> {
        self.skip_blank();
        if self.is_at_end() {
            return Ok(());
        }
        let after = match kind {
            Kind::Call(_) | Kind::Let { value: Bound::Call(_), .. } => "the call",
            Kind::Let { .. } => "`let`",
            Kind::Drop { .. } => "`drop`",
            Kind::Fresh => "`fresh`",
            Kind::Import(_) => "`import`",
        };
        Err(self.expected(&format!("the end of the line after {after}: one statement per line")))
    }

    /// Returns whether only a comment remains on the line.
    fn is_at_end(&self) -> bool {
        let rest = self.rest();
        rest.is_empty() || rest.starts_with('\n') || rest.starts_with("//")
    }

    /// Makes the error that something other than `what` comes next.
    fn expected(&self, what: &str) -> ScriptError {
        let line = self.rest().lines().next().unwrap_or_default();
        let found = match line.split([' ', '\t']).next().unwrap_or_default() {
            _ if self.is_at_end() => "but the line ends".to_owned(),
            word => format!("found `{}`", shown(word)),
        };
        self.error(self.at, format!("expected {what}, {found}"))
    }

    fn wrong(&self, error: CallTextError) -> ScriptError {
        self.error(self.at.saturating_add(error.at), error.message)
    }

    fn error(&self, at: usize, message: String) -> ScriptError {
        ScriptError::at(self.text, at, message)
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_blank(&mut self) {
        self.skip(|c| matches!(c, ' ' | '\t' | '\r'));
    }

    fn skip(&mut self, skips: fn(char) -> bool) {
        let rest = self.rest();
        let length = rest.find(|c| !skips(c)).unwrap_or(rest.len());
        self.at = self.at.saturating_add(length);
    }

    /// Skips `word`, which comes next.
    fn take(&mut self, word: &str) {
        self.at = self.at.saturating_add(word.len());
    }

    /// Skips `c` if it comes next, and returns whether it did.
    fn takes(&mut self, c: char) -> bool {
        let is_next = self.rest().starts_with(c);
        if is_next {
            self.at = self.at.saturating_add(c.len_utf8());
        }
        is_next
    }
}

/// Returns a foreign text as a part of a message.
fn shown(text: &str) -> String {
    format!("{:.60}", ForeignText::from(text))
}
