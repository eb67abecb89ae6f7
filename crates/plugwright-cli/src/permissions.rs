//! What a run allows its plugins: `--limit` and `--grant`.

use std::path::Path;

use clap::Args;
use plugwright::{Grant, Grants, HostBuilder, Limits, TextError};

use crate::exit::{self, Failed};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Sets what a call of a plugin may use: deadline, fuel, memory, table-elements, instances, stack,
    /// transfer, handles, output, log-lines, log-bytes, requests or download
    ///
    /// A deadline is in milliseconds or has a unit, as `500ms` or `2s`; bytes may have one of the units
    /// KiB, MiB and GiB; `none` lifts a limit.
    #[arg(long = "limit", value_name = "NAME=VALUE", value_parser = limit)]
    limits: Vec<String>,

    /// Grants something to the plugins, which get nothing but their contract otherwise
    ///
    /// `folder=PATH[:NAME]` and `folder-rw=PATH[:NAME]` are a folder for reading or for writing too,
    /// under the name NAME in the plugin, `.` if there is none. `variable=NAME[=VALUE]` is an
    /// environment variable, with the value that it has here if there is none. `argument=TEXT` is an
    /// argument, `stdin` is standard input, `wall-clock[=SECONDS]` is the time of day, the machine's or
    /// one that stands at these seconds since 1970, `random[=SEED]` is random numbers, the machine's or
    /// those of a seed, and `http=ORIGIN` is HTTP requests to this scheme, host and port, such as
    /// `https://api.example.org`.
    #[arg(long = "grant", value_name = "KIND[=VALUE]")]
    grants: Vec<Grant>,
}

impl Options {
    /// Whether the plugins read standard input.
    pub(crate) fn grant_stdin(&self) -> bool {
        self.grants.iter().any(Grant::is_stdin)
    }

    /// Gives the host these limits and grants.
    pub(crate) fn apply(&self, host: HostBuilder) -> Result<HostBuilder, Failed> {
        let limits = self
            .limits
            .iter()
            .try_fold(Limits::default(), |limits, limit| limits.with_text(limit))
            .map_err(exit::usage)?;
        let grants = self
            .grants
            .iter()
            .try_fold(Grants::none(), |grants, grant| grants.with(grant, Path::new("")))
            .map_err(exit::denied)?;
        Ok(host.limits(limits).grants(grants))
    }
}

/// The limit, once it is known to be one.
fn limit(text: &str) -> Result<String, TextError> {
    Limits::none().with_text(text).map(|_| text.to_owned())
}
