//! The grants that a plugin asks for, before the operator decides what it gets.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::permission::folder::Access;
use crate::permission::grant_syntax::{Grant, Kind as Granted};
use crate::permission::grants::{Grants, folder_name, root};
use crate::permission::origin::Origin;
use crate::text::foreign_text::{ForeignText, brief};
use crate::text::text_error::TextError;

/// One grant that a plugin asks for.
///
/// It is written like a [`Grant`], with only the parts that the plugin knows: `folder=NAME` and `folder-rw=NAME` ask
/// for a folder under the plugin's name for it, `variable=NAME` for an environment variable, and `argument` for
/// arguments. `stdin`, `wall-clock`, `random` and `http=ORIGIN` mean the same as in a [`Grant`]. The operator decides
/// which folder and which value the plugin gets. The text has only visible characters, no spaces, commas or backticks,
/// and at most [`ForeignText::SHOWN`] characters.
///
/// ```
/// # fn main() -> Result<(), plugwright::TextError> {
/// let request: plugwright::RequestedGrant = "folder=/templates".parse()?;
/// assert!(request.is_for(&"folder=/srv/templates:/templates".parse()?));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestedGrant(Kind);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Folder { name: String, access: Access },
    Variable(String),
    Argument,
    Stdin,
    WallClock,
    Random,
    Http(Origin),
}

impl RequestedGrant {
    /// Returns the kind of the grant, such as `wall-clock`.
    pub fn kind(&self) -> &'static str {
        match &self.0 {
            Kind::Folder { access: Access::ReadOnly, .. } => "folder",
            Kind::Folder { access: Access::ReadWrite, .. } => "folder-rw",
            Kind::Variable(_) => "variable",
            Kind::Argument => "argument",
            Kind::Stdin => "stdin",
            Kind::WallClock => "wall-clock",
            Kind::Random => "random",
            Kind::Http(_) => "http",
        }
    }

    /// Returns the text of a matching [`Grant`], with a word in capitals for each value that the operator must fill in.
    pub(crate) fn form(&self) -> String {
        match &self.0 {
            Kind::Folder { name, .. } => format!("{}=PATH:{name}", self.kind()),
            Kind::Argument => "argument=TEXT".to_owned(),
            _ => self.to_string(),
        }
    }

    /// Says whether `grant` gives what is asked for, or only read access to it, but not more.
    pub fn is_for(&self, grant: &Grant) -> bool {
        match (&self.0, &grant.0) {
            (
                Kind::Folder { name, access },
                Granted::Folder { name: granted, access: given, .. },
            ) => given <= access && is_folder(name, granted),
            _ => self.is_met_by(grant),
        }
    }

    /// Says whether `grant` gives everything that is asked for, or more.
    pub fn is_met_by(&self, grant: &Grant) -> bool {
        match (&self.0, &grant.0) {
            (
                Kind::Folder { name, access },
                Granted::Folder { name: granted, access: given, .. },
            ) => given >= access && is_folder(name, granted),
            (Kind::Variable(name), Granted::Variable { name: granted, .. }) => name == granted,
            (Kind::Http(origin), Granted::Http(granted)) => granted.parse().as_ref() == Ok(origin),
            (Kind::Argument, Granted::Argument(_))
            | (Kind::Stdin, Granted::Stdin)
            | (Kind::WallClock, Granted::WallClock(_))
            | (Kind::Random, Granted::Random(_)) => true,
            _ => false,
        }
    }

    /// Says whether one of `requests` asks for the same thing, possibly with more or less access.
    pub(crate) fn is_asked_in(&self, requests: &BTreeSet<Self>) -> bool {
        match &self.0 {
            Kind::Folder { name, .. } => {
                [Access::ReadOnly, Access::ReadWrite].into_iter().any(|access| {
                    requests.contains(&Self(Kind::Folder { name: name.clone(), access }))
                })
            }
            _ => requests.contains(self),
        }
    }
}

