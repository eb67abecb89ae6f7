//! `--trust`: whose plugins are loaded.

use std::ffi::{OsStr, OsString};

use clap::{Args, ValueHint};
use plugwright::{HostBuilder, KeyError, PublicKey, Trust};

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

    fn public_keys(&self) -> Result<Vec<PublicKey>, Failed> {
        let keys: Result<Vec<_>, KeyError> = self.keys.iter().map(|key| public_key(key)).collect();
        keys.map_err(exit::usage)
    }
}

/// The key that `argument` is, or else the one in the file of that name: no file is called as a key is by chance.
fn public_key(argument: &OsStr) -> Result<PublicKey, KeyError> {
    let key = argument.to_str().and_then(|key| key.parse().ok());
    key.map_or_else(|| PublicKey::from_file(argument), Ok)
}
