//! Documents: bytes, with a name, a media type and attributes.

use std::fmt::Display;

use crate::Invalid;

/// A named value that travels with a document, such as its title or its author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The name, unique within the document.
    pub key: String,
    /// The value as text.
    pub value: String,
}

/// A document: bytes, with a name, a media type and attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The document's name, usually a file name without its folder.
    pub name: String,
    /// The media type of the bytes, such as `text/markdown`.
    pub media_type: String,
    /// The content. Text is UTF-8 unless the media type says otherwise.
    pub body: Vec<u8>,
    /// Further values. A plugin keeps the attributes that it does not understand.
    pub attributes: Vec<Attribute>,
}

/// A document without its body: everything that is known before the first byte is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The document's name, as in [`Document`].
    pub name: String,
    /// The media type of the bytes, as in [`Document`].
    pub media_type: String,
    /// Further values, as in [`Document`].
    pub attributes: Vec<Attribute>,
}

impl Document {
    /// Makes a document without attributes.
    pub fn new(
        name: impl Into<String>,
        media_type: impl Into<String>,
        body: impl Into<Vec<u8>>,
    ) -> Self {
        let (name, media_type, body) = (name.into(), media_type.into(), body.into());
        Self { name, media_type, body, attributes: Vec::new() }
    }

    /// Returns the text of the document, without a byte order mark.
    ///
    /// # Errors
    ///
    /// Fails if the body is not UTF-8. The error has the place of the first invalid byte.
    pub fn text(&self) -> Result<&str, Invalid> {
        let text = self.text_with_mark()?;
        Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
    }

    /// Returns the text of the document unchanged, including a byte order mark.
    ///
    /// # Errors
    ///
    /// Fails if the body is not UTF-8. The error has the place of the first invalid byte.
    pub fn text_with_mark(&self) -> Result<&str, Invalid> {
        std::str::from_utf8(&self.body).map_err(|error| {
            let (valid, rest) = self.body.split_at(error.valid_up_to());
            let valid = String::from_utf8_lossy(valid);
            let byte = rest.first().copied().unwrap_or_default();
            Invalid::new(format!("the byte {byte:#04x} is not UTF-8 here"))
                .in_text(&valid, valid.len())
        })
    }

    /// Replaces the body.
    #[must_use]
    pub fn with_body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// Replaces the media type.
    #[must_use]
    pub fn with_media_type(self, media_type: impl Into<String>) -> Self {
        Self { media_type: media_type.into(), ..self }
    }

    /// Replaces the extension of the name: with `html`, `page.md` becomes `page.html`.
    #[must_use]
    pub fn with_extension(self, extension: &str) -> Self {
        Self { name: with_extension(&self.name, extension), ..self }
    }

    /// The value of the attribute `key`.
    pub fn attribute(&self, key: &str) -> Option<&str> {
        get(&self.attributes, key)
    }

    /// Sets the attribute `key`, which is the last one then.
    pub fn set_attribute(&mut self, key: impl Into<String>, value: impl Display) {
        Attributes(&mut self.attributes).set(key, value);
    }

    /// Splits the document into its head and its body.
    pub fn into_parts(self) -> (Head, Vec<u8>) {
        let Self { name, media_type, body, attributes } = self;
        (Head { name, media_type, attributes }, body)
    }
}

impl Head {
    /// Replaces the extension of the name: with `html`, `page.md` becomes `page.html`.
    pub fn set_extension(&mut self, extension: &str) {
        self.name = with_extension(&self.name, extension);
    }

    /// Makes a document of this head and a body.
    pub fn with_body(self, body: impl Into<Vec<u8>>) -> Document {
        let Self { name, media_type, attributes } = self;
        Document { name, media_type, body: body.into(), attributes }
    }

    /// The value of the attribute `key`.
    pub fn attribute(&self, key: &str) -> Option<&str> {
        get(&self.attributes, key)
    }

    /// Sets the attribute `key`, which is the last one then.
    pub fn set_attribute(&mut self, key: impl Into<String>, value: impl Display) {
        Attributes(&mut self.attributes).set(key, value);
    }
}

fn with_extension(name: &str, extension: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    format!("{stem}.{extension}")
}

/// The attributes of a document, which can be changed. [`Stream::finish`](crate::Stream::finish) gets those of the
/// resulting document.
#[derive(Debug)]
pub struct Attributes<'a>(pub &'a mut Vec<Attribute>);

impl Attributes<'_> {
    /// The value of the attribute `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        get(self.0, key)
    }

    /// Sets the attribute `key`, which is the last one then.
    pub fn set(&mut self, key: impl Into<String>, value: impl Display) {
        let key = key.into();
        self.0.retain(|attribute| attribute.key != key);
        self.0.push(Attribute { key, value: value.to_string() });
    }

    /// Sets the attribute `key` in its place, or appends it.
    pub fn update(&mut self, key: impl Into<String>, value: impl Display) {
        let (key, value) = (key.into(), value.to_string());
        match self.0.iter_mut().find(|attribute| attribute.key == key) {
            Some(attribute) => attribute.value = value,
            None => self.0.push(Attribute { key, value }),
        }
    }
}

fn get<'a>(attributes: &'a [Attribute], key: &str) -> Option<&'a str> {
    attributes.iter().find(|attribute| attribute.key == key).map(|attribute| &*attribute.value)
}
