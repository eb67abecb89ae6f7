//! Reads files that users name: only regular files, and only up to the maximum size of their kind.
//!
//! A device has no end, opening a FIFO waits for a writer, and a sparse file can have billions of bytes. A document for
//! a plugin may be any of these, but no other file may.

#![warn(clippy::arithmetic_side_effects)]

use std::fs::{self, File, FileType, OpenOptions};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use crate::permission::limits::{Limit, Limits};
use crate::text::amount::{self, Unit};
use crate::text::foreign_text::ForeignText;

/// A kind of file, and the maximum size of such files.
///
/// ```no_run
/// let key = plugwright::FileKind::new("key", 1 << 10).read_text("release.key")?;
/// # Ok::<(), plugwright::FileError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileKind {
    name: &'static str,
    most: u64,
}

/// The reason why a file cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the {} `{}`", kind.name, ForeignText::of_path(path))]
pub struct FileError {
    kind: FileKind,
    path: PathBuf,
    source: io::Error,
}

impl FileKind {
    /// A plugin, if no limit sets its maximum size: at most 512 MiB.
    pub const PLUGIN: Self = Self::new("plugin", 512 << 20);
    /// A plugin before it was stripped: at most 512 MiB.
    pub const SYMBOLS: Self = Self::new("symbols file", 512 << 20);
    /// A minisign signature: at most 64 KiB.
    pub const SIGNATURE: Self = Self::new("signature", 64 << 10);
    /// A minisign public key: at most 64 KiB.
    pub const PUBLIC_KEY: Self = Self::new("public key", 64 << 10);
    /// A [`Policy`](crate::Policy): at most 4 MiB.
    pub const POLICY: Self = Self::new("policy", 4 << 20);
    /// A [`Lock`](crate::Lock): at most 4 MiB.
    pub const LOCK: Self = Self::new("lock file", 4 << 20);
    /// The list of the plugins in a folder, [`Dist::MANIFEST`](crate::Dist::MANIFEST): at most 16 MiB.
    pub const LIST: Self = Self::new("list of plugins", 16 << 20);

    /// Creates a kind of file with at most `most` bytes. Errors call it `name`, as in `a policy`.
    pub const fn new(name: &'static str, most: u64) -> Self {
        Self { name, most }
    }

    /// Returns the maximum size in bytes.
    pub(crate) const fn most(self) -> u64 {
        self.most
    }

    /// Returns the kind of a plugin that is to be loaded within `limits`.
    pub(crate) fn plugin(limits: &Limits) -> Self {
        limits.get(Limit::ComponentSize).map_or(Self::PLUGIN, |most| Self::PLUGIN.at_most(most))
    }

    /// Returns the same kind with another maximum size.
    #[must_use]
    pub(crate) const fn at_most(self, most: u64) -> Self {
        Self { most, ..self }
    }

    /// Reads the file `path`.
    ///
    /// # Errors
    ///
    /// [`FileError`] if the file cannot be read, is not a regular file, or is longer than its kind can be.
    pub fn read(self, path: impl AsRef<Path>) -> Result<Vec<u8>, FileError> {
        let path = path.as_ref();
        self.bytes(path).map_err(|source| self.unread(path, source))
    }

    /// Reads the text in the file `path`.
    ///
    /// # Errors
    ///
    /// The errors of [`FileKind::read`], and an error if the text is not UTF-8.
    pub fn read_text(self, path: impl AsRef<Path>) -> Result<String, FileError> {
        let path = path.as_ref();
        let no_text = |_| io::Error::new(ErrorKind::InvalidData, "it is not UTF-8");
        self.bytes(path)
            .and_then(|bytes| String::from_utf8(bytes).map_err(no_text))
            .map_err(|source| self.unread(path, source))
    }

    fn bytes(self, path: &Path) -> io::Result<Vec<u8>> {
        let file = open(path)?;
        let length = file.metadata()?.len();
        if length > self.most {
            return Err(self.too_long());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0).saturating_add(1));
        // One byte more than the maximum: a file can grow, and some special files report a size of zero.
        file.take(self.most.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > self.most { Err(self.too_long()) } else { Ok(bytes) }
    }

    fn too_long(self) -> io::Error {
        let most = amount::write(self.most, Unit::Bytes);
        let unit = if most.ends_with(|c: char| c.is_ascii_digit()) { " bytes" } else { "" };
        let why = format!("it is longer than {most}{unit}, the maximum for a {}", self.name);
        io::Error::new(ErrorKind::FileTooLarge, why)
    }

    fn unread(self, path: &Path, source: io::Error) -> FileError {
        FileError { kind: self, path: path.to_owned(), source }
    }
}

