//! Where a new repository gets Plugwright from: the source that its Cargo.toml and its flake name.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, Result, anyhow, bail};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use plugwright::{FileKind, ForeignText};
use semver::Version;

/// The forms of a source, for messages.
const FORMS: &str =
    "`version:VERSION`, `path:FOLDER`, a checkout of Plugwright, or `git:URL#TAG-OR-COMMIT`";

/// Whether this command belongs to a release: it was built from a package, or by the release workflow.
fn is_released() -> bool {
    let is_package = !Path::new(env!("CARGO_MANIFEST_DIR")).ends_with("crates/plugwright-cli");
    is_package || option_env!("PLUGWRIGHT_RELEASED").is_some()
}

/// The crates by which a checkout is recognized, in its folder `crates/`.
const CRATES: [&str; 2] = ["plugwright", "plugwright-cli"];

/// Percent-encodes all characters except those that are allowed in the path of a URL.
const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A Cargo.lock file of at most 16 MiB.
const LOCK: FileKind = FileKind::new("Cargo.lock", 16 << 20);

/// The value of `--source`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Named {
    /// A release.
    Version(Version),
    /// A checkout.
    Path(PathBuf),
    /// A git repository.
    Git(Git),
}

/// A git repository, with a tag or commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Git {
    url: String,
    /// A tag, or a commit as all 40 digits.
    at: String,
}

/// A source of Plugwright.
#[derive(Debug)]
pub(crate) enum Source {
    /// A release, from a registry of crates.
    Version(Version),
    /// The absolute path of a checkout.
    Path(String),
    /// A git repository.
    Git(Git),
}

impl FromStr for Named {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.split_once(':') {
            Some(("version", version)) => version.parse().map(Self::Version).map_err(|error| {
                anyhow!(
                    "`{}` is not a version such as `1.0.0`: {error}",
                    ForeignText::from(version)
                )
            }),
            Some(("path", folder)) if !folder.is_empty() => Ok(Self::Path(folder.into())),
            Some(("git", repository)) => Git::read(repository).map(Self::Git),
            _ => bail!("it has to be {FORMS}"),
        }
    }
}

impl Git {
    fn read(text: &str) -> Result<Self> {
        let Some((url, at)) = text.rsplit_once('#').filter(|(_, at)| !at.is_empty()) else {
            bail!(
                "the tag or commit is missing: append it, as in `git:https://example.org/plugwright#v1.0.0`"
            );
        };
        // The URL is written into files with different quoting rules.
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/@%+".contains(c);
        if !url.contains("://") || !url.chars().all(is_plain) {
            bail!(
                "`{}` is not a URL such as `https://example.org/plugwright`, `ssh://…` or `file://…`",
                ForeignText::from(url)
            );
        }
        if !is_tag(at) {
            bail!("`{}` is not a tag or a commit", ForeignText::from(at));
        }
        // Only digits can be a date.
        let is_short = (7..40).contains(&at.len()) && is_hexadecimal(at) && !is_decimal(at);
        if is_short {
            bail!("`{at}` looks like the beginning of a commit: give all 40 digits");
        }
        Ok(Self { url: url.to_owned(), at: at.to_owned() })
    }

    /// Refuses a URL with a password. The error does not repeat the URL, as an error of the argument's parser would.
    fn without_password(&self) -> Result<&Self> {
        let authority = self.url.split_once("://").and_then(|(_, rest)| rest.split('/').next());
        let user = authority.and_then(|authority| authority.rsplit_once('@'));
        if user.is_some_and(|(user, _)| user.contains(':')) {
            bail!(
                "the URL of `--source` contains a password, which would be written into the repository: leave it out, \
                 and let git ask for it"
            );
        }
        Ok(self)
    }

    fn is_commit(&self) -> bool {
        self.at.len() == 40 && is_hexadecimal(&self.at)
    }
}

/// Returns whether the text is the name of a tag or a commit, by the rules of git for names, without characters that
/// need quotes.
///
/// The rules: <https://git-scm.com/docs/git-check-ref-format>.
fn is_tag(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._/+".contains(c);
    let is_part =
        |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    let is_allowed = text.chars().all(is_plain) && text.split('/').all(is_part);
    is_allowed && !text.starts_with('-') && !text.ends_with('.') && !text.contains("..")
}

