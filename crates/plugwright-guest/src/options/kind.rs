//! The kinds of values that options take. They are in a custom section of the plugin's module, where the pipeline reads
//! them without running the plugin.

/// The kind of values that an option takes.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text, or a text that only the plugin can check.
    Text,
    /// `true` or `false`.
    Boolean,
    /// Whole numbers.
    Integer {
        /// The least number.
        least: i128,
        /// The greatest number.
        most: i128,
    },
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// A list of these texts, separated by commas.
    Choices(&'static [&'static str]),
    /// A list of these texts, separated by commas, which may have spaces around texts and may have empty entries.
    Spaced(&'static [&'static str]),
}

/// Puts the kinds of a plugin's options into a custom section of its module.
#[doc(hidden)]
#[macro_export]
#[cfg(target_family = "wasm")]
macro_rules! __embed_kinds {
    ($options:ty) => {
        const _: () = {
            const KINDS: &[(&str, $crate::Kind)] = <$options as $crate::Options>::KINDS;
            const LENGTH: usize = $crate::__private::write_kinds(KINDS, &mut []);
            #[used]
            #[unsafe(link_section = "plugwright:options")]
            static SECTION: [u8; LENGTH] = {
                let mut bytes = [0; LENGTH];
                $crate::__private::write_kinds(KINDS, &mut bytes);
                bytes
            };
        };
    };
}

/// Does nothing: there is no plugin on the author's machine.
#[doc(hidden)]
#[macro_export]
#[cfg(not(target_family = "wasm"))]
macro_rules! __embed_kinds {
    ($options:ty) => {};
}

/// Writes a line of JSON for each option into `bytes`, as far as there is room. Returns how many bytes all lines need.
pub const fn write_kinds(options: &[(&str, Kind)], bytes: &mut [u8]) -> usize {
    let mut writer = Writer { bytes, length: 0 };
    let mut index = 0;
    while index < options.len() {
        let (key, kind) = options[index];
        writer.plain("{\"key\":");
        writer.string(key);
        match kind {
            Kind::Text => writer.plain(",\"type\":\"text\""),
            Kind::Boolean => writer.plain(",\"type\":\"boolean\""),
            Kind::Integer { least, most } => {
                writer.plain(",\"type\":\"integer\",\"least\":");
                writer.number(least);
                writer.plain(",\"most\":");
                writer.number(most);
            }
            Kind::Choice(names) => {
                writer.plain(",\"type\":\"choice\",\"choices\":");
                writer.strings(names);
            }
            Kind::Choices(names) => {
                writer.plain(",\"type\":\"choices\",\"choices\":");
                writer.strings(names);
            }
            Kind::Spaced(names) => {
                writer.plain(",\"type\":\"choices\",\"spaced\":true,\"choices\":");
                writer.strings(names);
            }
        }
        writer.plain("}\n");
        index += 1;
    }
    writer.length
}

/// Writes JSON while a plugin is compiled.
struct Writer<'a> {
    bytes: &'a mut [u8],
    length: usize,
}

impl Writer<'_> {
    const fn byte(&mut self, byte: u8) {
        if self.length < self.bytes.len() {
            self.bytes[self.length] = byte;
        }
        self.length += 1;
    }

    const fn plain(&mut self, text: &str) {
        let mut index = 0;
        while index < text.len() {
            self.byte(text.as_bytes()[index]);
            index += 1;
        }
    }

    const fn string(&mut self, text: &str) {
        self.byte(b'"');
        let mut index = 0;
        while index < text.len() {
            let byte = text.as_bytes()[index];
            match byte {
                b'"' | b'\\' => {
                    self.byte(b'\\');
                    self.byte(byte);
                }
                0..0x20 => {
                    const DIGITS: &[u8; 16] = b"0123456789abcdef";
                    self.plain("\\u00");
                    self.byte(DIGITS[(byte >> 4) as usize]);
                    self.byte(DIGITS[(byte & 15) as usize]);
                }
                _ => self.byte(byte),
            }
            index += 1;
        }
        self.byte(b'"');
    }

    const fn strings(&mut self, texts: &[&str]) {
        self.byte(b'[');
        let mut index = 0;
        while index < texts.len() {
            if index > 0 {
                self.byte(b',');
            }
            self.string(texts[index]);
            index += 1;
        }
        self.byte(b']');
    }

    const fn number(&mut self, number: i128) {
        if number < 0 {
            self.byte(b'-');
        }
        let mut rest = number.unsigned_abs();
        let (mut digits, mut count) = ([0; 40], 0);
        loop {
            digits[count] = b'0' + (rest % 10) as u8;
            rest /= 10;
            count += 1;
            if rest == 0 {
                break;
            }
        }
        while count > 0 {
            count -= 1;
            self.byte(digits[count]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, write_kinds};

    #[test]
    fn kinds_are_json_a_line_each() {
        const KINDS: &[(&str, Kind)] = &[
            ("text", Kind::Text),
            ("on", Kind::Boolean),
            ("number", Kind::Integer { least: i64::MIN as i128, most: 100 }),
            ("one", Kind::Choice(&["a\"\\", "\u{1}\u{e4}"])),
            ("some", Kind::Choices(&[])),
            ("more", Kind::Spaced(&["b", "c"])),
        ];
        const LENGTH: usize = write_kinds(KINDS, &mut []);
        let mut bytes = [0; LENGTH];
        assert_eq!(write_kinds(KINDS, &mut bytes), LENGTH);
        let expected = concat!(
            "{\"key\":\"text\",\"type\":\"text\"}\n",
            "{\"key\":\"on\",\"type\":\"boolean\"}\n",
            "{\"key\":\"number\",\"type\":\"integer\",\"least\":-9223372036854775808,\"most\":100}\n",
            "{\"key\":\"one\",\"type\":\"choice\",\"choices\":[\"a\\\"\\\\\",\"\\u0001\u{e4}\"]}\n",
            "{\"key\":\"some\",\"type\":\"choices\",\"choices\":[]}\n",
            "{\"key\":\"more\",\"type\":\"choices\",\"spaced\":true,\"choices\":[\"b\",\"c\"]}\n",
        );
        assert_eq!(str::from_utf8(&bytes), Ok(expected));
    }
}
