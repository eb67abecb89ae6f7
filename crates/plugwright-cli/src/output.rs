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

/// As many links the system follows.
const MOST_LINKS: usize = 40;

/// A place for a result that comes in pieces.
pub(crate) enum Output {
    /// Standard output, not by way of the standard library's, which counts what cannot be written for written.
    Stdout(LineWriter<File>),
    /// What cannot be replaced, only written to: a device, a pipe, or what has no name.
    Device(File, PathBuf),
    /// A file beside the one of that path, which takes its place once it is whole.
    Beside(BegunFile, PathBuf),
    /// The same, whose digest is taken on the way.
    Digested(BegunFile, PathBuf, Box<blake2b_simd::State>),
}

/// Writes `bytes` to the file `path`, which somebody named, or to standard output if there is none. Through a link, the
/// file is written that it leads to.
pub(crate) fn write(path: Option<&Path>, bytes: &[u8]) -> Result<()> {
    let mut output = Output::open(path)?;
    output.write(bytes)?;
    output.finish()
}

/// Writes `bytes` to the file `path` beside one that somebody named. A link in its place goes: whoever put it there may
/// write to less than who follows it.
pub(crate) fn write_beside(path: &Path, bytes: &[u8]) -> Result<()> {
    let cannot = || cannot_write(path);
    let mut file = BegunFile::new(folder_of(path)).with_context(cannot)?;
    file.write_all(bytes).and_then(|()| file.replace(path)).with_context(cannot)
}

/// Makes the folder, and those that it is in, unless they are there.
pub(crate) fn create_folder(path: &Path) -> Result<()> {
    let told = |error: io::Error| match error.kind() {
        kind @ (ErrorKind::AlreadyExists | ErrorKind::NotADirectory) => {
            io::Error::new(kind, "there is a file in the place of a folder: move it away")
        }
        _ => error,
    };
    fs::create_dir_all(path).map_err(told).with_context(|| cannot_write(path))
}

/// Removes the file, unless it is not there.
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

/// The same, and the copy can be run.
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

/// Shows lines of the command's own on standard output, which is no place for what others wrote but as
/// [`ForeignText`]. Whoever reads no more of them has had enough: the command goes on, and ends as it would have.
pub(crate) fn tell(lines: &str) -> Result<()> {
    show(visible(lines).as_bytes())
}

/// Shows JSON of the command's own on standard output, in which others' text is in strings.
pub(crate) fn tell_json(json: &str) -> Result<()> {
    show(visible_json(json).as_bytes())
}

/// Shows what clap wrote, in colours if standard output has them.
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

/// Says whether the error is that nobody reads standard output any more: whoever did has had enough of it, as `head`
/// has.
pub(crate) fn is_unread(error: &anyhow::Error) -> bool {
    let system = error.downcast_ref::<io::Error>();
    error.is::<Stdout>() && system.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

impl Output {
    /// Opens the file `path`, or standard output if there is none.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self> {
        match path {
            Some(path) => open_file(path).with_context(|| cannot_write(path)),
            None => {
                let stdout = io::stdout().as_fd().try_clone_to_owned().context(Stdout)?;
                Ok(Self::Stdout(LineWriter::new(stdout.into())))
            }
        }
    }

    /// Opens the file `path`, whatever is there, by way of a file in the folder `beside`, which is in the
    /// same file system, and takes its digest.
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

    /// Ends the result. A file is the old one until now, and the new one from now on.
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

/// What is said of errors of standard output.
#[derive(Debug)]
struct Stdout;

impl fmt::Display for Stdout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("standard output cannot be written")
    }
}

fn open_file(path: &Path) -> io::Result<Output> {
    let path = match fs::metadata(path) {
        Ok(there) if there.is_dir() => {
            return Err(io::Error::new(ErrorKind::IsADirectory, "it is a folder"));
        }
        Ok(there) => match fs::canonicalize(path) {
            Ok(real) if there.is_file() => real,
            // The paths of a pipe and of a file that was removed are links of the system's that name nothing.
            _ => return Ok(Output::Device(File::create(path)?, path.to_owned())),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => led_to(path)?,
        Err(error) => return Err(error),
    };
    Ok(Output::Beside(BegunFile::new(folder_of(&path))?, path))
}

/// Where the links at `path` lead, if there are any, although nothing is there.
fn led_to(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(next) = fs::read_link(&path) else { return Ok(path) };
        path.pop();
        path.push(next);
    }
    Err(Errno::LOOP.into())
}

/// Says whether what is written to one path would be lost when the other one is written.
#[cfg(feature = "report")]
pub(crate) fn is_same_place(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| {
        let path = led_to(path).ok()?;
        let folder = folder_of(&path).canonicalize().ok()?;
        Some(folder.join(path.file_name()?))
    };
    match (place(one), place(other)) {
        (Some(one), Some(other)) => one == other,
        // Where they cannot be written is told when they are.
        _ => one == other,
    }
}

/// Writes a new file, one that can be run if it `is_program`, and the folder that it is in.
pub(crate) fn create_file(path: &Path, text: &str, is_program: bool) -> io::Result<()> {
    fs::create_dir_all(folder_of(path))?;
    // What the user's mask leaves of it.
    let mode = if is_program { 0o777 } else { 0o666 };
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(text.as_bytes())
}

/// The folder in which a file is.
pub(crate) fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}
