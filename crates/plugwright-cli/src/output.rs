//! Where results go: standard output, or a file that is never half-written.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, LineWriter, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anstream::{AutoStream, ColorChoice};
use anyhow::{Context as _, Result};
use clap::builder::StyledStr;
use plugwright::ForeignText;
use rustix::io::Errno;

use crate::begun::{BegunFile, cannot_write};
use crate::record::digesting;
use crate::visible::{visible, visible_json};

/// The number of links that the system follows.
const MOST_LINKS: usize = 40;

/// A target for a result that comes in pieces.
pub(crate) enum Output {
    /// Standard output, without the standard library's handle, which ignores some failures to write.
    Stdout(LineWriter<File>),
    /// A target that cannot be replaced, only written to: a device, a pipe, or a file without a name.
    Device(File, PathBuf),
    /// A temporary file, which replaces the file at that path once it is complete.
    Beside(BegunFile, PathBuf),
    /// The same, with the digest of what was written.
    Digested(BegunFile, PathBuf, Box<blake2b_simd::State>),
}

/// Writes `bytes` to the file `path`, which the user named, or to standard output without a path. If the path is a
/// link, writes its target.
pub(crate) fn write(path: Option<&Path>, bytes: &[u8]) -> Result<()> {
    let mut output = Output::open(path)?;
    output.write(bytes)?;
    output.finish()
}

/// Writes `bytes` to the file `path`, which is beside a file that the user named. A link there is replaced and not
/// followed: whoever made the link may not be allowed to write its target.
pub(crate) fn write_beside(path: &Path, bytes: &[u8]) -> Result<()> {
    let cannot = || cannot_write(path);
    let mut file = BegunFile::new(folder_of(path)).with_context(cannot)?;
    file.write_all(bytes).and_then(|()| file.replace(path)).with_context(cannot)
}

/// Creates the folder and its parents, unless they exist.
pub(crate) fn create_folder(path: &Path) -> Result<()> {
    let told = |error: io::Error| match error.kind() {
        kind @ (ErrorKind::AlreadyExists | ErrorKind::NotADirectory) => {
            io::Error::new(kind, "a file is in the way of the folder: move it away")
        }
        _ => error,
    };
    fs::create_dir_all(path).map_err(told).with_context(|| cannot_write(path))
}

/// Removes the file, if it exists.
#[cfg(feature = "registry")]
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| cannot_write(path))
        }
        _ => Ok(()),
    }
}

/// Copies the file `from` to `path`, as [`write_beside`] writes.
pub(crate) fn copy_beside(from: &Path, path: &Path) -> Result<()> {
    copy(BegunFile::new(folder_of(path)), from, path)
}

/// Copies the program `from` to `path` as [`copy_beside`] does, so that the copy can be run.
pub(crate) fn copy_program(from: &Path, path: &Path) -> Result<()> {
    copy(BegunFile::program(folder_of(path)), from, path)
}

fn copy(begun: io::Result<BegunFile>, from: &Path, path: &Path) -> Result<()> {
    let read = || format!("cannot read `{}`", ForeignText::of_path(from));
    let cannot = || cannot_write(path);
    let mut source = File::open(from).with_context(read)?;
    let mut file = begun.with_context(cannot)?;
    io::copy(&mut source, &mut file).with_context(cannot)?;
    file.replace(path).with_context(cannot)
}

/// Shows lines of the command itself on standard output. Foreign text in them must be [`ForeignText`]. If the reader
/// has gone, the command continues and ends as if the lines had been written.
pub(crate) fn tell(lines: &str) -> Result<()> {
    show(visible(lines).as_bytes())
}

/// Shows JSON of the command itself on standard output. Foreign text in it is in strings.
pub(crate) fn tell_json(json: &str) -> Result<()> {
    show(visible_json(json).as_bytes())
}

/// Shows text of clap, in colours if standard output supports them.
pub(crate) fn tell_styled(text: &StyledStr) -> Result<()> {
    match AutoStream::choice(&io::stdout()) {
        ColorChoice::Never => show(text.to_string().as_bytes()),
        _ => show(text.ansi().to_string().as_bytes()),
    }
}

