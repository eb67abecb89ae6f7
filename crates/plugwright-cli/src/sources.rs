//! Digests of the sources of a plugin.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use plugwright::{FileKind, ForeignText, sha256};

use crate::folder_link::{real_path, refuse_loop};
use crate::statement::Resource;

/// The largest source files are the compiler's own libraries.
const SOURCE: FileKind = FileKind::new("source file", 512 << 20);

/// Returns the file or folder `name` in `root` as a resource with its digest.
///
/// The digest of a folder is in-toto's `dirHash`: the SHA-256 digest of the lines that `sha256sum` writes for its
/// files, in the order of their paths, which are relative to `root`. Hidden files are left out.
///
/// # Errors
///
/// Fails if a file cannot be read, or if a link leads back to a folder that contains it.
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

/// Returns the digest of a folder with these files, given as paths with digests.
pub fn folder_digest(mut files: Vec<(String, String)>) -> String {
    files.sort();
    let lines: String = files.iter().map(|(file, digest)| format!("{digest}  {file}\n")).collect();
    sha256(lines.as_bytes())
}

/// Appends the files in `folder` and in its subfolders to `files`. Their paths begin with `prefix`. `open` has the real
/// paths of the folders being read, including this one.
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

/// Returns the bytes of a source file.
///
/// # Errors
///
/// Fails if the file cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    Ok(SOURCE.read(path)?)
}
