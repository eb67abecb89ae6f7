//! The text form of grants and limits, in options of the command and in files.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use crate::permission::folder::Access;
use crate::permission::grant_error::GrantError;
use crate::permission::grants::{Clock, Grants, Random, Stdin};
use crate::permission::limits::{Limit, Limits, UNLIMITED};
use crate::text::amount;
use crate::text::foreign_text::brief;
use crate::text::text_error::TextError;

/// One grant, parsed from text.
///
/// - `folder=PATH[:NAME]` and `folder-rw=PATH[:NAME]`: a folder, read-only or also for writing. The plugin sees it as
///   NAME, or as `.` without a NAME
/// - `variable=NAME[=VALUE]`: an environment variable. Without a VALUE, it has the host's value
/// - `argument=TEXT`: an argument
/// - `stdin`: the host's standard input
/// - `wall-clock[=SECONDS]`: the time of day of the machine, or a clock that stands at SECONDS since 1970
/// - `random[=SEED]`: random numbers of the machine, or from SEED
/// - `http=ORIGIN`: HTTP requests to this scheme, host and port
///
/// ```
/// use std::path::Path;
/// use plugwright::Grants;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let grants = Grants::none().with(&"wall-clock=0".parse()?, Path::new("."))?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant(pub(crate) Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Folder { path: String, name: String, access: Access },
    Variable { name: String, value: Option<String> },
    Argument(String),
    Stdin,
    WallClock(Clock),
    Random(Random),
    Http(String),
}

impl Grant {
    /// Returns the kind of the grant, such as `wall-clock`.
    pub fn kind(&self) -> &'static str {
        match &self.0 {
            Kind::Folder { access: Access::ReadOnly, .. } => "folder",
            Kind::Folder { access: Access::ReadWrite, .. } => "folder-rw",
            Kind::Variable { .. } => "variable",
            Kind::Argument(_) => "argument",
            Kind::Stdin => "stdin",
            Kind::WallClock(_) => "wall-clock",
            Kind::Random(_) => "random",
            Kind::Http(_) => "http",
        }
    }

    /// Returns the text of the [`RequestedGrant`](crate::RequestedGrant) that asks for this grant, without the values
    /// that only the host knows.
    pub fn asked(&self) -> String {
        let kind = self.kind();
        match &self.0 {
            Kind::Folder { name, .. } | Kind::Variable { name, .. } => format!("{kind}={name}"),
            Kind::Http(origin) => format!("{kind}={origin}"),
            _ => kind.to_owned(),
        }
    }

    /// Says whether this grants the host's standard input.
    pub fn is_stdin(&self) -> bool {
        self.0 == Kind::Stdin
    }
}

impl Grants {
    /// Adds `grant`. A relative path in it begins in `folder`.
    ///
    /// # Errors
    ///
    /// [`GrantError`] if the grant cannot be given.
    pub fn with(self, grant: &Grant, folder: &Path) -> Result<Self, GrantError> {
        Ok(match grant.0.clone() {
            Kind::Folder { path, name, access } => self.folder(folder.join(path), name, access)?,
            Kind::Variable { name, value: Some(value) } => self.variable(name, value)?,
            Kind::Variable { name, value: None } => match std::env::var(&name) {
                Ok(value) => self.variable(name, value)?,
                Err(std::env::VarError::NotPresent) => {
                    return Err(GrantError::Variable {
                        name: name.into(),
                        reason: "it is not set in the environment of the host",
                    });
                }
                Err(std::env::VarError::NotUnicode(_)) => {
                    return Err(GrantError::Variable {
                        name: name.into(),
                        reason: "its value in the environment of the host is not UTF-8",
                    });
                }
            },
            Kind::Argument(argument) => self.argument(argument),
            Kind::Stdin => self.stdin(Stdin::Inherited),
            Kind::WallClock(clock) => self.wall_clock(clock),
            Kind::Random(random) => self.random(random),
            Kind::Http(origin) => self.http(&origin)?,
        })
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Folder { path, name, access: Access::ReadOnly } => {
                write!(f, "folder={path}:{name}")
            }
            Kind::Folder { path, name, access: Access::ReadWrite } => {
                write!(f, "folder-rw={path}:{name}")
            }
            Kind::Variable { name, value: None } => write!(f, "variable={name}"),
            Kind::Variable { name, value: Some(value) } => write!(f, "variable={name}={value}"),
            Kind::Argument(argument) => write!(f, "argument={argument}"),
            Kind::Stdin => f.write_str("stdin"),
            Kind::WallClock(clock) => match clock.fixed() {
                None => f.write_str("wall-clock"),
                Some(time) => write!(f, "wall-clock={}", time.as_secs()),
            },
            Kind::Random(Random::Real) => f.write_str("random"),
            Kind::Random(Random::Seeded(seed)) => write!(f, "random={seed}"),
            Kind::Http(origin) => write!(f, "http={origin}"),
        }
    }
}

