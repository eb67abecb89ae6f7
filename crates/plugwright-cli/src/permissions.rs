//! What a run allows its plugins: `--limit` and `--grant`.

use std::str::FromStr;
use std::time::{Duration, SystemTime};

use clap::Args;
use plugwright::{Access, Clock, Grants, HostBuilder, Limit, Limits, Random, Stdin};

use crate::exit::{self, Failed};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Sets what a call of a plugin may use: deadline, fuel, memory, table-elements, instances, stack,
    /// transfer, handles, output, log-lines, log-bytes, requests or download
    ///
    /// A deadline is in milliseconds or has a unit, as `500ms` or `2s`; bytes may have one of the units
    /// KiB, MiB and GiB; `none` lifts a limit.
    #[arg(long = "limit", value_name = "NAME=VALUE", value_parser = limit)]
    limits: Vec<(Limit, u64)>,

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

#[derive(Debug, Clone)]
enum Grant {
    Folder { path: String, name: String, access: Access },
    Variable { name: String, value: Option<String> },
    Argument(String),
    Stdin,
    WallClock(Clock),
    Random(Random),
    Http(String),
}

impl Options {
    /// Whether the plugins read standard input.
    pub(crate) fn grant_stdin(&self) -> bool {
        self.grants.iter().any(|grant| matches!(grant, Grant::Stdin))
    }

    /// Gives the host these limits and grants.
    pub(crate) fn apply(&self, host: HostBuilder) -> Result<HostBuilder, Failed> {
        let limits = self
            .limits
            .iter()
            .fold(Limits::default(), |limits, (limit, value)| limits.with(*limit, *value));
        let mut grants = Grants::none();
        for grant in &self.grants {
            grants = match grant.clone() {
                Grant::Folder { path, name, access } => {
                    grants.folder(path, name, access).map_err(exit::denied)?
                }
                Grant::Variable { name, value } => {
                    let value = match value {
                        Some(value) => value,
                        None => std::env::var(&name).map_err(|error| {
                            exit::denied(
                                anyhow::Error::new(error)
                                    .context(format!("cannot grant the variable `{name}`")),
                            )
                        })?,
                    };
                    grants.variable(name, value).map_err(exit::denied)?
                }
                Grant::Argument(argument) => grants.argument(argument),
                Grant::Stdin => grants.stdin(Stdin::Inherited),
                Grant::WallClock(clock) => grants.wall_clock(clock),
                Grant::Random(random) => grants.random(random),
                Grant::Http(origin) => grants.http(&origin).map_err(exit::denied)?,
            };
        }
        Ok(host.limits(limits).grants(grants))
    }
}

impl FromStr for Grant {
    type Err = String;

    fn from_str(argument: &str) -> Result<Self, String> {
        let (kind, value) = match argument.split_once('=') {
            Some((kind, value)) => (kind, Some(value)),
            None => (argument, None),
        };
        let needed = || value.ok_or(format!("it is written {kind}=VALUE"));
        let number = |value: &str| {
            value.parse::<u64>().map_err(|error| format!("`{value}` is no number: {error}"))
        };
        let folder = |access| {
            let value = needed()?;
            let (path, name) = value.rsplit_once(':').unwrap_or((value, "."));
            Ok(Self::Folder { path: path.to_owned(), name: name.to_owned(), access })
        };
        match kind {
            "folder" => folder(Access::ReadOnly),
            "folder-rw" => folder(Access::ReadWrite),
            "variable" => {
                let value = needed()?;
                let (name, value) = match value.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (value, None),
                };
                Ok(Self::Variable { name: name.to_owned(), value })
            }
            "argument" => Ok(Self::Argument(needed()?.to_owned())),
            "stdin" if value.is_none() => Ok(Self::Stdin),
            "wall-clock" => Ok(Self::WallClock(match value {
                None => Clock::Real,
                Some(value) => {
                    let since = Duration::from_secs(number(value)?);
                    let time = SystemTime::UNIX_EPOCH.checked_add(since);
                    Clock::Fixed(time.ok_or(format!("`{value}` is beyond all times"))?)
                }
            })),
            "random" => Ok(Self::Random(match value {
                None => Random::Real,
                Some(value) => Random::Seeded(number(value)?),
            })),
            "http" => Ok(Self::Http(needed()?.to_owned())),
            "stdin" => Err("it takes no value".to_owned()),
            _ => Err(format!(
                "there is no grant `{kind}`, only folder, folder-rw, variable, argument, stdin, \
                 wall-clock, random and http"
            )),
        }
    }
}

fn limit(argument: &str) -> Result<(Limit, u64), String> {
    let (name, value) = argument.split_once('=').ok_or("a limit is written NAME=VALUE")?;
    let limit = Limit::ALL.into_iter().find(|limit| limit.name() == name).ok_or_else(|| {
        let names: Vec<_> = Limit::ALL.iter().map(|limit| limit.name()).collect();
        format!("there is no limit `{name}`, only {}", names.join(", "))
    })?;
    if value == "none" {
        return Ok((limit, u64::MAX));
    }
    let digits = value.trim_end_matches(|c: char| !c.is_ascii_digit());
    let scale = match (&value[digits.len()..], limit) {
        ("", _) | ("ms", Limit::Deadline) => 1,
        ("s", Limit::Deadline) => 1000,
        ("KiB", _) if limit.is_in_bytes() => 1 << 10,
        ("MiB", _) if limit.is_in_bytes() => 1 << 20,
        ("GiB", _) if limit.is_in_bytes() => 1 << 30,
        (unit, _) => return Err(format!("the limit `{name}` has no unit `{unit}`")),
    };
    let number: u64 = digits.parse().map_err(|error| format!("`{value}` is no amount: {error}"))?;
    Ok((limit, number.saturating_mul(scale)))
}