fn is_hexadecimal(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_hexdigit())
}

fn is_decimal(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit())
}

impl Source {
    /// Returns the named source, or else the release or the checkout that this command was built from.
    pub(crate) fn find(named: Option<&Named>) -> Result<Self> {
        match named {
            Some(Named::Version(version)) => Ok(Self::Version(version.clone())),
            Some(Named::Git(git)) => Ok(Self::Git(git.without_password()?.clone())),
            Some(Named::Path(folder)) => Self::checkout(folder),
            None if is_released() => Ok(Self::Version(env!("CARGO_PKG_VERSION").parse()?)),
            None => {
                let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
                // Cargo's own checkouts of repositories are temporary: cargo removes them when it cleans its cache.
                let is_cargos = built_from.join(".cargo-ok").exists();
                Self::checkout(&built_from).ok().filter(|_| !is_cargos).ok_or_else(|| {
                    anyhow!(
                        "this command has no lasting checkout of Plugwright to refer to: name a source of Plugwright with \
                         `--source`: {FORMS}"
                    )
                })
            }
        }
    }

    fn checkout(folder: &Path) -> Result<Self> {
        let shown = ForeignText::of_path(folder);
        let folder = fs::canonicalize(folder)
            .with_context(|| format!("cannot read the folder `{shown}`"))?;
        let is_there = |name: &str| folder.join("crates").join(name).join("Cargo.toml").is_file();
        if let Some(name) = CRATES.into_iter().find(|name| !is_there(name)) {
            bail!("`{shown}` is not a checkout of Plugwright: it has no `crates/{name}`");
        }
        let text = folder.to_str().ok_or_else(|| {
            anyhow!("the path `{shown}` is not UTF-8, as Cargo.toml requires: move the checkout")
        })?;
        Ok(Self::Path(text.to_owned()))
    }

    /// Returns the source of the crate `name`, as a dependency in Cargo.toml.
    pub(crate) fn dependency(&self, name: &str) -> String {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        match self {
            Self::Version(version) => quoted(&version.to_string()),
            Self::Path(folder) => {
                format!("{{ path = {} }}", quoted(&format!("{folder}/crates/{name}")))
            }
            Self::Git(git) => {
                let (url, at) = (quoted(&git.url), quoted(&git.at));
                let key = if git.is_commit() { "rev" } else { "tag" };
                format!("{{ git = {url}, {key} = {at} }}")
            }
        }
    }

    /// Returns the URL of the flake. It needs no escaping in a Nix string.
    pub(crate) fn flake(&self) -> String {
        match self {
            Self::Version(version) => {
                format!("git+{}?ref=refs/tags/v{version}", env!("CARGO_PKG_REPOSITORY"))
            }
            Self::Path(folder) => {
                let path = utf8_percent_encode(folder, PATH);
                // Nix copies only tracked files of a git repository, and no build output.
                match Path::new(folder).join(".git").exists() {
                    true => format!("git+file://{path}"),
                    false => format!("path:{path}"),
                }
            }
            Self::Git(git) if git.is_commit() => format!("git+{}?rev={}", git.url, git.at),
            Self::Git(git) => format!("git+{}?ref=refs/tags/{}", git.url, git.at),
        }
    }

    /// Returns the checkout's Cargo.lock, so that the repository starts with tested versions. Cargo removes the entries
    /// that the repository does not need.
    pub(crate) fn lock(&self) -> Result<Option<String>> {
        match self {
            Self::Path(folder) => {
                let file = Path::new(folder).join("Cargo.lock");
                if file.is_file() { Ok(Some(LOCK.read_text(file)?)) } else { Ok(None) }
            }
            Self::Version(_) | Self::Git(_) => Ok(None),
        }
    }

    /// Returns a note about the source for the README.
    pub(crate) fn note(&self) -> &'static str {
        match self {
            Self::Path(_) => {
                "\n`Cargo.toml` and `flake.nix` take Plugwright from a checkout on this machine. Before CI or anyone else can\n\
                 build this repository, name a git repository and a tag in both files instead: `git = \"…\", tag = \"…\"`\n\
                 in `Cargo.toml`, and `git+https://…?ref=refs/tags/…` in `flake.nix`.\n"
            }
            Self::Version(_) | Self::Git(_) => "",
        }
    }
}
