//! Where a repository has Plugwright from: the crates that its Cargo.toml names, and the flake.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, Result, anyhow, bail};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use plugwright::{FileKind, ForeignText};

/// How a source is written.
const FORMS: &str = "`path:FOLDER`, a checkout of Plugwright, or `git:URL#TAG-OR-COMMIT`";

/// The crates whose folders a checkout has in `crates/`.
const CRATES: [&str; 2] = ["plugwright", "plugwright-cli"];

/// What stays as it is in the path of a URL.
const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A Cargo.lock: 16 MiB at most.
const LOCK: FileKind = FileKind::new("Cargo.lock", 16 << 20);

/// What somebody named with `--source`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Named {
    /// A checkout.
    Path(PathBuf),
    /// A repository of git.
    Git(Git),
}

/// A repository of git, and what of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Git {
    url: String,
    /// A tag, or a commit by all its 40 digits.
    at: String,
}

/// Where Plugwright is from.
#[derive(Debug)]
pub(crate) enum Source {
    /// A checkout: its folder, absolute.
    Path(String),
    /// A repository of git.
    Git(Git),
}

impl FromStr for Named {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.split_once(':') {
            Some(("path", folder)) if !folder.is_empty() => Ok(Self::Path(folder.into())),
            Some(("git", repository)) => Git::read(repository).map(Self::Git),
            _ => bail!("it is none of {FORMS}"),
        }
    }
}

impl Git {
    fn read(text: &str) -> Result<Self> {
        let Some((url, at)) = text.rsplit_once('#').filter(|(_, at)| !at.is_empty()) else {
            bail!(
                "it does not say which tag or commit: append it, as in `git:https://example.org/plugwright#v1.0.0`"
            );
        };
        // It is written into files that have other quotes.
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/@%+".contains(c);
        if !url.contains("://") || !url.chars().all(is_plain) {
            bail!(
                "`{}` is no URL such as `https://example.org/plugwright`, `ssh://` or `file://`",
                ForeignText::from(url)
            );
        }
        if !at.chars().all(|c| c.is_ascii_alphanumeric() || "-._/+".contains(c)) {
            bail!("`{}` is no tag and no commit", ForeignText::from(at));
        }
        Ok(Self { url: url.to_owned(), at: at.to_owned() })
    }

    fn is_commit(&self) -> bool {
        self.at.len() == 40 && self.at.chars().all(|c| c.is_ascii_hexdigit())
    }
}

impl Source {
    /// What was named, or else the checkout that this command was built from.
    pub(crate) fn find(named: Option<&Named>) -> Result<Self> {
        match named {
            Some(Named::Git(git)) => Ok(Self::Git(git.clone())),
            Some(Named::Path(folder)) => Self::checkout(folder),
            None => {
                let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
                // Cargo's own checkouts of repositories go when it tidies up.
                let is_cargos = built_from.join(".cargo-ok").exists();
                Self::checkout(&built_from).ok().filter(|_| !is_cargos).ok_or_else(|| {
                    anyhow!(
                        "the checkout that this command was built from is not there any more, so name with `--source` \
                         where to have Plugwright from: {FORMS}"
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
            bail!("`{shown}` is no checkout of Plugwright: there is no `crates/{name}` in it");
        }
        let text = folder.to_str().ok_or_else(|| {
            anyhow!("`{shown}` is not UTF-8, which Cargo.toml has to be: move the checkout")
        })?;
        Ok(Self::Path(text.to_owned()))
    }

    /// What Cargo.toml says of where the crate is from.
    pub(crate) fn dependency(&self, name: &str) -> String {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        match self {
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

    /// The URL of the flake, in which nothing needs escaping.
    pub(crate) fn flake(&self) -> String {
        match self {
            Self::Path(folder) => {
                let path = utf8_percent_encode(folder, PATH);
                // Of a repository of git, what is tracked, and not what was built in it.
                match Path::new(folder).join(".git").exists() {
                    true => format!("git+file://{path}"),
                    false => format!("path:{path}"),
                }
            }
            Self::Git(git) if git.is_commit() => format!("git+{}?rev={}", git.url, git.at),
            Self::Git(git) => format!("git+{}?ref=refs/tags/{}", git.url, git.at),
        }
    }

    /// The versions that a checkout was tested with; cargo takes out of them what the repository does not have.
    pub(crate) fn lock(&self) -> Result<Option<String>> {
        match self {
            Self::Path(folder) => {
                let file = Path::new(folder).join("Cargo.lock");
                if file.is_file() { Ok(Some(LOCK.read_text(file)?)) } else { Ok(None) }
            }
            Self::Git(_) => Ok(None),
        }
    }

    /// What has to be known of it, for the README.
    pub(crate) fn note(&self) -> &'static str {
        match self {
            Self::Path(_) => {
                "\nPlugwright is a checkout on this machine, which `Cargo.toml` and `flake.nix` name. Before anybody else, CI\n\
                 included, can build this, put a repository and a tag in its place, in both: `git = \"…\", tag = \"…\"` and\n\
                 `git+https://…?ref=refs/tags/…`.\n"
            }
            Self::Git(_) => "",
        }
    }
}
