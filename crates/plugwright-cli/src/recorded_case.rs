//! The file of a recorded case. It is a temporary file before the run, and appears once the run is complete.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use plugwright::ForeignText;
use plugwright_test::Transcript;

use crate::begun::{BegunFile, cannot_write};
use crate::exit::{self, Failed};
use crate::output;

/// A file that will contain the case.
pub(crate) struct RecordedCase<'a> {
    path: &'a Path,
    begun: BegunFile,
}

impl<'a> RecordedCase<'a> {
    /// Creates the temporary file, unless something is at `path`, which must not be lost.
    pub(crate) fn begin(path: &'a Path) -> Result<Self, Failed> {
        // A link counts, wherever it leads.
        if path.symlink_metadata().is_ok() {
            return Err(exit::usage(anyhow!(
                "`{}` already exists: name another file for `--record`, or remove it",
                ForeignText::of_path(path)
            )));
        }
        let begun = BegunFile::new(output::folder_of(path)).with_context(|| cannot_write(path));
        Ok(Self { path, begun: begun.map_err(exit::usage)? })
    }

    /// Writes the recorded case.
    pub(crate) fn write(mut self, transcript: &Transcript) -> Result<(), Failed> {
        let script = transcript.script().map_err(|error| {
            exit::usage(anyhow!("cannot record `{}`: {error}", ForeignText::of_path(self.path)))
        })?;
        let written = self.begun.write_all(script.as_bytes());
        let written = written.and_then(|()| self.begun.create(self.path));
        written.with_context(|| cannot_write(self.path)).map_err(exit::usage)
    }
}
