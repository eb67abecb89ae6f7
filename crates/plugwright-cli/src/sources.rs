//! Digests of what a plugin is built from.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use plugwright::{FileKind, ForeignText, sha256};

use crate::folder_link::{real_path, refuse_loop};
use crate::statement::Resource;

/// The largest are the compiler's own libraries.
const SOURCE: FileKind = FileKind::new("source file", 512 << 20);

/// The file or folder `name` in `root`, with its digest.
///
/// That of a folder is in-toto's `dirHash`: the SHA-256 digest of the lines that `sha256sum` writes of
/// its files, in the order of their paths, which begin at `root`. Hidden files are left out.
///
/// # Errors
///
/// Says what cannot be read, or which link leads back to a folder that it is in.
pub fn material(root: &Path, name: &str) -> Result<Resource> {
    let path = root.join(name);
    if !path.is_dir() {
        return Ok(Resource::new(name, "sha256", sha256(&read(&path)?)));
    }
    let mut files = Vec::new();
    let real = real_path(&path)?;
    list(&path, name, &mut vec![real], &mut files)?;
    let files = files.into_iter().map(|file| {
        let digest = sha256(&read(&root.join(&file))?);
        Ok((file, digest))
    });
    Ok(Resource::new(name, "dirHash", folder_digest(files.collect::<Result<_>>()?)))
}

/// The digest of a folder with these files, which are told by their digests.
pub fn folder_digest(mut files: Vec<(String, String)>) -> String {
    files.sort();
    let lines: String = files.iter().map(|(file, digest)| format!("{digest}  {file}\n")).collect();
    sha256(lines.as_bytes())
}

/// Adds the files in `folder`, and in the folders in it; their paths begin with `prefix`. The folders `open` are those
/// that are being read, with this one, where they really are.
fn list(
    folder: &Path,
    prefix: &str,
    open: &mut Vec<PathBuf>,
    files: &mut Vec<String>,
) -> Result<()> {
    let context = || format!("cannot read the folder `{}`", ForeignText::of_path(folder));
    for entry in fs::read_dir(folder).with_context(context)? {
        let entry = entry.with_context(context)?;
        let (path, name) = (entry.path(), entry.file_name());
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let name = name.into_string().map_err(|_| {
            anyhow!("`{}` is not UTF-8: give it another name", ForeignText::of_path(&path))
        })?;
        let name = format!("{prefix}/{name}");
        if path.is_dir() {
            let real = real_path(&path)?;
            refuse_loop(&path, &real, open.iter().flat_map(|open| open.ancestors()))?;
            open.push(real);
            list(&path, &name, open, files)?;
            open.pop();
        } else {
            files.push(name);
        }
    }
    Ok(())
}

/// The bytes of a file that a plugin is built from.
///
/// # Errors
///
/// Says why it cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    Ok(SOURCE.read(path)?)
}
