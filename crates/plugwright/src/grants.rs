//! What a plugin is given beyond its contract.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// What a plugin is given beyond its contract: nothing, unless it is named here.
///
/// A host has grants for all plugins that are loaded with it: see
/// [`Host::granting`](crate::Host::granting).
///
/// ```no_run
/// use plugwright::{Access, Clock, Grants};
///
/// # fn main() -> Result<(), plugwright::GrantError> {
/// let grants = Grants::none()
///     .folder("templates", "/templates", Access::ReadOnly)?
///     .variable("LANG", "en_GB.UTF-8")?
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
}

/// What a plugin may do in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// List it and read its files.
    ReadOnly,
    /// All of that, and write, rename and delete.
    ReadWrite,
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

/// Why something cannot be granted.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// The folder cannot be given.
    #[error("cannot grant the folder `{}`: {reason}", path.display())]
    Folder {
        /// The folder, as the host has it.
        path: PathBuf,
        /// What stands against it.
        reason: String,
    },
    /// The environment variable cannot be given.
    #[error("cannot grant the environment variable `{name}`: {reason}")]
    Variable {
        /// Its name.
        name: String,
        /// What stands against it.
        reason: &'static str,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    pub(crate) access: Access,
}

impl Grants {
    /// Nothing.
    pub fn none() -> Self {
        Self::default()
    }

    /// Grants that say nothing of this machine, of the kinds that
    /// [`Inspection::grants`](crate::Inspection::grants) names: a clock that stands at the Unix epoch,
    /// and random numbers from a fixed seed. With them a plugin can be loaded, to look at it.
    pub fn placeholders(kinds: &[&str]) -> Self {
        let has = |kind| kinds.contains(&kind);
        Self {
            wall_clock: has("wall-clock").then_some(Clock::Fixed(SystemTime::UNIX_EPOCH)),
            random: has("random").then_some(Random::Seeded(0)),
            ..Self::none()
        }
    }

    /// Grants the folder `path`, and all below it, under the name `name` in the plugin: an absolute
    /// path with `/`, or `.`.
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
        let refused = |reason: String| GrantError::Folder { path: path.to_owned(), reason };
        if name != "." && !name.starts_with('/') {
            return Err(refused(format!(
                "the plugin's name for it, `{name}`, is neither absolute nor `.`"
            )));
        }
        // The path is made absolute now, so that a change of the working folder changes nothing.
        let absolute = path.canonicalize().map_err(|error| refused(error.to_string()))?;
        if !absolute.is_dir() {
            return Err(refused("it is not a folder".to_owned()));
        }
        let folder = Folder { path: absolute, access };
        match self.folders.insert(name, folder) {
            None => Ok(self),
            Some(other) => Err(refused(format!(
                "the plugin's name for it is taken by `{}`",
                other.path.display()
            ))),
        }
    }

    /// Grants an environment variable. The host's own environment is never given.
    ///
    /// # Errors
    ///
    /// [`GrantError::Variable`] if the name is empty or has a `=` or a zero in it.
    pub fn variable(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, GrantError> {
        let (name, value) = (name.into(), value.into());
        let reason = if name.is_empty() {
            "its name is empty"
        } else if name.contains(['=', '\0']) || value.contains('\0') {
            "there is a `=` in its name, or a zero byte"
        } else {
            self.variables.insert(name, value);
            return Ok(self);
        };
        Err(GrantError::Variable { name, reason })
    }

    /// Grants an argument, after those that are granted already.
    pub fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Grants standard input.
    pub fn stdin(mut self, stdin: Stdin) -> Self {
        self.stdin = Some(stdin);
        self
    }

    /// Grants the time of day. The monotonic clock is then real, too.
    pub fn wall_clock(mut self, clock: Clock) -> Self {
        self.wall_clock = Some(clock);
        self
    }

    /// Grants random numbers.
    pub fn random(mut self, random: Random) -> Self {
        self.random = Some(random);
        self
    }
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

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ReadOnly => "read-only",
            Self::ReadWrite => "read-write",
        })
    }
}
