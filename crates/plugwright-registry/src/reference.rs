//! References to plugins in registries.

use std::fmt;
use std::str::FromStr;

/// The name of a plugin in a registry: `oci://HOST/NAME:TAG`, `oci://HOST/NAME@sha256:DIGEST`, or with both a tag and a
/// digest.
///
/// A reference must name the host, because there is no default registry.
///
/// ```
/// # use plugwright_registry::Reference;
/// let reference: Reference = "oci://registry.example.org/plugins/geo:1.4.0".parse()?;
/// assert_eq!(reference.host(), "registry.example.org");
/// # Ok::<(), plugwright_registry::ReferenceError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference(oci_client::Reference);

/// The error for a text that is not a reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a reference: {why}")]
pub struct ReferenceError {
    text: String,
    why: String,
}

/// The beginning of every reference.
const SCHEME: &str = "oci://";

/// The form of the parts of a reference, for errors.
const FORM: &str = "a name has lowercase letters, digits and single `.`, `_`, `-` and `/` between them, a tag has letters, digits, \
    `.`, `_` and `-`, and a digest is `sha256:` and 64 hexadecimal digits";

impl Reference {
    /// Returns the registry: a name or an address, with a port if it has one.
    pub fn host(&self) -> &str {
        self.0.registry()
    }

    /// Returns the host that serves the registry. For Docker's own registry it has another name.
    pub(crate) fn address(&self) -> &str {
        self.0.resolve_registry()
    }

    /// Returns the name within the registry.
    pub fn name(&self) -> &str {
        self.0.repository()
    }

    /// Returns the tag, if there is one. A tag can be moved to another plugin.
    pub fn tag(&self) -> Option<&str> {
        self.0.tag()
    }

    /// Returns the digest of the manifest, `sha256:…`, if there is one. A digest always means the same plugin.
    pub fn digest(&self) -> Option<&str> {
        self.0.digest()
    }

    /// Returns the same name with this digest.
    #[must_use]
    pub fn at(&self, digest: &str) -> Self {
        Self(self.0.clone_with_digest(digest.to_owned()))
    }

    /// Returns the same name with this tag.
    #[must_use]
    pub(crate) fn tagged(&self, tag: &str) -> Self {
        let (host, name) = (self.host().to_owned(), self.name().to_owned());
        Self(oci_client::Reference::with_tag(host, name, tag.to_owned()))
    }

    /// Returns the part of the manifest's address after `manifests/`.
    pub(crate) fn version(&self) -> &str {
        self.digest().or(self.tag()).unwrap_or_default()
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let wrong = |why: &str| ReferenceError { text: text.to_owned(), why: why.to_owned() };
        let rest = text.strip_prefix(SCHEME).ok_or_else(|| wrong("it must begin with `oci://`"))?;
        let (host, name) = rest
            .split_once('/')
            .ok_or_else(|| wrong("after the host it needs a `/` and a name"))?;
        if host != "localhost" && !host.contains(['.', ':']) {
            return Err(wrong("its host must have a dot or a port, or be `localhost`"));
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

/// Returns whether the text is a SHA-256 digest, as OCI writes it.
pub(crate) fn is_sha256(digest: &str) -> bool {
    digest.strip_prefix("sha256:").is_some_and(|digits| {
        digits.len() == 64
            && digits.bytes().all(|it| it.is_ascii_digit() || (b'a'..=b'f').contains(&it))
    })
}
