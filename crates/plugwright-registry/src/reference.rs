//! Where a plugin is in a registry.

use std::fmt;
use std::str::FromStr;

/// Where a plugin is in a registry: `oci://HOST/NAME:TAG`, `oci://HOST/NAME@sha256:DIGEST`, or both.
///
/// The host is always named: there is no registry that is meant if none is.
///
/// ```
/// # use plugwright_registry::Reference;
/// let reference: Reference = "oci://registry.example.org/plugins/geo:1.4.0".parse()?;
/// assert_eq!(reference.host(), "registry.example.org");
/// # Ok::<(), plugwright_registry::ReferenceError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference(oci_client::Reference);

/// What is no reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no reference: {why}")]
pub struct ReferenceError {
    text: String,
    why: String,
}

/// How references begin.
const SCHEME: &str = "oci://";

/// What is in one.
const FORM: &str = "a name has lowercase letters, digits and single `.`, `_`, `-` and `/` between them, a tag letters, digits, \
    `.`, `_` and `-`, and a digest is `sha256:` and 64 hexadecimal digits";

impl Reference {
    /// The registry: a name or an address, and a port.
    pub fn host(&self) -> &str {
        self.0.registry()
    }

    /// Where the registry answers, which for Docker's own is another name.
    pub(crate) fn address(&self) -> &str {
        self.0.resolve_registry()
    }

    /// The name within the registry.
    pub fn name(&self) -> &str {
        self.0.repository()
    }

    /// The tag, which can be moved to another plugin.
    pub fn tag(&self) -> Option<&str> {
        self.0.tag()
    }

    /// The digest of the manifest, `sha256:…`, which is of this plugin alone.
    pub fn digest(&self) -> Option<&str> {
        self.0.digest()
    }

    /// The same name, by a digest.
    #[must_use]
    pub fn at(&self, digest: &str) -> Self {
        Self(self.0.clone_with_digest(digest.to_owned()))
    }

    /// The same name, by another tag.
    #[must_use]
    pub(crate) fn tagged(&self, tag: &str) -> Self {
        let (host, name) = (self.host().to_owned(), self.name().to_owned());
        Self(oci_client::Reference::with_tag(host, name, tag.to_owned()))
    }

    /// What of the manifest's address is after `manifests/`.
    pub(crate) fn version(&self) -> &str {
        self.digest().or(self.tag()).unwrap_or_default()
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let wrong = |why: &str| ReferenceError { text: text.to_owned(), why: why.to_owned() };
        let rest = text.strip_prefix(SCHEME).ok_or_else(|| wrong("it begins with `oci://`"))?;
        let (host, name) =
            rest.split_once('/').ok_or_else(|| wrong("after the host is a `/` and a name"))?;
        if host != "localhost" && !host.contains(['.', ':']) {
            return Err(wrong("its host has a dot or a port, or is `localhost`"));
        }
        let last = name.rsplit('/').next().unwrap_or_default();
        if !last.contains([':', '@']) {
            return Err(wrong("it needs a tag or a digest, such as `:1.0.0` or `@sha256:…`"));
        }
        let reference = rest.parse::<oci_client::Reference>();
        let reference = Self(reference.map_err(|_| wrong(FORM))?);
        if reference.digest().is_some_and(|digest| !is_sha256(digest)) {
            return Err(wrong("its digest is not `sha256:` and 64 hexadecimal digits"));
        }
        Ok(reference)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}", self.0)
    }
}

/// Says whether it is the SHA-256 digest of something, as OCI writes it.
pub(crate) fn is_sha256(digest: &str) -> bool {
    digest.strip_prefix("sha256:").is_some_and(|digits| {
        digits.len() == 64
            && digits.bytes().all(|it| it.is_ascii_digit() || (b'a'..=b'f').contains(&it))
    })
}
