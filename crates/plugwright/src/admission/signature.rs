//! Signatures, and the keys that a host trusts.

#![warn(clippy::arithmetic_side_effects)]

use std::ffi::OsString;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use minisign_verify::{Error, Signature};

use crate::admission::load_error::LoadError;
use crate::permission::given_file::{FileError, FileKind};
use crate::text::foreign_text::ForeignText;

/// A minisign public key, which verifies the signatures of plugins.
///
/// ```
/// # fn main() -> Result<(), plugwright::KeyError> {
/// let key: plugwright::PublicKey =
///     "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3".parse()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    id: KeyId,
    key: minisign_verify::PublicKey,
}

/// The reason why a public key cannot be read.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error(transparent)]
    Read(#[from] FileError),
    /// The file does not hold a public key.
    #[error("`{}` is not a public key", ForeignText::of_path(path))]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<KeyError>,
    },
    /// The text is not a public key.
    #[error(
        "a public key is the text of the `.pub` file that `plugwright key new` writes \
         beside the secret key"
    )]
    Text,
}

/// Which plugins are trusted: all plugins, or only plugins signed with one of some keys.
#[derive(Debug, Clone, Default)]
pub struct Trust(Option<Arc<[PublicKey]>>);

impl Trust {
    /// Trusts all plugins, signed or not.
    pub fn anybody() -> Self {
        Self::default()
    }

    /// Trusts only plugins that are signed with one of these keys.
    pub fn keys(keys: impl IntoIterator<Item = PublicKey>) -> Self {
        Self(Some(keys.into_iter().collect()))
    }

    /// Says whether plugins must be signed.
    pub(crate) fn needs_signature(&self) -> bool {
        self.0.is_some()
    }

    /// Says whether a plugin signed with `signer` is trusted.
    pub(crate) fn has(&self, signer: Option<&PublicKey>) -> bool {
        self.0.as_ref().is_none_or(|keys| signer.is_some_and(|signer| keys.contains(signer)))
    }

    /// Returns the trusted key that `bytes` are signed with, or `None` if signatures are not required. Refuses bytes
    /// that are not signed with a trusted key.
    pub(crate) fn signer(
        &self,
        plugin: &str,
        bytes: &[u8],
        signature: Option<&str>,
    ) -> Result<Option<&PublicKey>, LoadError> {
        self.0.as_ref().map(|keys| verify(keys.iter(), plugin, bytes, signature)).transpose()
    }
}

/// Hashes only the key's ID, which different keys can share.
impl Hash for PublicKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

/// The ID of a key, which its signatures contain.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct KeyId([u8; 8]);

impl PublicKey {
    /// Reads the public key in the file `path`, as `plugwright key new` and `minisign -G` write it.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if the file cannot be read, or is not a public key.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeyError> {
        let path = path.as_ref().to_owned();
        let text = FileKind::PUBLIC_KEY.read_text(&path)?;
        text.parse().map_err(|source| KeyError::File { path, source: Box::new(source) })
    }

    /// Returns the key's ID in hexadecimal digits, as minisign shows it.
    pub fn id(&self) -> String {
        self.id.to_string()
    }
}

/// Parses the text of a key file, or only the line with the key.
impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let key = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default().trim();
        let decoded = minisign_verify::PublicKey::from_base64(key).ok();
        let id = KeyId::in_line(key);
        decoded.zip(id).map(|(key, id)| Self { id, key }).ok_or(KeyError::Text)
    }
}

