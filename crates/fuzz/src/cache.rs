//! Compiled code that something else wrote. Whatever happens to the files of a cache, the host runs only what
//! the plugin's bytes compile to, and repairs the file.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use plugwright::{Cache, CallError, Host, Plugin};
use plugwright_contract::prelude::*;
use plugwright_contract::{Failure, Head, Streamer};
use tempfile::TempDir;

use crate::seeds;

/// A change to the files of a cache.
#[derive(Debug)]
#[cfg_attr(feature = "libfuzzer", derive(arbitrary::Arbitrary))]
pub enum Edit {
    /// Cuts the compiled code off.
    Truncate(u16),
    /// Overwrites a part of the compiled code, counted from the beginning or from the end.
    Overwrite(bool, u16, Vec<u8>),
    /// Flips one bit, anywhere.
    Flip(u32),
    /// Appends bytes.
    Append(Vec<u8>),
    /// Replaces the compiled code.
    Replace(Vec<u8>),
    /// Replaces the compiled code with that of another plugin.
    Swap,
    /// Removes the file.
    Remove,
    /// Makes the file writable for everybody.
    Open,
    /// Replaces the file with a link to the code of another plugin.
    Link,
    /// Replaces the key that seals the code.
    Key(Vec<u8>),
}

/// Two plugins with different messages, and a cache that holds both.
struct Filled {
    folder: TempDir,
    host: Host,
    cache: Cache,
    plugin: Vec<u8>,
    compiled: (PathBuf, Vec<u8>),
    other: (PathBuf, Vec<u8>),
    key: (PathBuf, Vec<u8>),
}

const SAYS: &str = "it begins with `r`";
const OTHER_SAYS: &str = "that is the other.";

static FILLED: LazyLock<Filled> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let cache = Cache::open(folder.path().join("cache")).expect("the folder is private");
    let host = host(&cache);
    let text = seeds::text("crates/plugwright-tests/tests/suite/echo.wat");
    assert!(text.contains(SAYS), "echo.wat says something else");
    let plugin = tests::around(&text, "streamer");
    let file_of = |plugin: &[u8]| {
        host.load_bytes::<Streamer>("echo", plugin).expect("the plugin fits the host");
        // The entries are sorted by last use, newest first.
        let path = cache.entries().expect("the cache can be read").remove(0).path;
        let bytes = fs::read(&path).expect("the file was just written");
        (path, bytes)
    };
    let compiled = file_of(&plugin);
    let other = file_of(&tests::around(&text.replace(SAYS, OTHER_SAYS), "streamer"));
    assert_ne!(compiled.0, other.0);
    let key = cache.folder().join("seal-key");
    let key = (key.clone(), fs::read(key).expect("the key exists"));
    Filled { folder, host, cache, plugin, compiled, other, key }
});

fn host(cache: &Cache) -> Host {
    let host = Host::builder().cache(cache.clone()).concurrency(64);
    host.build().expect("the engine starts")
}

/// Applies `edits` to a cache, and loads the plugin from it.
///
/// # Panics
///
/// If other code than the plugin's runs, if code is taken from a changed file, or if that file is not repaired.
pub fn run(edits: &[Edit]) {
    let Filled { host, cache, plugin, compiled, other, key, .. } = &*FILLED;
    for (path, bytes) in [compiled, other, key] {
        write(path, bytes);
    }
    for edit in edits {
        edit.apply();
    }
    let has_other_key = fs::read(&key.0).ok().as_ref() != Some(&key.1);
    if has_other_key {
        // A cache reads its key when it is opened.
        let cache = Cache::open(cache.folder()).expect("an invalid key is replaced");
        load(&self::host(&cache), &cache, plugin, false);
        return;
    }
    load(host, cache, plugin, is_as_written(&compiled.0, &compiled.1));
}

/// Loads the plugin twice, first with the expected `hit`, and then from the cache.
fn load(host: &Host, cache: &Cache, plugin: &[u8], hit: bool) {
    for hit in [hit, true] {
        let hits = cache.hits();
        let plugin: Plugin<Streamer> =
            host.load_bytes("echo", plugin).expect("the plugin fits the host");
        assert_eq!(cache.hits() > hits, hit, "whether the code came from the cache");
        let session = plugin.session(&Head::new("a.txt", "text/plain"), &[]);
        match session.and_then(|mut session| session.push(b"refuse")) {
            Err(CallError::Refused { failure: Failure::Internal { message }, .. }) => {
                assert_eq!(message, SAYS, "the code of another plugin ran");
            }
            answer => panic!("other code ran: {answer:?}"),
        }
    }
}

/// Returns whether the file has these bytes and is private.
fn is_as_written(path: &Path, bytes: &[u8]) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| {
        metadata.is_file() && metadata.permissions().mode().trailing_zeros() >= 6
    }) && fs::read(path).is_ok_and(|found| found == bytes)
}

fn write(path: &Path, bytes: &[u8]) {
    let _ = fs::remove_file(path);
    fs::write(path, bytes).expect("the folder is writable");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("the file is writable");
}

impl Edit {
    /// Applies the change to the compiled code of the plugin. A missing file is left alone.
    fn apply(&self) {
        let Filled { folder, compiled: (path, _), other, key, .. } = &*FILLED;
        let Ok(mut bytes) = fs::read(path) else { return };
        let length = bytes.len();
        match self {
            Self::Truncate(by) => bytes.truncate(length.saturating_sub(usize::from(*by) + 1)),
            Self::Overwrite(from_end, by, with) => {
                let at = usize::from(*by).min(length);
                let at = if *from_end { length - at } else { at };
                let end = length.min(at + with.len());
                bytes[at..end].copy_from_slice(&with[..end - at]);
            }
            Self::Flip(bit) if length > 0 => {
                let bit = usize::try_from(*bit).unwrap_or_default() % (length * 8);
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
            Self::Flip(_) => return,
            Self::Append(more) => bytes.extend(more),
            Self::Replace(with) => bytes.clone_from(with),
            Self::Swap => bytes.clone_from(&other.1),
            Self::Remove => return fs::remove_file(path).expect("the file existed"),
            Self::Open => {
                let open = fs::Permissions::from_mode(0o666);
                return fs::set_permissions(path, open).expect("the permissions can be set");
            }
            Self::Link => {
                fs::remove_file(path).expect("the file existed");
                let target = folder.path().join("elsewhere");
                write(&target, &other.1);
                return std::os::unix::fs::symlink(target, path).expect("the folder is writable");
            }
            Self::Key(bytes) => return write(&key.0, bytes),
        }
        // Writes in place, as an attacker would.
        fs::write(path, bytes).expect("the file can be written");
    }
}
