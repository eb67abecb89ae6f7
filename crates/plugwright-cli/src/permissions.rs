//! What a run allows its plugins: `--limit` and `--grant`.

use std::path::Path;

use clap::Args;
use plugwright::{Grant, Grants, Limits, TextError};

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

    /// What is granted to a plugin: this, and what `more` says, whose paths begin in `folder`.
    pub(crate) fn grants(&self, more: &[Grant], folder: &Path) -> Result<Grants, Failed> {
        let here = self.grants.iter().map(|grant| (grant, Path::new("")));
        here.chain(more.iter().map(|grant| (grant, folder)))
            .try_fold(Grants::none(), |grants, (grant, folder)| grants.with(grant, folder))
            .map_err(exit::denied)
    }

    /// What a call of a plugin may use: what `more` says and no more than this says, and the defaults
    /// for what neither says.
    pub(crate) fn limits(&self, more: &[String]) -> Result<Limits, Failed> {
        let with = |limits: Limits, texts: &[String]| {
            texts.iter().try_fold(limits, |limits, text| limits.with_text(text))
        };
        let said = with(Limits::none(), &self.limits);
        let all = with(Limits::default(), &self.limits).and_then(|limits| with(limits, more));
        Ok(all.map_err(exit::usage)?.strictest(said.map_err(exit::usage)?))
    }
}

/// The limit, once it is known to be one.
fn limit(text: &str) -> Result<String, TextError> {
    Limits::none().with_text(text).map(|_| text.to_owned())
}