impl KeyId {
    /// Reads the ID from the line of a key or signature, where it follows two letters for the algorithm.
    fn in_line(line: &str) -> Option<Self> {
        let bytes = BASE64_STANDARD.decode(line.trim()).ok()?;
        bytes.get(2..)?.first_chunk().copied().map(Self)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016X}", u64::from_le_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The number of lines of a signature.
const LINES: usize = 4;

/// The most signatures that are checked for a plugin.
const MOST: usize = 32;

/// Returns the path of the signature of the file `plugin`: `quote.wasm.minisig` for `quote.wasm`.
pub fn signature_beside(plugin: &Path) -> PathBuf {
    let mut path = OsString::from(plugin);
    path.push(".minisig");
    path.into()
}

/// Reads the signature beside the file `plugin`, if there is one.
///
/// # Errors
///
/// [`LoadError::Read`] if the signature exists but cannot be read.
pub fn read_signature(plugin: &Path) -> Result<Option<String>, LoadError> {
    match FileKind::SIGNATURE.read(signature_beside(plugin)) {
        Ok(signature) => Ok(Some(String::from_utf8_lossy(&signature).into_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Returns the key among `keys` that `bytes` are signed with, or refuses them. The text `signature` can hold several
/// signatures, one after the other, and one valid signature is enough.
pub(crate) fn verify<'a>(
    keys: impl IntoIterator<Item = &'a PublicKey>,
    plugin: &str,
    bytes: &[u8],
    signature: Option<&str>,
) -> Result<&'a PublicKey, LoadError> {
    let name = || ForeignText::from(plugin);
    let Some(text) = signature else { return Err(LoadError::Unsigned { plugin: name() }) };
    let keys: Vec<_> = keys.into_iter().collect();
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let mut signatures = lines.chunks(LINES).take(MOST).map(|lines| lines.join("\n"));
    let first = signatures.next().unwrap_or_default();
    let mut refused = match verify_one(&keys, plugin, bytes, &first) {
        Err(refused) => refused,
        good => return good,
    };
    for signature in signatures {
        match verify_one(&keys, plugin, bytes, &signature) {
            // An invalid signature of a trusted key tells more than an untrusted key does.
            Err(other @ LoadError::BadSignature { .. }) => refused = other,
            Err(_) => {}
            good => return good,
        }
    }
    Err(refused)
}

fn verify_one<'a>(
    keys: &[&'a PublicKey],
    plugin: &str,
    bytes: &[u8],
    text: &str,
) -> Result<&'a PublicKey, LoadError> {
    let name = || ForeignText::from(plugin);
    let bad = |reason: String| LoadError::BadSignature { plugin: name(), reason: reason.into() };
    let id = text.lines().nth(1).and_then(KeyId::in_line);
    let (signature, id) = Signature::decode(text)
        .ok()
        .zip(id)
        .ok_or_else(|| bad("it is not a minisign signature".to_owned()))?;
    // A key can be made with the ID of another key.
    let mut same: Vec<&PublicKey> = Vec::new();
    for key in keys.iter().copied().filter(|key| key.id == id) {
        // Verification reads all bytes for each key, so equal keys count once.
        if !same.contains(&key) {
            same.push(key);
        }
    }
    if same.is_empty() {
        return Err(LoadError::UnknownKey { plugin: name(), key: id.to_string() });
    }
    let mut error = None;
    for public in same {
        match public.key.verify(bytes, &signature, false) {
            Ok(()) => return Ok(public),
            Err(why) => error = Some(why),
        }
    }
    Err(bad(match error {
        Some(Error::UnexpectedAlgorithm) => {
            "it has minisign's older format, which does not sign a digest".to_owned()
        }
        _ => format!("the plugin or the signature changed after the key {id} signed it"),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key and a signature of `test` that the reference implementation made.
    const KEY: &str = "untrusted comment: minisign public key E7620F1842B4E81F\n\
                       RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\n";
    const SIGNATURE: &str = "untrusted comment: signature from minisign secret key\n\
        RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=\n\
        trusted comment: timestamp:1556193335\tfile:test\n\
        y/rUw2y8/hOUYjZU71eHp/Wo1KZ40fGy2VJEDl34XMJM+TX48Ss/17u3IvIfbVR1FkZZSNCisQbuQY+bHwhEBg==\n";
    const OLDER: &str = "untrusted comment: signature from minisign secret key\n\
        RWQf6LRCGA9i59SLOFxz6NxvASXDJeRtuZykwQepbDEGt87ig1BNpWaVWuNrm73YiIiJbq71Wi+dP9eKL8OC351vwIasSSbXxwA=\n\
        trusted comment: timestamp:1555779966\tfile:test\n\
        QtKMXWyYcwdpZAlPF7tE2ENJkRd1ujvKjlj1m9RtHTBnZPa5WKU5uWRs5GoP5M/VqE81QFuMKI5k/SfNQUaOAA==\n";

    fn key() -> PublicKey {
        KEY.parse().expect("it is a key")
    }

    #[test]
    fn one_good_signature_of_several_is_enough() {
        let text = format!("one\ntwo\nthree\nfour\n\n{OLDER}\n{SIGNATURE}");
        assert_eq!(verify(&[key()], "sample", b"test", Some(&text)).expect("it is good"), &key());
        let many = format!("{}{SIGNATURE}", "one\ntwo\nthree\nfour\n".repeat(MOST));
        assert!(verify(&[key()], "sample", b"test", Some(&many)).is_err());
    }

    fn refusal(bytes: &[u8], signature: Option<&str>) -> String {
        verify(&[key()], "sample", bytes, signature).expect_err("it is refused").to_string()
    }

    #[test]
    fn a_signature_of_the_reference_implementation_is_good_for_its_bytes_alone() {
        assert_eq!(key().id(), "E7620F1842B4E81F");
        verify(&[key()], "sample", b"test", Some(SIGNATURE)).expect("it is good");
        for (bytes, signature) in [
            (&b"Test"[..], SIGNATURE.to_owned()),
            (b"test", SIGNATURE.replace("file:test", "file:tent")),
            (b"test", SIGNATURE.replace("r3g7V1", "r3g7V2")),
        ] {
            assert!(refusal(bytes, Some(&signature)).contains("changed after the key"));
        }
    }

    #[test]
    fn each_refusal_says_what_it_is() {
        let other = "RWRzq51bKcS8oJvZ4xEm+nRvGYPdsNRD3ciFPu1YJEL8Bl/3daWaj72r";
        let other: PublicKey = other.parse().expect("it is a key");
        let unknown = verify(std::slice::from_ref(&other), "sample", b"test", Some(SIGNATURE));
        assert!(matches!(unknown, Err(LoadError::UnknownKey { key, .. }) if key == key_id()));
        verify(&[other, key()], "sample", b"test", Some(SIGNATURE)).expect("one of them is right");
        assert!(matches!(
            verify(&[key()], "sample", b"test", None),
            Err(LoadError::Unsigned { .. })
        ));
        assert!(refusal(b"test", Some("# A document")).contains("not a minisign signature"));
        assert!(refusal(b"test", Some(OLDER)).contains("older format"));
        let nobody = verify(&[], "sample", b"test", Some(SIGNATURE));
        assert!(matches!(nobody, Err(LoadError::UnknownKey { .. })));
    }

    fn key_id() -> String {
        key().id()
    }

    #[test]
    fn a_key_is_its_file_or_its_line() {
        let line = KEY.lines().last().expect("it has two");
        assert_eq!(line.parse::<PublicKey>().expect("it is a key"), key());
        for text in ["", "untrusted comment: nothing\n", "RWQf6LRC", SIGNATURE, "\u{fffd}"] {
            assert!(matches!(text.parse::<PublicKey>(), Err(KeyError::Text)), "{text}");
        }
        assert!(matches!(PublicKey::from_file("no such file"), Err(KeyError::Read { .. })));
    }
}