impl FileError {
    /// Returns the kind of the system's error: [`ErrorKind::NotFound`] if there is no such file, and
    /// [`ErrorKind::FileTooLarge`] if it is longer than its kind can be.
    pub fn kind(&self) -> ErrorKind {
        self.source.kind()
    }

    /// Returns the file and the system's error.
    pub(crate) fn into_parts(self) -> (PathBuf, io::Error) {
        (self.path, self.source)
    }
}

/// Opens the file `path` if it is a regular file, without blocking.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    // Opening a device can have side effects, so the type is checked first.
    must_be_regular(fs::metadata(path)?.file_type())?;
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        // The file may have been replaced since, and opening it must not block.
        options.custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed());
    }
    let file = options.read(true).open(path)?;
    must_be_regular(file.metadata()?.file_type())?;
    Ok(file)
}

fn must_be_regular(file: FileType) -> io::Result<()> {
    if file.is_file() {
        return Ok(());
    }
    if file.is_dir() {
        return Err(io::Error::new(ErrorKind::IsADirectory, "it is a folder"));
    }
    let what = other_than_regular(file);
    Err(io::Error::other(format!("it is {what}, but only regular files can be read")))
}

#[cfg(unix)]
fn other_than_regular(file: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    match file {
        _ if file.is_fifo() => "a FIFO",
        _ if file.is_socket() => "a socket",
        _ if file.is_char_device() || file.is_block_device() => "a device",
        _ => "something else",
    }
}

#[cfg(not(unix))]
fn other_than_regular(_: FileType) -> &'static str {
    "something else"
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: FileKind = FileKind::new("note", 2 << 10);

    /// Returns the error of reading the file with its cause in one line, without the folder.
    fn refusal(kind: FileKind, folder: &Path, name: &str) -> String {
        let error = kind.read(folder.join(name)).expect_err("it is not read");
        let told = format!("{error}: {}", error.source);
        told.replace(&format!("{}/", ForeignText::of_path(folder)), "")
    }

    #[test]
    fn a_file_is_read_up_to_the_most_of_its_kind() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("note");
        for (length, fits) in [(0, true), (2 << 10, true), ((2 << 10) + 1, false)] {
            fs::write(&path, vec![b'a'; length]).expect("a file");
            assert_eq!(NOTE.read(&path).is_ok_and(|bytes| bytes.len() == length), fits, "{length}");
        }
        assert_eq!(
            refusal(NOTE, folder.path(), "note"),
            "cannot read the note `note`: it is longer than 2KiB, the maximum for a note"
        );
        assert_eq!(
            refusal(NOTE.at_most(99), folder.path(), "note"),
            "cannot read the note `note`: it is longer than 99 bytes, the maximum for a note"
        );
        fs::write(&path, b"\xff").expect("a file");
        let error = NOTE.read_text(&path).expect_err("it is no text");
        assert_eq!(error.source.to_string(), "it is not UTF-8");
        assert_eq!(NOTE.read("no such file").expect_err("none").kind(), ErrorKind::NotFound);
    }

    #[test]
    fn what_says_that_it_is_short_is_read_no_further_either() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // The system generates this file while it is read.
        #[cfg(target_os = "linux")]
        assert_eq!(
            NOTE.read("/proc/self/smaps").expect_err("it is long").kind(),
            ErrorKind::FileTooLarge
        );
        // Five GiB that take no disk space.
        let sparse = File::create(folder.path().join("sparse")).expect("a file");
        sparse.set_len(5 << 30).expect("the file system has such files");
        let limits = Limits::default().component_size(1 << 20);
        assert_eq!(
            refusal(FileKind::plugin(&limits), folder.path(), "sparse"),
            "cannot read the plugin `sparse`: it is longer than 1MiB, the maximum for a plugin"
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_named_and_not_waited_for() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        use std::os::unix::net::UnixListener;

        let folder = tempfile::tempdir().expect("a temporary folder");
        let fifo = folder.path().join("fifo");
        mknodat(CWD, &fifo, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a FIFO");
        let _socket = UnixListener::bind(folder.path().join("socket")).expect("a socket");
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("link")).expect("a link");
        fs::create_dir(folder.path().join("folder")).expect("a folder");
        for (name, what) in [
            ("fifo", "it is a FIFO, but only regular files can be read"),
            ("socket", "it is a socket, but only regular files can be read"),
            ("link", "it is a device, but only regular files can be read"),
            ("folder", "it is a folder"),
        ] {
            let told = refusal(NOTE, folder.path(), name);
            assert_eq!(told, format!("cannot read the note `{name}`: {what}"));
        }
    }
}
