//! The permissions of plugins in a run: `--limit`, `--grant` and `--policy`.

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

    /// Grants something to the plugins; without grants, they have access to nothing outside their contract
    ///
    /// `folder=PATH[:NAME]` grants reading a folder, and `folder-rw=PATH[:NAME]` reading and writing it; the plugin
    /// sees the folder as NAME, or as `.` without a NAME. `variable=NAME[=VALUE]` grants an environment variable, with
    /// its current value unless VALUE is given. `argument=TEXT` grants a command-line argument, and `stdin` standard
    /// input. `wall-clock[=SECONDS]` grants the time of day: the machine's, or a clock that stands still at SECONDS
    /// since 1970. `random[=SEED]` grants random numbers: the machine's, or those of SEED. `http=ORIGIN` grants HTTP
    /// requests to a scheme, host and port, such as `https://api.example.org`.
    #[arg(
        long = "grant",
        value_name = "KIND[=VALUE]",
        conflicts_with = "policy",
        value_parser = read(|text| text.parse::<Grant>())
    )]
    grants: Vec<Grant>,

    /// Loads only plugins that this policy allows, with the grants of the policy
    #[arg(long, value_name = "POLICY", value_hint = ValueHint::FilePath)]
    pub(crate) policy: Option<PathBuf>,
}

/// The limits of a call.
#[derive(Debug, Args)]
pub(crate) struct LimitOptions {
    /// Sets a limit for plugins: deadline, fuel, memory, table-elements, instances, stack, transfer, handles,
    /// host-memory, descriptors, output, log-lines, log-bytes, requests, download or component-size
    ///
    /// A deadline is in milliseconds or has a unit, as in `500ms` or `2s`. Bytes may have the unit KiB, MiB or GiB. The
    /// value `none` removes a limit; for the stack it means the largest possible stack.
    #[arg(long = "limit", value_name = "NAME=VALUE", value_parser = read(limit))]
    limits: Vec<String>,
}

impl Options {
    /// Opens the policy, if one is given.
    pub(crate) fn policy(&self) -> Result<Option<Policy>, Failed> {
        self.policy.as_ref().map(Policy::open).transpose().map_err(exit::usage)
    }

    /// Returns whether standard input is granted to the plugins.
    pub(crate) fn grant_stdin(&self) -> bool {
        self.grants.iter().any(Grant::is_stdin)
    }

    /// Returns the grants of a plugin: these, and those of `more`, whose paths are relative to `folder`.
    pub(crate) fn grants(&self, more: &[Grant], folder: &Path) -> Result<Grants, Failed> {
        let here = self.grants.iter().map(|grant| (grant, Path::new("")));
        here.chain(more.iter().map(|grant| (grant, folder)))
            .try_fold(Grants::none(), |grants, (grant, folder)| grants.with(grant, folder))
            .map_err(exit::denied)
    }

    /// Returns a record of which plugins ask for the grants. No plugin has asked yet.
    pub(crate) fn asking(&self) -> Asking<'_> {
        Asking {
            grants: &self.grants,
            unasked: self.grants.iter().collect(),
            free: BTreeSet::new(),
        }
    }

    /// Returns the limits of a call: those of `more`, but never above these. A limit that neither sets has its default,
    /// or that of the policy.
    pub(crate) fn limits(&self, more: &[String]) -> Result<Limits, Failed> {
        let unsaid = if self.policy.is_some() { Limits::none() } else { Limits::default() };
        self.limits.and(unsaid, more)
    }
}

impl LimitOptions {
    /// Returns the limits of a call: these, and the defaults for the others.
    pub(crate) fn limits(&self) -> Result<Limits, Failed> {
        self.and(Limits::default(), &[])
    }

    /// Returns the limits of `more`, but never above these, and those of `unsaid` where neither sets a limit.
    pub(crate) fn and(&self, unsaid: Limits, more: &[String]) -> Result<Limits, Failed> {
        let with = |limits: Limits, texts: &[String]| {
            texts.iter().try_fold(limits, |limits, text| limits.with_text(text))
        };
        let said = with(Limits::none(), &self.limits);
        let all = with(unsaid, &self.limits).and_then(|limits| with(limits, more));
        Ok(all.map_err(exit::usage)?.strictest(said.map_err(exit::usage)?))
    }
}

/// A record of which plugins ask for the grants that all plugins get.
pub(crate) struct Asking<'a> {
    grants: &'a [Grant],
    unasked: Vec<&'a Grant>,
    /// Requests of plugins without a grant.
    free: BTreeSet<RequestedGrant>,
}

impl Asking<'_> {
    /// Records what the plugin `name` asks for. A plugin without a manifest may need anything. Any other plugin must
    /// ask for the grants in `own`, which are for this plugin alone.
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

    /// Refuses a grant that no plugin asks for.
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

/// Returns the error for a grant that no plugin asks for. The error suggests the request that the grant was probably
/// meant for: the most similar one of the same kind in `free`, the requests without a grant.
fn unasked(nobody: &str, grant: &Grant, free: &BTreeSet<RequestedGrant>) -> Failed {
    let (shown, written) = (ForeignText::from(grant.to_string()), grant.asked());
    // `folder` and `folder-rw` count as the same kind.
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
            "{nobody} for as much as the grant `{shown}` gives, only for `{request}`: grant the folder with `folder` \
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

/// Returns the text of the limit, after checking that it is valid.
fn limit(text: String) -> Result<String, TextError> {
    Limits::none().with_text(&text).map(|_| text)
}
