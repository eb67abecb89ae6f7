//! Text from a plugin or a file, which is always escaped and cut when it is shown.

use std::fmt::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Text from a plugin, or from a file that somebody else may have written, such as a name or a message.
///
/// When it is shown, it cannot affect the rest of the output. Control characters, line breaks, invisible characters and
/// characters that change the direction of text are escaped, as in `\n` and `\u{1b}`. A long text is cut, and the
/// number of further characters is shown. At most [`ForeignText::SHOWN`] characters are shown, or as many as a
/// precision allows, as in `{:.80}`. Letters of all scripts and emoji stay as they are.
///
/// [`ForeignText::exact`] returns the text itself, and serializing writes the text itself.
///
/// ```
/// use plugwright::ForeignText;
///
/// let name = ForeignText::from("a\nworld trusted\u{1b}[2J");
/// assert_eq!(name.to_string(), r"a\nworld trusted\u{1b}[2J");
/// assert_eq!(name.exact(), "a\nworld trusted\u{1b}[2J");
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ForeignText(String);

impl ForeignText {
    /// The number of characters that are shown by default. A precision changes it.
    pub const SHOWN: usize = 1000;

    /// Creates the text of a path, which can contain anything. Bytes that are not UTF-8 are written as `\xff`.
    pub fn of_path(path: impl AsRef<Path>) -> Self {
        let mut text = String::new();
        for chunk in path.as_ref().as_os_str().as_encoded_bytes().utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
        }
        Self(text)
    }

    /// Returns the text without escaping. Do not print it.
    pub fn exact(&self) -> &str {
        &self.0
    }

    /// Returns the text as a `String`, without escaping. Do not print it.
    pub fn into_exact(self) -> String {
        self.0
    }

    /// Shows the whole text, escaped but not cut. Use it for text whose length is already limited.
    pub fn whole(&self) -> impl fmt::Display {
        whole(&self.0)
    }

    /// Shows the whole text, escaped but not cut, with its line breaks. The lines after the first are indented, so that
    /// they cannot be mistaken for lines of other output.
    pub fn indented(&self) -> impl fmt::Display {
        indented(&self.0)
    }
}

/// Shows the text as [`ForeignText`] does.
pub(crate) fn shown(text: &str) -> impl fmt::Display {
    Shown { text, most: ForeignText::SHOWN, line_break: None }
}

/// Shows the text as [`ForeignText`] does, but cut earlier, for text in the middle of a message.
pub(crate) fn brief(text: &str) -> impl fmt::Display {
    Shown { text, most: 200, line_break: None }
}

/// Shows the text as [`ForeignText::whole`] does.
pub(crate) fn whole(text: &str) -> impl fmt::Display {
    Shown { text, most: usize::MAX, line_break: None }
}

/// Shows the text as [`ForeignText::indented`] does.
pub(crate) fn indented(text: &str) -> impl fmt::Display {
    Shown { text, most: usize::MAX, line_break: Some("\n  ") }
}

/// Says whether the character `c` is shown unescaped after the character `before`.
pub(crate) fn is_shown(before: char, c: char) -> bool {
    let is_selector = |c| matches!(c, '\u{fe0e}' | '\u{fe0f}');
    let is_joiner = |c| matches!(c, '\u{200c}' | '\u{200d}');
    match c {
        ' '..='~' => true,
        // Joiners join letters or emoji. The scripts that use them begin at U+0600.
        _ if is_joiner(c) => before >= '\u{600}' && !is_joiner(before),
        // Variation selectors choose between a letter and an emoji.
        _ if is_selector(c) => !is_selector(before),
        // Invisible letters and marks, which are ignorable by default in Unicode.
        '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{ffa0}'
        | '\u{e0000}'..='\u{e0fff}' => false,
        _ if c.is_whitespace() => !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}'),
        _ => is_printable(c),
    }
}

/// Says whether the character is visible: it is in none of the Unicode categories control, format, surrogate, private
/// use, unassigned and separator. The standard library only exposes this through `escape_debug`, which also escapes a
/// mark at the beginning of a text, so the character is placed after a letter.
fn is_printable(c: char) -> bool {
    let mut after_a_letter = String::from("a");
    after_a_letter.push(c);
    after_a_letter.escape_debug().nth(1) == Some(c)
}

