//! Writes values as text in WAVE, in one line if possible, and within a maximum length.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};
use wasmtime::component::{ResourceAny, Val};

use crate::admission::inspection::sha256;
use crate::text::foreign_text::is_shown;

/// Writes the value in WAVE. If the value takes at most `columns` characters, it is written in one line. Otherwise it
/// is indented, and texts of several lines are written as several lines. A `list<u8>` is written as `utf8("…")` if it
/// is text, and as `hex("…")` if it is short; otherwise its length and digest are written. `handle` returns the text
/// for a handle. Invisible characters in texts are escaped. If the text takes more than `most` bytes, the rest is left
/// out, and its length and SHA-256 digest are written instead.
///
/// If there are no handles and long byte lists, and nothing is left out, [`read_value`](crate::read_value) reads the
/// same value from the text.
pub fn write_value(
    value: &Val,
    columns: usize,
    most: usize,
    handle: &mut dyn FnMut(&ResourceAny) -> String,
) -> String {
    let mut line = Writer::new(None, columns, most, SHORT, handle);
    // A value that does not fit into the line does not have to be written to its end.
    line.most = most.min(columns.saturating_mul(4).saturating_add(1));
    line.write(value);
    let (fits, text) = (line.left == 0 && line.text.chars().count() <= columns, line.text);
    if fits {
        return text;
    }
    let mut lines = Writer::new(Some(0), columns, most, SHORT, handle);
    lines.rest = Some(Sha256::new());
    lines.write(value);
    let Writer { mut text, left, rest, .. } = lines;
    if let Some(rest) = rest.filter(|_| left > 0) {
        let _ = write!(text, "… and {left} bytes more, SHA-256 ");
        for byte in rest.finalize() {
            let _ = write!(text, "{byte:02x}");
        }
    }
    text
}

/// Writes the value in WAVE in one line, including byte lists of any length. If there are no handles,
/// [`read_value`](crate::read_value) reads the same value from the text. Returns `None` if the text takes more than
/// `most` bytes.
pub fn write_value_whole(
    value: &Val,
    most: usize,
    handle: &mut dyn FnMut(&ResourceAny) -> String,
) -> Option<String> {
    let mut writer = Writer::new(None, usize::MAX, most, usize::MAX, handle);
    writer.write(value);
    (writer.left == 0).then_some(writer.text)
}

struct Writer<'a> {
    text: String,
    /// The depth of indentation, if there are several lines.
    indented: Option<usize>,
    /// The maximum number of characters in a line.
    columns: usize,
    /// The number of characters in the last line.
    in_line: usize,
    most: usize,
    /// How many bytes were left out.
    left: usize,
    /// The digest of the bytes that were left out, if it is needed.
    rest: Option<Sha256>,
    /// The longest byte list that is written in full.
    short: usize,
    handle: &'a mut dyn FnMut(&ResourceAny) -> String,
}

/// The longest byte list that [`write_value`] writes in full.
const SHORT: usize = 64;

/// The words of WAVE. A name that is equal to one of them has to be escaped.
const WORDS: [&str; 8] = ["true", "false", "some", "none", "ok", "err", "inf", "nan"];

impl<'a> Writer<'a> {
    fn new(
        indented: Option<usize>,
        columns: usize,
        most: usize,
        short: usize,
        handle: &'a mut dyn FnMut(&ResourceAny) -> String,
    ) -> Self {
        let (text, in_line, left, rest) = (String::new(), 0, 0, None);
        Self { text, indented, columns, in_line, most, left, rest, short, handle }
    }

    fn push(&mut self, text: &str) {
        let fits = self.left == 0 && self.text.len().saturating_add(text.len()) <= self.most;
        if !fits {
            self.left = self.left.saturating_add(text.len());
            if let Some(rest) = &mut self.rest {
                rest.update(text);
            }
            return;
        }
        self.text.push_str(text);
        let (before, last) = match text.rsplit_once('\n') {
            Some((_, last)) => (0, last),
            None => (self.in_line, text),
        };
        self.in_line = before.saturating_add(last.chars().count());
    }

