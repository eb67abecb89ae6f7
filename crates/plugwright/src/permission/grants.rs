//! What a plugin is given beyond its contract.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::permission::folder::{Access, Folder};
use crate::permission::grant_error::GrantError;
use crate::permission::origin::Origin;
use crate::text::foreign_text::ForeignText;

/// What a plugin is given beyond its contract: nothing, unless it is named here.
///
/// A host has grants for all plugins that are loaded with it: see
/// [`Host::with_grants`](crate::Host::with_grants).
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
    /// These bytes, anew in each call.
    Bytes(Vec<u8>),
    /// The host's own standard input, of which each byte is read once.
    Inherited,
}

/// Which time it is for a plugin.
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
    /// This number: the same ones in each call. They are not secret.
    Seeded(u64),
}

impl Grants {
    /// Nothing.
    pub fn none() -> Self {
        Self::default()
    }

    /// Grants that say nothing of this machine, of the kinds that
    /// [`Inspection::grants`](crate::Inspection::grants) names: a clock that stands at the Unix epoch,
    /// random numbers from a fixed seed, and HTTP requests that go nowhere. With them a plugin can be
    /// loaded, to look at it.
    pub fn placeholders(kinds: &[&str]) -> Self {
        let has = |kind| kinds.contains(&kind);
        Self {
            wall_clock: has("wall-clock").then_some(Clock::Fixed(SystemTime::UNIX_EPOCH)),
            random: has("random").then_some(Random::Seeded(0)),
            origins: has("http").then(BTreeSet::new),
            ..Self::none()
        }
    }

    /// Grants the folder `path`, and all below it, under the name `name` in the plugin: an absolute
    /// path with `/`, or `.`, which is another name for `/`.
    ///
    /// What is granted is the folder that is there now. If something else is in its place when a
    /// plugin is called, the call is [denied](crate::CallError::Denied). Symbolic links in it lead
    /// nowhere outside of it. The plugin is not told `path`.
    ///
    /// # Errors
    ///
    /// [`GrantError::Folder`] if there is no such folder, the name is not of that form, or another
    /// folder has it.
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
                "the plugin's name for it, `{taken}`, is taken by `{other}`"
            )));
        }
        let folder = Folder::find(path, access).map_err(|error| refused(error.to_string()))?;
        self.folders.insert(name, folder);
        Ok(self)
    }

    /// Grants an environment variable. The host's own environment is never given.
    ///
    /// # Errors
    ///
    /// [`GrantError::Variable`] if the name is empty or has a `=` in it, or there is a zero byte.
    pub fn variable(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, GrantError> {
        let (name, value) = (name.into(), value.into());
        let reason = if name.is_empty() {
            "its name is empty"
        } else if name.contains('=') {
            "there is a `=` in its name"
        } else if name.contains('\0') || value.contains('\0') {
            "there is a zero byte in it"
        } else {
            self.variables.insert(name, value);
            return Ok(self);
        };
        Err(GrantError::Variable { name: name.into(), reason })
    }

    /// Grants an argument, after those that are granted already. There is no name of a program before
    /// them unless it is granted, too.
    pub fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Grants standard input.
    pub fn stdin(mut self, stdin: Stdin) -> Self {
        self.stdin = Some(stdin);
        self
    }

    /// Grants the time of day. With [`Clock::Real`] the monotonic clock is real, too; else it advances
    /// one millisecond a reading.
    pub fn wall_clock(mut self, clock: Clock) -> Self {
        self.wall_clock = Some(clock);
        self
    }

    /// Grants random numbers.
    pub fn random(mut self, random: Random) -> Self {
        self.random = Some(random);
        self
    }

    /// Grants HTTP requests to `origin`, besides those that are granted already: `http` or `https`, a
    /// host, and a port if it is not the scheme's, as in `http://localhost:8080`.
    ///
    /// A request to any other scheme, host or port fails in the plugin with the error
    /// `HTTP-request-denied`, before anything is looked up, and the first one in a call is told
    /// through `tracing`. Redirects are not followed: the plugin gets them as answers, and to where it
    /// goes on is a request of its own. [`Limits::requests`](crate::Limits::requests) and
    /// [`Limits::download`](crate::Limits::download) limit what a call does, and its deadline how long
    /// it waits.
    ///
    /// Which addresses a host's name has is not looked at: who rules the name of a granted host can
    /// lead requests to any address that this machine reaches, on the granted port. With `https` the
    /// server there has to have a certificate for the name, from one of the authorities that Mozilla
    /// trusts.
    ///
    /// # Errors
    ///
    /// [`GrantError::Origin`] if it is not of that form.
    pub fn http(mut self, origin: &str) -> Result<Self, GrantError> {
        let parsed = origin
            .parse()
            .map_err(|reason| GrantError::Origin { origin: origin.into(), reason })?;
        self.origins.get_or_insert_default().insert(parsed);
        Ok(self)
    }
}

/// The name as it is given to a plugin, without `/` at its end, if it is one that a plugin can use:
/// language runtimes take `.` and `..` out of a path before they look for its folder.
pub(crate) fn folder_name(name: &str) -> Option<String> {
    if name == "." || name == "/" {
        return Some(name.to_owned());
    }
    let parts = name.strip_prefix('/')?.trim_end_matches('/');
    let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains('\0');
    parts.split('/').all(plain).then(|| format!("/{parts}"))
}

/// Plugins begin in `/`, so the two names of it are one.
pub(crate) fn root(name: &str) -> &str {
    if name == "." { "/" } else { name }
}

impl Clock {
    /// The time since the Unix epoch if it is fixed; times before it count as the epoch.
    pub(crate) fn fixed(self) -> Option<Duration> {
        match self {
            Self::Real => None,
            Self::Fixed(time) => {
                Some(time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
            }
        }
    }
}