impl FromStr for Grant {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        let (kind, value) = match text.split_once('=') {
            Some((kind, value)) => (kind, Some(value)),
            None => (text, None),
        };
        let needed = |form: &str| {
            value.ok_or_else(|| TextError::new(format!("it is written {kind}={form}")))
        };
        let missing = |what: &str, form: &str| {
            TextError::new(format!("the {what} is missing: it is written {kind}={form}"))
        };
        let number = |what: &str, form: &str, value: &str| {
            if value.is_empty() {
                return Err(missing(what, form));
            }
            let no_number =
                |why| TextError::new(format!("`{}` is not a {what}: {why}", brief(value)));
            amount::read_number(value).map_err(no_number)
        };
        let folder = |access| {
            let form = "PATH[:NAME]";
            let value = needed(form)?;
            let (path, name) = value.rsplit_once(':').unwrap_or((value, "."));
            if path.is_empty() {
                return Err(missing("path", form));
            }
            Ok(Kind::Folder { path: path.to_owned(), name: name.to_owned(), access })
        };
        Ok(Self(match kind {
            "folder" => folder(Access::ReadOnly)?,
            "folder-rw" => folder(Access::ReadWrite)?,
            "variable" => {
                let form = "NAME[=VALUE]";
                let value = needed(form)?;
                let (name, value) = match value.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (value, None),
                };
                if name.is_empty() {
                    return Err(missing("name", form));
                }
                Kind::Variable { name: name.to_owned(), value }
            }
            "argument" => Kind::Argument(needed("TEXT")?.to_owned()),
            "stdin" if value.is_none() => Kind::Stdin,
            "stdin" => return Err(TextError::new("it takes no value")),
            "wall-clock" => Kind::WallClock(match value {
                None => Clock::Real,
                Some(value) => {
                    let since = Duration::from_secs(number("time in seconds", "SECONDS", value)?);
                    let time = SystemTime::UNIX_EPOCH.checked_add(since);
                    let beyond =
                        || TextError::new(format!("`{}` is too large for a time", brief(value)));
                    Clock::Fixed(time.ok_or_else(beyond)?)
                }
            }),
            "random" => Kind::Random(match value {
                None => Random::Real,
                Some(value) => Random::Seeded(number("seed", "SEED", value)?),
            }),
            "http" => match needed("ORIGIN")? {
                "" => return Err(missing("origin", "ORIGIN")),
                origin => Kind::Http(origin.to_owned()),
            },
            _ => return Err(TextError::no_such_grant(kind)),
        }))
    }
}

impl Limits {
    /// Sets a limit from the text `NAME=VALUE`. A deadline is in milliseconds, or has a unit, as in `500ms` or `2s`.
    /// Bytes may have one of the units KiB, MiB and GiB. A space before a unit is allowed. The value `none` lifts the
    /// limit, except that the stack then has its [maximum](Limits::MOST_STACK).
    ///
    /// ```
    /// # fn main() -> Result<(), plugwright::TextError> {
    /// let limits = plugwright::Limits::default().with_text("deadline=2s")?.with_text("memory=64MiB")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`TextError`] if the text does not have this form, or sets a stack outside the range in [`Limits::stack`].
    pub fn with_text(self, text: &str) -> Result<Self, TextError> {
        let (limit, value) =
            amount::read_limit(text, Limit::ALL, Limit::name, Limit::unit, "there is no limit")?;
        let limits = self.with(limit, value.unwrap_or(UNLIMITED));
        let stack = limits.stack_of_host();
        match value {
            Some(value) if limit == Limit::Stack && value != stack => {
                let bound = if value < stack { "least" } else { "most" };
                let stack = amount::told(stack, limit.unit());
                Err(TextError::new(format!("the stack must be at {bound} {stack}")))
            }
            _ => Ok(limits),
        }
    }
}
