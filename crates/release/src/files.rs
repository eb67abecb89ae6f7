//! Files and reproducible archives.

use std::fs::{self, File, Permissions};
use std::io::{self, BufReader, BufWriter, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use flate2::{Compression, GzBuilder};
use sha2::{Digest as _, Sha256};
use tar::{Builder, EntryType, Header};
use tempfile::{NamedTempFile, TempDir};

/// A file with its size and digest.
#[derive(Debug)]
pub(crate) struct Digested {
    /// Its name in the folder of the release.
    pub(crate) name: String,
    /// Its size in bytes.
    pub(crate) size: u64,
    /// Its SHA-256, in hexadecimal.
    pub(crate) sha256: String,
}

/// Computes the digest of a file in the folder.
///
/// # Errors
///
/// Says that the file cannot be read.
pub(crate) fn digested(folder: &Path, name: &str) -> Result<Digested> {
    let path = folder.join(name);
    let cannot = || format!("cannot read `{}`", path.display());
    let bytes = fs::read(&path).with_context(cannot)?;
    let sha256 = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Digested { name: name.to_owned(), size: bytes.len() as u64, sha256 })
}

/// The names in the folder, sorted.
///
/// # Errors
///
/// Says that the folder cannot be read, or that a name is not UTF-8.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>> {
    let cannot = || format!("cannot read the folder `{}`", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(cannot)? {
        let Ok(name) = entry.with_context(cannot)?.file_name().into_string() else {
            bail!("a name in the folder `{}` is not UTF-8: rename it", folder.display());
        };
        names.push(name);
    }
    names.sort_unstable();
    Ok(names)
}

/// Makes the folder and its parents.
///
/// # Errors
///
/// Says that the folder cannot be made.
pub(crate) fn create_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| {
        format!("cannot make the folder `{}`: choose a writable folder", folder.display())
    })
}

/// The absolute path without links and `..`. The end of the path may not exist yet.
///
/// # Errors
///
/// Says that the existing part cannot be read.
pub(crate) fn resolved(path: &Path) -> Result<PathBuf> {
    for begin in path.ancestors() {
        if let Ok(found) = fs::canonicalize(begin) {
            return Ok(found.join(path.strip_prefix(begin).unwrap_or(Path::new(""))));
        }
    }
    bail!("cannot find a folder above `{}`: name an absolute path", path.display())
}

/// Reads a file of the tree.
///
/// # Errors
///
/// Says that the file cannot be read.
pub(crate) fn read(root: &Path, name: &str) -> Result<String> {
    fs::read_to_string(root.join(name)).with_context(|| format!("cannot read `{name}`"))
}

/// A temporary folder below `target`, for what is packed. Whatever an interrupted run leaves in it is not part of a release.
///
/// # Errors
///
/// Says that the folder cannot be made.
pub(crate) fn stage(target: &Path) -> Result<TempDir> {
    create_folder(target)?;
    let folder = tempfile::Builder::new().prefix("release-").tempdir_in(target);
    folder.with_context(|| format!("cannot make a temporary folder in `{}`", target.display()))
}

/// A file with a temporary name in the folder.
fn temporary(folder: &Path, mode: u32) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".release-").permissions(Permissions::from_mode(mode)).tempfile_in(folder)
}

/// Writes a file under a temporary name in its folder and renames it, so that nothing unfinished ever has its name. A link of
/// this name is replaced.
///
/// # Errors
///
/// Says that the file cannot be written.
fn finished(path: &Path, write: impl FnOnce(&mut File) -> Result<()>) -> Result<()> {
    let cannot = || format!("cannot write `{}`", path.display());
    let folder = path.parent().with_context(cannot)?;
    let mut file = temporary(folder, 0o644).with_context(cannot)?;
    write(file.as_file_mut())?;
    file.persist(path).with_context(cannot).map(drop)
}