    fn write(&mut self, value: &Val) {
        match value {
            Val::Bool(value) => self.push(&value.to_string()),
            Val::S8(value) => self.push(&value.to_string()),
            Val::U8(value) => self.push(&value.to_string()),
            Val::S16(value) => self.push(&value.to_string()),
            Val::U16(value) => self.push(&value.to_string()),
            Val::S32(value) => self.push(&value.to_string()),
            Val::U32(value) => self.push(&value.to_string()),
            Val::S64(value) => self.push(&value.to_string()),
            Val::U64(value) => self.push(&value.to_string()),
            Val::Float32(value) if value.is_nan() => self.push("nan"),
            Val::Float64(value) if value.is_nan() => self.push("nan"),
            Val::Float32(value) => self.push(&value.to_string()),
            Val::Float64(value) => self.push(&value.to_string()),
            Val::Char(value) => {
                let mut text = String::from("'");
                escape(&mut text, '\'', '\0', *value);
                self.push(&text);
                self.push("'");
            }
            Val::String(text) => self.string(text),
            Val::List(values) => match bytes(values) {
                Some(bytes) => self.bytes(&bytes),
                None => self.sequence("[", "]", values),
            },
            Val::FixedLengthList(values) => self.sequence("[", "]", values),
            Val::Tuple(values) => self.sequence("(", ")", values),
            Val::Map(entries) => {
                self.parts("[", "]", entries.len(), |writer, number| {
                    if let Some((key, value)) = entries.get(number) {
                        writer.push("(");
                        writer.write(key);
                        writer.push(", ");
                        writer.write(value);
                        writer.push(")");
                    }
                });
            }
            Val::Record(fields) => {
                self.parts("{", "}", fields.len(), |writer, number| {
                    if let Some((name, value)) = fields.get(number) {
                        writer.push(name);
                        writer.push(": ");
                        writer.write(value);
                    }
                });
            }
            Val::Variant(name, value) => self.case(&label(name), value.as_deref()),
            Val::Enum(name) => self.push(&label(name)),
            Val::Option(None) => self.push("none"),
            Val::Option(Some(value)) => self.case("some", Some(value)),
            Val::Result(Ok(value)) => self.case("ok", value.as_deref()),
            Val::Result(Err(value)) => self.case("err", value.as_deref()),
            Val::Flags(names) => self.push(&format!("{{{}}}", names.join(", "))),
            Val::Resource(handle) => {
                let name = (self.handle)(handle);
                self.push(&name);
            }
            Val::Future(_) => self.push("<future>"),
            Val::Stream(_) => self.push("<stream>"),
            Val::ErrorContext(_) => self.push("<error-context>"),
        }
    }

    fn case(&mut self, name: &str, value: Option<&Val>) {
        self.push(name);
        if let Some(value) = value {
            self.push("(");
            self.write(value);
            self.push(")");
        }
    }

    fn sequence(&mut self, open: &str, close: &str, values: &[Val]) {
        self.parts(open, close, values.len(), |writer, number| {
            if let Some(value) = values.get(number) {
                writer.write(value);
            }
        });
    }