/// A text that is shown escaped, and cut after `most` characters.
struct Shown<'a> {
    text: &'a str,
    most: usize,
    /// The replacement for a line break, or `None` to escape line breaks.
    line_break: Option<&'static str>,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, most, line_break } = self;
        let mut before = '\0';
        let mut rest = text.chars();
        for _ in 0..*most {
            let Some(c) = rest.next() else { return Ok(()) };
            let is_shown = is_shown(before, c);
            before = if is_shown { c } else { '\0' };
            match line_break.filter(|_| c == '\n') {
                Some(line_break) => f.write_str(line_break)?,
                None if is_shown => f.write_char(c)?,
                None => write!(f, "{}", c.escape_default())?,
            }
        }
        match rest.count() {
            0 => Ok(()),
            more => write!(f, "… ({more} more characters)"),
        }
    }
}

/// Shows the text escaped and cut.
impl fmt::Display for ForeignText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = f.precision().unwrap_or(Self::SHOWN);
        fmt::Display::fmt(&Shown { text: &self.0, most, line_break: None }, f)
    }
}

/// Shows the text escaped and cut, in quotes.
impl fmt::Debug for ForeignText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        fmt::Display::fmt(self, f)?;
        f.write_char('"')
    }
}

impl From<String> for ForeignText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for ForeignText {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl PartialEq<str> for ForeignText {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for ForeignText {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_hides_or_breaks_lines_is_escaped() {
        let hidden = "\0\u{7}\u{8}\t\n\r\u{1b}\u{7f}\u{80}\u{85}\u{9b}\u{ad}\u{61c}\u{200b}\u{200e}\u{200f}\
             \u{2028}\u{2029}\u{202a}\u{202e}\u{2060}\u{2066}\u{2069}\u{206f}\u{feff}\u{fff9}\u{3164}\u{e0041}\
             \u{e0100}\u{10ffff}\u{e000}";
        for c in hidden.chars() {
            let shown = ForeignText::from(format!("a{c}b")).to_string();
            assert_eq!(shown, format!("a{}b", c.escape_default()));
        }
    }

    #[test]
    fn no_character_shows_as_another_line_or_as_nothing() {
        for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let shown = ForeignText::from(format!("a{c}")).to_string();
            assert!(!shown.chars().any(char::is_control), "{:x}", u32::from(c));
            let is_ignored = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
            assert!(!(is_ignored && shown.contains(c)), "{:x}", u32::from(c));
        }
    }

    #[test]
    fn what_can_be_read_stays() {
        for text in [
            "shop:pricing/rules@1.0.0",
            r#"C:\folder "quoted" `x`"#,
            "naïve re\u{301}sume\u{301} ﬁ ß Ω Ж",
            "漢字\u{3000}かな 한국어 हिन्दी ไทย עברית العربية",
            "می\u{200c}خواهم क्\u{200d}ष",
            "👩\u{200d}💻 ❤\u{fe0f} 🇦🇹 👍🏽 ❤\u{fe0f}\u{200d}🔥",
            "a\u{a0}b",
        ] {
            assert_eq!(ForeignText::from(text).to_string(), text);
        }
    }

    #[test]
    fn a_long_text_is_cut_and_says_by_how_much() {
        let long = ForeignText::from("ä".repeat(2 << 20));
        let shown = long.to_string();
        assert!(shown.ends_with("… (2096152 more characters)"), "{}", shown.len());
        assert_eq!(shown.matches('ä').count(), ForeignText::SHOWN);
        assert_eq!(format!("{:.3}", ForeignText::from("abcdef")), "abc… (3 more characters)");
        assert_eq!(format!("{:.6}", ForeignText::from("abcdef")), "abcdef");
        assert_eq!(long.whole().to_string().chars().count(), 2 << 20);
        assert!(format!("{long:?}").len() < 3000);
    }

    #[test]
    fn lines_of_a_text_do_not_pass_for_other_lines() {
        let text = ForeignText::from("one\nerror: two\r\n\u{1b}three");
        assert_eq!(text.indented().to_string(), "one\n  error: two\\r\n  \\u{1b}three");
        assert_eq!(text.to_string(), r"one\nerror: two\r\n\u{1b}three");
        assert_eq!(format!("{text:?}"), r#""one\nerror: two\r\n\u{1b}three""#);
    }
}