fn show(bytes: &[u8]) -> Result<()> {
    match write(None, bytes) {
        Err(error) if is_unread(&error) => Ok(()),
        written => written,
    }
}

/// Returns whether the error says that the reader of standard output has gone, such as `head` after its last line.
pub(crate) fn is_unread(error: &anyhow::Error) -> bool {
    let system = error.downcast_ref::<io::Error>();
    error.is::<Stdout>() && system.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

impl Output {
    /// Opens the file `path`, or standard output without a path.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self> {
        match path {
            Some(path) => open_file(path).with_context(|| cannot_write(path)),
            None => {
                let stdout = io::stdout().as_fd().try_clone_to_owned().context(Stdout)?;
                Ok(Self::Stdout(LineWriter::new(stdout.into())))
            }
        }
    }

    /// Opens the file `path`, whatever is there, through a temporary file in the folder `beside` on the same file
    /// system. Computes the digest of what is written.
    pub(crate) fn in_place_of(path: PathBuf, beside: &Path) -> Result<Self> {
        let file = BegunFile::new(beside).with_context(|| cannot_write(&path))?;
        Ok(Self::Digested(file, path, Box::new(digesting())))
    }

    /// Writes the next piece.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Stdout(stdout) => stdout.write_all(bytes).context(Stdout),
            Self::Device(file, path) => file.write_all(bytes).with_context(|| cannot_write(path)),
            Self::Beside(file, path) => file.write_all(bytes).with_context(|| cannot_write(path)),
            Self::Digested(file, path, digest) => {
                digest.update(bytes);
                file.write_all(bytes).with_context(|| cannot_write(path))
            }
        }
    }

    /// Finishes the result. This replaces the old file by the new one.
    pub(crate) fn finish(self) -> Result<()> {
        match self {
            Self::Stdout(mut stdout) => stdout.flush().context(Stdout),
            Self::Device(..) => Ok(()),
            Self::Beside(file, path) | Self::Digested(file, path, _) => {
                file.replace(&path).with_context(|| cannot_write(&path))
            }
        }
    }
}

/// The context of an error of writing standard output.
#[derive(Debug)]
struct Stdout;

impl fmt::Display for Stdout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot write to standard output")
    }
}

fn open_file(path: &Path) -> io::Result<Output> {
    let path = match fs::metadata(path) {
        Ok(there) if there.is_dir() => {
            return Err(io::Error::new(ErrorKind::IsADirectory, "it is a folder"));
        }
        Ok(there) => match fs::canonicalize(path) {
            Ok(real) if there.is_file() => real,
            // For a pipe or a removed file, the system's link names no existing file.
            _ => return Ok(Output::Device(File::create(path)?, path.to_owned())),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => led_to(path)?,
        Err(error) => return Err(error),
    };
    Ok(Output::Beside(BegunFile::new(folder_of(&path))?, path))
}

/// Returns where the links at `path` lead, even if nothing is there.
fn led_to(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(next) = fs::read_link(&path) else { return Ok(path) };
        path.pop();
        path.push(next);
    }
    Err(Errno::LOOP.into())
}

/// Returns whether both paths are the same file, so that writing one would overwrite the other.
#[cfg(feature = "report")]
pub(crate) fn is_same_place(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| {
        let path = led_to(path).ok()?;
        let folder = folder_of(&path).canonicalize().ok()?;
        Some(folder.join(path.file_name()?))
    };
    match (place(one), place(other)) {
        (Some(one), Some(other)) => one == other,
        // If a path cannot be written, writing to it reports that.
        _ => one == other,
    }
}

/// Creates a new file and its folder. The file can be run if it `is_program`.
pub(crate) fn create_file(path: &Path, text: &str, is_program: bool) -> io::Result<()> {
    fs::create_dir_all(folder_of(path))?;
    // The user's mask reduces these permissions.
    let mode = if is_program { 0o777 } else { 0o666 };
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(text.as_bytes())
}

/// Returns the folder that contains a file.
pub(crate) fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}
