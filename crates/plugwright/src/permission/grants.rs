//! What a plugin may use in addition to its contract.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::permission::folder::{Access, Folder};
use crate::permission::grant_error::GrantError;
use crate::permission::origin::Origin;
use crate::text::foreign_text::ForeignText;

/// What a plugin may use in addition to its contract. Everything that is not granted here is denied.
///
/// A host's grants apply to all plugins that it loads: see [`Host::with_grants`](crate::Host::with_grants).
///
/// ```no_run
/// use plugwright::{Access, Clock, Grants};
///
/// # fn main() -> Result<(), plugwright::GrantError> {
/// let grants = Grants::none()
///     .folder("templates", "/templates", Access::ReadOnly)?
///     .variable("LANG", "en_GB.UTF-8")?
///     .http("https://api.example.org")?
///     .wall_clock(Clock::Real);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Grants {
    pub(crate) folders: BTreeMap<String, Folder>,
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) arguments: Vec<String>,
    pub(crate) stdin: Option<Stdin>,
    pub(crate) wall_clock: Option<Clock>,
    pub(crate) random: Option<Random>,
    pub(crate) origins: Option<BTreeSet<Origin>>,
}

/// What a plugin reads from its standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stdin {
    /// These bytes, from the beginning in each call.
    Bytes(Vec<u8>),
    /// The host's own standard input. Each byte can be read only once.
    Inherited,
}

/// The time of day that a plugin sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The machine's time.
    Real,
    /// Always this time.
    Fixed(SystemTime),
}

/// Where a plugin's random numbers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Random {
    /// The machine.
    Real,
    /// This seed, which gives the same numbers in each call. They are not secret.
    Seeded(u64),
}

impl Grants {
    /// Returns grants that allow nothing.
    pub fn none() -> Self {
        Self::default()
    }

    /// Returns grants of the given `kinds`, as [`Inspection::grants`](crate::Inspection::grants) names them, that
    /// reveal nothing about this machine: a clock that stands at the Unix epoch, random numbers from a fixed seed, and
    /// HTTP requests to no origins. They allow a plugin to be loaded for inspection.
    pub fn placeholders(kinds: &[&str]) -> Self {
        let has = |kind| kinds.contains(&kind);
        Self {
            wall_clock: has("wall-clock").then_some(Clock::Fixed(SystemTime::UNIX_EPOCH)),
            random: has("random").then_some(Random::Seeded(0)),
            origins: has("http").then(BTreeSet::new),
            ..Self::none()
        }
    }

    /// Grants the folder `path`, and everything below it, under the name `name` in the plugin. The name is an absolute
    /// path with `/`, or `.`, which is another name for `/`.
    ///
    /// The grant is for the folder that exists now. If something else has replaced it when a plugin is called, the call
    /// is [denied](crate::CallError::Denied). Symbolic links in the folder cannot lead outside it. The plugin does not
    /// learn `path`.
    ///
    /// # Errors
    ///
    /// [`GrantError::Folder`] if there is no such folder, the name does not have this form, or another folder has the
    /// name.
    pub fn folder(
        mut self,
        path: impl AsRef<Path>,
        name: impl Into<String>,
        access: Access,
    ) -> Result<Self, GrantError> {
        let (path, name) = (path.as_ref(), name.into());
        let refused =
            |reason: String| GrantError::Folder { path: path.to_owned(), reason: reason.into() };
        let Some(name) = folder_name(&name) else {
            return Err(refused(format!(
                "the plugin's name for it, `{name}`, is neither `.` nor an absolute path without `.` \
                 and `..`"
            )));
        };
        let mut taken = self.folders.iter().filter(|(other, _)| root(other) == root(&name));
        if let Some((taken, other)) = taken.next() {
            let other = ForeignText::of_path(other.path());
            return Err(refused(format!(
                "the plugin's name for it, `{taken}`, already stands for `{other}`"
            )));
        }
        let folder = Folder::find(path, access).map_err(|error| refused(error.to_string()))?;
        self.folders.insert(name, folder);
        Ok(self)
    }

    /// Grants an environment variable. Plugins never get the host's own environment.
    ///
    /// # Errors
    ///
    /// [`GrantError::Variable`] if the name is empty or contains `=`, or the name or the value contains a zero byte.
    pub fn variable(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, GrantError> {
        let (name, value) = (name.into(), value.into());
        let reason = if name.is_empty() {
            "its name is empty"
        } else if name.contains('=') {
            "its name contains `=`"
        } else if name.contains('\0') || value.contains('\0') {
            "it contains a zero byte"
        } else {
            self.variables.insert(name, value);
            return Ok(self);
        };
        Err(GrantError::Variable { name: name.into(), reason })
    }

    /// Grants an argument, after the arguments that are already granted. The program name is not added: if the plugin
    /// expects one, grant it as the first argument.
    pub fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Grants standard input.
    pub fn stdin(mut self, stdin: Stdin) -> Self {
        self.stdin = Some(stdin);
        self
    }

    /// Grants the time of day. With [`Clock::Real`] the monotonic clock is real too. Otherwise it advances one
    /// millisecond with each reading.
    pub fn wall_clock(mut self, clock: Clock) -> Self {
        self.wall_clock = Some(clock);
        self
    }

    /// Grants random numbers.
    pub fn random(mut self, random: Random) -> Self {
        self.random = Some(random);
        self
    }

    /// Grants HTTP requests to `origin`, in addition to the origins that are already granted. An origin is `http` or
    /// `https`, a host, and a port unless it is the default port, as in `http://localhost:8080`.
    ///
    /// A request to any other scheme, host or port fails in the plugin with the error `HTTP-request-denied`, before its
    /// name is resolved. The first denied request of a call is a `tracing` event. Redirects are not followed: the
    /// plugin gets them as responses, and a request to the new location needs its own grant.
    /// [`Limits::requests`](crate::Limits::requests) and [`Limits::download`](crate::Limits::download) limit the
    /// requests of a call, and its deadline limits how long it waits.
    ///
    /// The addresses of a host name are not checked: whoever controls the name of a granted host can direct requests to
    /// any address that this machine can reach, on the granted port. With `https` the server must have a certificate
    /// for the name, from an authority that Mozilla trusts.
    ///
    /// # Errors
    ///
    /// [`GrantError::Origin`] if the origin does not have this form.
    pub fn http(mut self, origin: &str) -> Result<Self, GrantError> {
        let parsed = origin
            .parse()
            .map_err(|reason| GrantError::Origin { origin: origin.into(), reason })?;
        self.origins.get_or_insert_default().insert(parsed);
        Ok(self)
    }
}

/// Returns the name that a plugin sees, without `/` at the end, if a plugin can use it. Language runtimes remove `.`
/// and `..` from a path before they look up its folder.
pub(crate) fn folder_name(name: &str) -> Option<String> {
    if name == "." || name == "/" {
        return Some(name.to_owned());
    }
    let parts = name.strip_prefix('/')?.trim_end_matches('/');
    let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains('\0');
    parts.split('/').all(plain).then(|| format!("/{parts}"))
}

/// Returns `/` for `.`. Plugins start in `/`, so both names mean the same folder.
pub(crate) fn root(name: &str) -> &str {
    if name == "." { "/" } else { name }
}

impl Clock {
    /// Returns the time since the Unix epoch, if the clock is fixed. Earlier times count as the epoch.
    pub(crate) fn fixed(self) -> Option<Duration> {
        match self {
            Self::Real => None,
            Self::Fixed(time) => {
                Some(time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
            }
        }
    }
}
