//! `--trust`: whose plugins are loaded.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;

use anyhow::anyhow;
use clap::{Args, ValueHint};
use plugwright::{FileKind, ForeignText, HostBuilder, KeyError, PublicKey, Trust};

use crate::exit::{self, Failed};

/// Whose plugins are loaded, for all commands.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Loads only plugins that are signed with this public key, its file or the line of it that is the key, or with
    /// another one that is given so
    #[arg(long = "trust", global = true, value_name = "KEY", value_hint = ValueHint::FilePath)]
    keys: Vec<OsString>,
}

impl Options {
    /// Has the host load what these options allow.
    pub(crate) fn apply(&self, host: HostBuilder) -> Result<HostBuilder, Failed> {
        Ok(if self.keys.is_empty() { host } else { host.trust(self.public_keys()?) })
    }

    /// Whose plugins are looked at where there is no host.
    pub(crate) fn trust(&self) -> Result<Trust, Failed> {
        Ok(if self.keys.is_empty() { Trust::anybody() } else { Trust::keys(self.public_keys()?) })
    }

    /// The keys, each with the line that it is.
    pub(crate) fn keys(&self) -> Result<Vec<(String, PublicKey)>, Failed> {
        let line = |key: &OsString| {
            let read = public_key(key)?;
            let given = key.to_str().filter(|text| text.parse::<PublicKey>().is_ok());
            let text = match given {
                Some(text) => text.to_owned(),
                None => FileKind::PUBLIC_KEY.read_text(key).map_err(exit::usage)?,
            };
            let line = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
            Ok((line.trim().to_owned(), read))
        };
        self.keys.iter().map(line).collect()
    }

    fn public_keys(&self) -> Result<Vec<PublicKey>, Failed> {
        self.keys.iter().map(|key| public_key(key)).collect()
    }
}

/// The key that `argument` is, or else the one in the file of that name: no file is called as a key is by chance.
fn public_key(argument: &OsStr) -> Result<PublicKey, Failed> {
    if let Some(key) = argument.to_str().and_then(|key| key.parse().ok()) {
        return Ok(key);
    }
    PublicKey::from_file(argument).map_err(|error| match error {
        KeyError::Read(error) if error.kind() == ErrorKind::NotFound => exit::usage(anyhow!(
            "`{}` is neither a public key nor a file: a key is the last line of the file that ends in `.pub`, as \
             `plugwright key new` writes it beside the secret one",
            ForeignText::of_path(argument)
        )),
        error => exit::usage(error),
    })
}
