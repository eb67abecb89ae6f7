//! What goes through plugins: a file, or standard input.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind, Read};

use anyhow::{Context as _, Result};
use plugwright::{Document, ForeignText, Head};

/// A document whose body is not read yet.
pub(crate) struct Input {
    pub(crate) head: Head,
    /// What it is called in errors.
    name: String,
    body: Box<dyn Read>,
}

impl Input {
    /// Opens the file `file`, or standard input if it is `-`.
    pub(crate) fn open(file: &OsStr) -> Result<Self> {
        if file == "-" {
            let head = Head::new("stdin", "application/octet-stream");
            return Ok(Self {
                head,
                name: "standard input".to_owned(),
                body: Box::new(io::stdin()),
            });
        }
        let name = format!("`{}`", ForeignText::of_path(file));
        let opened = File::open(file).and_then(|file| match file.metadata()?.is_dir() {
            // Reading it would say so, too, but only when plugins are at work.
            true => Err(io::Error::from(ErrorKind::IsADirectory)),
            false => Ok(file),
        });
        let body = opened.with_context(|| format!("cannot read {name}"))?;
        Ok(Self { head: Head::of_path(file), name, body: Box::new(body) })
    }

    /// Reads the next bytes of the body into `buffer`, and says how many; 0 at the end.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        loop {
            match self.body.read(buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => return read.with_context(|| format!("cannot read {}", self.name)),
            }
        }
    }

    /// Reads all of the body.
    pub(crate) fn document(self) -> Result<Document> {
        let Self { head, name, mut body } = self;
        let mut bytes = Vec::new();
        body.read_to_end(&mut bytes).with_context(|| format!("cannot read {name}"))?;
        Ok(head.with_body(bytes))
    }
}