/// Writes a file of the release.
///
/// # Errors
///
/// Says that the file cannot be written.
pub(crate) fn write(folder: &Path, name: &str, text: &str) -> Result<()> {
    let path = folder.join(name);
    finished(&path, |file| {
        file.write_all(text.as_bytes())
            .with_context(|| format!("cannot write `{}`", path.display()))
    })
}

/// Copies a file, also onto itself.
///
/// # Errors
///
/// Says that it is not a file, or that it cannot be copied.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    is_file(from)?;
    finished(to, |file| {
        let cannot = || format!("cannot copy `{}`", from.display());
        io::copy(&mut File::open(from).with_context(cannot)?, file).with_context(cannot).map(drop)
    })
}

/// Checks that this is a file, and no link.
///
/// # Errors
///
/// Says that it is not a file.
pub(crate) fn is_file(path: &Path) -> Result<()> {
    let metadata =
        fs::symlink_metadata(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    if !metadata.is_file() {
        bail!(
            "`{}` is a link or a folder instead of a file: replace it with a file",
            path.display()
        );
    }
    Ok(())
}

/// Replaces files of the tree, given by their names and new texts. Everything is written beside them first.
///
/// # Errors
///
/// Says which file cannot be written, and how to undo what has changed.
pub(crate) fn replace(root: &Path, changes: &[(String, String)]) -> Result<()> {
    let mut written = Vec::new();
    for (name, text) in changes {
        let path = root.join(name);
        is_file(&path)?;
        let cannot = || format!("cannot write beside `{name}`, and nothing has changed");
        let mode = fs::metadata(&path).with_context(cannot)?.permissions().mode();
        let folder = path.parent().with_context(cannot)?;
        let mut file = temporary(folder, mode).with_context(cannot)?;
        file.write_all(text.as_bytes()).with_context(cannot)?;
        written.push((file, path));
    }
    for (file, path) in written {
        file.persist(&path).with_context(|| {
            format!("cannot replace `{}`: undo the changes with `git restore .`", path.display())
        })?;
    }
    Ok(())
}

/// Packs the folder `top` in the folder `parent` into `file`. The bytes depend only on the names, the contents, the executable
/// bits and `time`: entries are sorted, and their owner, permissions and time are set.
///
/// # Errors
///
/// Says what cannot be read, written or packed.
pub(crate) fn pack(parent: &Path, top: &str, time: u64, file: &Path) -> Result<()> {
    let cannot = || format!("cannot write `{}`", file.display());
    finished(file, |output| {
        let output = GzBuilder::new().write(BufWriter::new(output), Compression::default());
        let mut archive = Builder::new(output);
        add(&mut archive, parent, Path::new(top), time)?;
        let output = archive.into_inner().and_then(flate2::write::GzEncoder::finish);
        output.and_then(|mut output| output.flush()).with_context(cannot)
    })
}

fn add(archive: &mut Builder<impl io::Write>, parent: &Path, name: &Path, time: u64) -> Result<()> {
    let path = parent.join(name);
    let cannot = || format!("cannot pack `{}`", path.display());
    let metadata = fs::symlink_metadata(&path).with_context(cannot)?;
    let mut header = Header::new_ustar();
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(time);
    if metadata.is_dir() {
        header.set_entry_type(EntryType::Directory);
        header.set_mode(0o755);
        header.set_size(0);
        archive.append_data(&mut header, name, io::empty()).with_context(cannot)?;
        return names(&path)?
            .into_iter()
            .try_for_each(|inner| add(archive, parent, &name.join(inner), time));
    }
    if !metadata.is_file() {
        bail!("cannot pack `{}`, which is neither a file nor a folder: remove it", path.display());
    }
    header.set_entry_type(EntryType::Regular);
    header.set_mode(if metadata.permissions().mode() & 0o111 == 0 { 0o644 } else { 0o755 });
    header.set_size(metadata.len());
    let content = BufReader::new(File::open(&path).with_context(cannot)?);
    archive.append_data(&mut header, name, content).with_context(cannot)
}
