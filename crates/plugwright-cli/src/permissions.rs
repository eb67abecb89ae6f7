//! What a run allows its plugins: `--limit` and `--grant`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::{Args, ValueHint};
use plugwright::{ForeignText, Grant, Grants, Limits, Manifest, Policy, RequestedGrant, TextError};

use crate::exit::{self, Failed};
use crate::text_argument::read;

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    limits: LimitOptions,

    /// Grants something to the plugins, which get nothing but their contract otherwise
    ///
    /// `folder=PATH[:NAME]` and `folder-rw=PATH[:NAME]` are a folder for reading or for writing too,
    /// under the name NAME in the plugin, `.` if there is none. `variable=NAME[=VALUE]` is an
    /// environment variable, with the value that it has here if there is none. `argument=TEXT` is an
    /// argument, `stdin` is standard input, `wall-clock[=SECONDS]` is the time of day, the machine's or
    /// one that stands at these seconds since 1970, `random[=SEED]` is random numbers, the machine's or
    /// those of a seed, and `http=ORIGIN` is HTTP requests to this scheme, host and port, such as
    /// `https://api.example.org`.
    #[arg(
        long = "grant",
        value_name = "KIND[=VALUE]",
        conflicts_with = "policy",
        value_parser = read(|text| text.parse::<Grant>())
    )]
    grants: Vec<Grant>,

    /// Loads only the plugins that this policy allows, with what it grants them
    #[arg(long, value_name = "POLICY", value_hint = ValueHint::FilePath)]
    pub(crate) policy: Option<PathBuf>,
}

/// What a call of a plugin may use.
#[derive(Debug, Args)]
pub(crate) struct LimitOptions {
    /// Sets what a plugin may use: deadline, fuel, memory, table-elements, instances, stack, transfer,
    /// handles, host-memory, descriptors, output, log-lines, log-bytes, requests, download or component-size
    ///
    /// A deadline is in milliseconds or has a unit, as `500ms` or `2s`; bytes may have one of the units
    /// KiB, MiB and GiB; `none` lifts a limit, but for the stack, of which it is the most that there is.
    #[arg(long = "limit", value_name = "NAME=VALUE", value_parser = read(limit))]
    limits: Vec<String>,
}

impl Options {
    /// The policy, if there is one.
    pub(crate) fn policy(&self) -> Result<Option<Policy>, Failed> {
        self.policy.as_ref().map(Policy::open).transpose().map_err(exit::usage)
    }

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

    /// Who asks for what is granted: nobody yet.
    pub(crate) fn asking(&self) -> Asking<'_> {
        Asking {
            grants: &self.grants,
            unasked: self.grants.iter().collect(),
            free: BTreeSet::new(),
        }
    }

    /// What a call of a plugin may use: what `more` says and no more than this says, and the defaults
    /// for what neither says, or the policy's own.
    pub(crate) fn limits(&self, more: &[String]) -> Result<Limits, Failed> {
        let unsaid = if self.policy.is_some() { Limits::none() } else { Limits::default() };
        self.limits.and(unsaid, more)
    }
}

impl LimitOptions {
    /// What a call of a plugin may use: what this says, and the defaults for what it does not say.
    pub(crate) fn limits(&self) -> Result<Limits, Failed> {
        self.and(Limits::default(), &[])
    }

    /// What `more` says and no more than this says, and `unsaid` for what neither says.
    pub(crate) fn and(&self, unsaid: Limits, more: &[String]) -> Result<Limits, Failed> {
        let with = |limits: Limits, texts: &[String]| {
            texts.iter().try_fold(limits, |limits, text| limits.with_text(text))
        };
        let said = with(Limits::none(), &self.limits);
        let all = with(unsaid, &self.limits).and_then(|limits| with(limits, more));
        Ok(all.map_err(exit::usage)?.strictest(said.map_err(exit::usage)?))
    }
}

/// Who asks for what is granted to all plugins.
pub(crate) struct Asking<'a> {
    grants: &'a [Grant],
    unasked: Vec<&'a Grant>,
    /// What one of them asks for and is not granted.
    free: BTreeSet<RequestedGrant>,
}

impl Asking<'_> {
    /// Hears what the plugin `name` asks for. One without a manifest may need anything; any other has to ask
    /// for what is granted to it alone, which is `own`.
    pub(crate) fn hear(
        &mut self,
        name: &str,
        manifest: Option<&Manifest>,
        own: &[Grant],
    ) -> Result<(), Failed> {
        let asks_for = |grant: &Grant| {
            manifest.is_none_or(|it| it.grants.iter().any(|request| request.is_for(grant)))
        };
        self.unasked.retain(|grant| !asks_for(grant));
        let has =
            |request: &RequestedGrant| self.grants.iter().chain(own).any(|it| request.is_for(it));
        let requests = manifest.map(|it| &it.grants).into_iter().flatten();
        let free: BTreeSet<RequestedGrant> = requests.filter(|it| !has(it)).cloned().collect();
        if let Some(grant) = own.iter().find(|grant| !asks_for(grant)) {
            let name = ForeignText::from(name);
            return Err(unasked(&format!("`{name}` does not ask"), grant, &free));
        }
        self.free.extend(free);
        Ok(())
    }

    /// Refuses what none of the plugins asks for.
    pub(crate) fn finish(self, names: &[&str]) -> Result<(), Failed> {
        match (&*self.unasked, names) {
            ([], _) => Ok(()),
            ([grant, ..], [name]) => {
                let nobody = format!("`{}` does not ask", ForeignText::from(*name));
                Err(unasked(&nobody, grant, &self.free))
            }
            ([grant, ..], _) => Err(unasked("none of the plugins asks", grant, &self.free)),
        }
    }
}

/// The error of a grant that nobody asks for, with what it was perhaps meant for: one of the same kind of those that
/// are `free`, for which nothing is granted.
fn unasked(nobody: &str, grant: &Grant, free: &BTreeSet<RequestedGrant>) -> Failed {
    let (shown, written) = (ForeignText::from(grant.to_string()), grant.asked());
    // A folder may be asked for to be written to, too.
    let kind = |kind: &'static str| kind.trim_end_matches("-rw");
    let is_alike = |request: &&RequestedGrant| kind(request.kind()) == kind(grant.kind());
    let likeness = |request: &&RequestedGrant| match request.is_met_by(grant) {
        true => f64::INFINITY,
        false => strsim::jaro_winkler(&written, &request.to_string()),
    };
    let alike = free.iter().filter(is_alike);
    let likest = alike.max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    exit::denied(match likest {
        Some(request) if request.is_met_by(grant) => anyhow!(
            "{nobody} for as much as the grant `{shown}`: `{request}` is asked for, so grant the folder with `folder` \
             instead of `folder-rw`"
        ),
        Some(request) => anyhow!(
            "{nobody} for the grant `{shown}`: leave it out, unless it was meant for `{request}`; `plugwright inspect` \
             shows what a plugin asks for"
        ),
        None => anyhow!(
            "{nobody} for the grant `{shown}`: leave it out; `plugwright inspect` shows what a plugin asks for"
        ),
    })
}

/// The limit, once it is known to be one.
fn limit(text: String) -> Result<String, TextError> {
    Limits::none().with_text(&text).map(|_| text)
}