impl Grants {
    /// Returns the grants that are requested, each reduced to what is requested.
    pub(crate) fn only(&self, requests: &BTreeSet<RequestedGrant>) -> Self {
        let mut only = Self::none();
        for RequestedGrant(kind) in requests {
            match kind {
                Kind::Folder { name, access } => {
                    let granted = self.folders.iter().find(|(granted, _)| is_folder(name, granted));
                    if let Some((name, folder)) = granted {
                        only.folders.insert(name.clone(), folder.at_most(*access));
                    }
                }
                Kind::Variable(name) => {
                    let granted = self.variables.get_key_value(name);
                    only.variables
                        .extend(granted.map(|(name, value)| (name.clone(), value.clone())));
                }
                Kind::Argument => only.arguments.clone_from(&self.arguments),
                Kind::Stdin => only.stdin.clone_from(&self.stdin),
                Kind::WallClock => only.wall_clock = self.wall_clock,
                Kind::Random => only.random = self.random,
                Kind::Http(origin) => {
                    if let Some(granted) = &self.origins {
                        let origins = only.origins.get_or_insert_default();
                        origins.extend(granted.get(origin).cloned());
                    }
                }
            }
        }
        only
    }
}

impl fmt::Display for RequestedGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())?;
        match &self.0 {
            Kind::Folder { name: value, .. } | Kind::Variable(value) => write!(f, "={value}"),
            Kind::Http(origin) => write!(f, "={origin}"),
            Kind::Argument | Kind::Stdin | Kind::WallClock | Kind::Random => Ok(()),
        }
    }
}

impl FromStr for RequestedGrant {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        let (kind, value) = match text.split_once('=') {
            Some((kind, value)) => (kind, Some(value)),
            None => (text, None),
        };
        let named = |what: &str| {
            let needed = || TextError::new(format!("it is written {kind}={what}"));
            value.filter(|value| !value.is_empty()).ok_or_else(needed)
        };
        let plain = |kind| match value {
            None => Ok(kind),
            Some(_) => Err(TextError::new(
                "it takes no value here: the operator sets the value".to_owned(),
            )),
        };
        if text.chars().count() > ForeignText::SHOWN {
            return Err(TextError::new(format!(
                "it is longer than {} characters",
                ForeignText::SHOWN
            )));
        }
        if ForeignText::from(text).whole().to_string() != text {
            return Err(TextError::new("it contains an invisible character"));
        }
        // Messages show requested grants in lists, with backticks around each.
        if text.contains(|c: char| c.is_whitespace() || matches!(c, ',' | '`')) {
            return Err(TextError::new("it contains a space, a comma or a backtick"));
        }
        let folder = |access| {
            let value = named("NAME")?;
            let name = folder_name(value).ok_or_else(|| {
                TextError::new(format!(
                    "the plugin's name for the folder, `{}`, is neither `.` nor an absolute path \
                     without `.` and `..`",
                    brief(value)
                ))
            })?;
            Ok(Kind::Folder { name: root(&name).to_owned(), access })
        };
        Ok(Self(match kind {
            "folder" => folder(Access::ReadOnly)?,
            "folder-rw" => folder(Access::ReadWrite)?,
            "variable" => match named("NAME")? {
                name if name.contains(['=', '\0']) => {
                    return Err(TextError::new(
                        "it takes only the name: the operator sets the value".to_owned(),
                    ));
                }
                name => Kind::Variable(name.to_owned()),
            },
            "argument" => plain(Kind::Argument)?,
            "stdin" => plain(Kind::Stdin)?,
            "wall-clock" => plain(Kind::WallClock)?,
            "random" => plain(Kind::Random)?,
            "http" => {
                let origin = named("ORIGIN")?.parse();
                Kind::Http(origin.map_err(|reason: &str| TextError::new(reason.to_owned()))?)
            }
            _ => return Err(TextError::no_such_grant(kind)),
        }))
    }
}

fn is_folder(name: &str, granted: &str) -> bool {
    folder_name(granted).is_some_and(|granted| root(&granted) == root(name))
}