    /// Writes `count` parts, each on its own line if there are several lines.
    fn parts(
        &mut self,
        open: &str,
        close: &str,
        count: usize,
        mut part: impl FnMut(&mut Writer<'_>, usize),
    ) {
        if self.indented.is_some() && self.in_rest_of_line(open, close, count, &mut part) {
            return;
        }
        self.push(open);
        let depth = self.indented;
        self.indented = depth.map(|depth| depth.saturating_add(1));
        for number in 0..count {
            // The value does not fit into one line, and is written again in several lines.
            if self.indented.is_none() && self.left > 0 {
                return;
            }
            match self.indented {
                Some(_) => self.new_line(),
                None if number > 0 => self.push(" "),
                None => {}
            }
            part(self, number);
            if self.indented.is_some() || number.saturating_add(1) < count {
                self.push(",");
            }
        }
        self.indented = depth;
        if count > 0 && depth.is_some() {
            self.new_line();
        }
        self.push(close);
    }

    /// Writes the parts into the rest of the line, if they fit.
    fn in_rest_of_line(
        &mut self,
        open: &str,
        close: &str,
        count: usize,
        part: &mut dyn FnMut(&mut Writer<'_>, usize),
    ) -> bool {
        // What is left out belongs to no line.
        if self.left > 0 {
            return false;
        }
        // A comma may follow.
        let columns = self.columns.saturating_sub(self.in_line.saturating_add(1));
        let most = columns.saturating_mul(4);
        let mut rest = Writer::new(None, columns, most, self.short, &mut *self.handle);
        rest.parts(open, close, count, part);
        let (fits, text) = (rest.left == 0 && rest.text.chars().count() <= columns, rest.text);
        if fits {
            self.push(&text);
        }
        fits
    }

    fn new_line(&mut self) {
        let depth = self.indented.unwrap_or(0);
        self.push(&format!("\n{}", "  ".repeat(depth)));
    }

    /// Writes a text, on its own lines if it has several lines and the value is written in several lines.
    fn string(&mut self, text: &str) {
        let lines = self.indented.filter(|_| text.contains('\n'));
        let Some(depth) = lines else {
            let mut escaped = String::from("\"");
            let mut before = '\0';
            for c in text.chars() {
                escape(&mut escaped, '"', before, c);
                before = c;
            }
            self.push(&escaped);
            return self.push("\"");
        };
        let indent = "  ".repeat(depth.saturating_add(1));
        self.push("\"\"\"");
        for line in text.split('\n') {
            // An empty line has to be indented too.
            let mut escaped = format!("\n{indent}");
            let mut before = '\0';
            for c in line.chars() {
                match (before, c) {
                    // Three quotes would end the text.
                    ('"', '"') => escaped.push_str("\\\""),
                    (_, '"') => escaped.push('"'),
                    _ => escape(&mut escaped, '"', before, c),
                }
                before = c;
            }
            self.push(&escaped);
        }
        self.push(&format!("\n{indent}\"\"\""));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        let is_plain =
            |text: &&str| text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'));
        if let Some(text) = std::str::from_utf8(bytes).ok().filter(is_plain) {
            self.push("utf8(");
            self.string(text);
            self.push(")");
        } else if bytes.len() <= self.short {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            self.push(&format!("hex(\"{hex}\")"));
        } else {
            self.push(&format!("<{} bytes, SHA-256 {}>", bytes.len(), sha256(bytes)));
        }
    }
}

/// Returns the bytes of a list, if it is not empty and all its elements are bytes.
fn bytes(values: &[Val]) -> Option<Vec<u8>> {
    let byte = |value: &Val| match value {
        Val::U8(byte) => Some(*byte),
        _ => None,
    };
    let bytes: Option<Vec<_>> = values.iter().map(byte).collect();
    bytes.filter(|bytes| !bytes.is_empty())
}

/// Returns a name as it is written in the place of a value.
fn label(name: &str) -> String {
    if WORDS.contains(&name) { format!("%{name}") } else { name.to_owned() }
}

/// Writes a character inside quotes.
fn escape(text: &mut String, quote: char, before: char, c: char) {
    match c {
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        '\t' => text.push_str("\\t"),
        '\\' => text.push_str("\\\\"),
        _ if c == quote => {
            text.push('\\');
            text.push(c);
        }
        _ if is_shown(before, c) => text.push(c),
        _ => {
            let _ = write!(text, "\\u{{{:x}}}", u32::from(c));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_whole_leaves_nothing_out() {
        let bytes = Val::List((0..100).map(|_| Val::U8(0xff)).collect());
        let value = Val::Tuple(vec![bytes, Val::String("a\nb".repeat(100))]);
        let whole = |most| write_value_whole(&value, most, &mut |_| String::new());
        let expected = format!("(hex(\"{}\"), \"{}\")", "ff".repeat(100), "a\\nb".repeat(100));
        assert_eq!(whole(expected.len()).as_deref(), Some(&*expected));
        assert_eq!(whole(expected.len() - 1), None);
    }

    #[test]
    fn what_fits_into_a_line_is_in_one() {
        let point =
            |x| Val::Record(vec![("x".to_owned(), Val::U32(x)), ("y".to_owned(), Val::U32(0))]);
        let value = Val::List((0..3).map(point).collect());
        let text = |columns| write_value(&value, columns, 1000, &mut |_| String::new());
        assert_eq!(text(42), "[{x: 0, y: 0}, {x: 1, y: 0}, {x: 2, y: 0}]");
        assert_eq!(text(41), "[\n  {x: 0, y: 0},\n  {x: 1, y: 0},\n  {x: 2, y: 0},\n]");
        assert!(text(14).starts_with("[\n  {\n    x: 0,\n    y: 0,\n  },\n  {"), "{}", text(14));
        assert_eq!(text(15).lines().nth(1), Some("  {x: 0, y: 0},"));
    }

    #[test]
    fn what_is_left_out_is_counted_however_much_it_is() {
        // The last line is long, so nothing of the list fits into it.
        let bytes = Val::List(vec![Val::U8(b'a'), Val::U8(b'b')]);
        let list = Val::List(vec![bytes; 300_000]);
        let value = Val::Tuple(vec![Val::String("a".repeat(1 << 18)), list]);
        let text = write_value(&value, 98, (1 << 18) + 7, &mut |_| String::new());
        let (_, left) = text.rsplit_once("… and ").expect("something is left out");
        assert!(left.contains(" bytes more, SHA-256 "), "{left}");
    }
}
