//! `--trust`: the public keys whose plugins are loaded.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;

use anyhow::anyhow;
use clap::{Args, ValueHint};
use plugwright::{FileKind, ForeignText, HostBuilder, KeyError, PublicKey, Trust};

use crate::exit::{self, Failed};

/// The signature options of all commands.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Loads only plugins that are signed with this public key, given as a file or as the key line of that file; repeat
    /// the option to trust several keys
    #[arg(long = "trust", global = true, value_name = "KEY", value_hint = ValueHint::FilePath)]
    keys: Vec<OsString>,
}

impl Options {
    /// Has the host load only plugins that these options allow.
    pub(crate) fn apply(&self, host: HostBuilder) -> Result<HostBuilder, Failed> {
        Ok(if self.keys.is_empty() { host } else { host.trust(self.public_keys()?) })
    }

    /// Returns the trusted keys, for commands that read plugins without a host.
    pub(crate) fn trust(&self) -> Result<Trust, Failed> {
        Ok(if self.keys.is_empty() { Trust::anybody() } else { Trust::keys(self.public_keys()?) })
    }

    /// Returns the keys, each with its text line.
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

/// Returns the public key in `argument`, or the key in the file of that name. No file name looks like a key by chance.
fn public_key(argument: &OsStr) -> Result<PublicKey, Failed> {
    if let Some(key) = argument.to_str().and_then(|key| key.parse().ok()) {
        return Ok(key);
    }
    PublicKey::from_file(argument).map_err(|error| match error {
        KeyError::Read(error) if error.kind() == ErrorKind::NotFound => exit::usage(anyhow!(
            "`{}` is neither a public key nor a file: a key is the last line of a `.pub` file, which \
             `plugwright key new` writes beside the secret key",
            ForeignText::of_path(argument)
        )),
        error => exit::usage(error),
    })
}
