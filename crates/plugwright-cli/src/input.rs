//! The input of plugins: a file, or standard input.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind, Read};

use anyhow::{Context as _, Result, anyhow, bail};
use plugwright::{ForeignText, Limit, Limits};
use plugwright_contract::{Document, Head};

use crate::exit::{self, Failed};

/// A document whose body has not been read yet.
pub(crate) struct Input {
    pub(crate) head: Head,
    /// The name for errors.
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
        if file.is_empty() {
            bail!("the name of the file is empty");
        }
        let name = format!("`{}`", ForeignText::of_path(file));
        let opened = File::open(file).and_then(|file| match file.metadata()?.is_dir() {
            // Reading would fail as well, but only after plugins have started.
            true => Err(io::Error::from(ErrorKind::IsADirectory)),
            false => Ok(file),
        });
        let body = opened.with_context(|| format!("cannot read {name}"))?;
        Ok(Self { head: Head::of_path(file), name, body: Box::new(body) })
    }

    /// Reads the next bytes of the body into `buffer`, and returns how many; 0 at the end.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        loop {
            match self.body.read(buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => return read.with_context(|| format!("cannot read {}", self.name)),
            }
        }
    }

    /// Reads the whole body for a plugin with these limits, whose memory must hold it.
    pub(crate) fn document(self, plugin: &str, limits: &Limits) -> Result<Document, Failed> {
        let Self { head, name, body } = self;
        let most = limits.get(Limit::Memory).unwrap_or(u64::MAX);
        let mut bytes = Vec::new();
        // Devices and pipes can be endless.
        body.take(most.saturating_add(1))
            .read_to_end(&mut bytes)
            .with_context(|| format!("cannot read {name}"))
            .map_err(exit::usage)?;
        if bytes.len() as u64 > most {
            let memory = Limits::none().memory(most).texts().collect::<String>();
            let plugin = ForeignText::from(plugin);
            return Err(exit::exceeded(anyhow!(
                "{name} is too large for the plugin `{plugin}`, whose limit is `{memory}`"
            )));
        }
        Ok(head.with_body(bytes))
    }
}
