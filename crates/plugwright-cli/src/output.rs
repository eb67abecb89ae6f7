//! Where results go: standard output, or a file that is never half-written.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// Writes `bytes` to the file `path`, or to standard output if there is none.
pub(crate) fn write(path: Option<&Path>, bytes: &[u8]) -> anyhow::Result<()> {
    let Some(path) = path else {
        let mut stdout = io::stdout().lock();
        return Ok(stdout.write_all(bytes).and_then(|()| stdout.flush())?);
    };
    replace(path, bytes).with_context(|| format!("cannot write `{}`", path.display()))
}

/// Writes the file `path` beside itself and renames it, so that it is the old one or the new one.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = match fs::canonicalize(path) {
        // A device or a pipe cannot be replaced, only written to.
        Ok(path) if !path.is_file() && !path.is_dir() => return fs::write(path, bytes),
        Ok(path) => path,
        Err(_) => PathBuf::from(path),
    };
    if path.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        // A new file gets what the user's mask leaves of these, an old one keeps its own.
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    // Only the kind: the whole error names the file beside, which nobody asked for.
    let mut file = builder
        .prefix(".plugwright-")
        .tempfile_in(folder)
        .map_err(|error| io::Error::from(error.kind()))?;
    file.write_all(bytes)?;
    if let Ok(old) = fs::metadata(&path) {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.persist(&path)?;
    Ok(())
}
