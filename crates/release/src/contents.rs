//! Checks the folder of a release before it is completed: it has whole archives of the command, and nothing else.

use std::fs::File;
use std::io;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use flate2::read::GzDecoder;
use semver::Version;
use tar::Archive;

use crate::{files, run};

/// The systems that a release has archives for.
const SYSTEMS: [&str; 4] = [
    "aarch64-apple-darwin",
    "aarch64-unknown-linux-gnu",
    "x86_64-apple-darwin",
    "x86_64-unknown-linux-gnu",
];

/// Checks the archives in the folder. Beside them, there may be files of an earlier call, by their names.
///
/// # Errors
///
/// Says what is missing, damaged, or does not belong there.
pub(crate) fn check(
    root: &Path,
    folder: &Path,
    version: &Version,
    others: &[String],
    all_systems: bool,
) -> Result<()> {
    let host = run::host(root)?;
    let make = || format!("run `just release archive {}`", folder.display());
    let begin = format!("plugwright-{version}-");
    let mut found = Vec::new();
    let none = || format!("there is no archive of {version} in `{}`: {}", folder.display(), make());
    for name in files::names(folder).with_context(none)? {
        let path = folder.join(&name);
        let system = name.strip_prefix(&begin).and_then(|rest| rest.strip_suffix(".tar.gz"));
        let system = system.filter(|it| SYSTEMS.contains(it) || *it == host);
        if system.is_none() && !others.contains(&name) {
            bail!("`{}` is not a file of the release {version}: remove it", path.display());
        }
        files::is_file(&path)?;
        if let Some(system) = system {
            is_whole(&path, &format!("{begin}{system}"))
                .with_context(|| format!("`{}` is damaged: {}", path.display(), make()))?;
            found.push(system.to_owned());
        }
    }
    if found.is_empty() {
        bail!(none());
    }
    let missing = SYSTEMS.iter().find(|it| all_systems && !found.iter().any(|one| one == *it));
    if let Some(missing) = missing {
        bail!(
            "there is no archive for {missing} in `{}`: {} on such a system",
            folder.display(),
            make()
        );
    }
    Ok(())
}

/// Reads an archive of the command to its end.
fn is_whole(path: &Path, top: &str) -> Result<()> {
    let mut archive = Archive::new(GzDecoder::new(File::open(path)?));
    let mut has_command = false;
    for entry in archive.entries()? {
        let mut entry = entry?;
        let name = entry.path()?.into_owned();
        if !name.starts_with(top) {
            bail!("it contains `{}`, which is not below `{top}`", name.display());
        }
        has_command |= name == Path::new(top).join("bin/plugwright");
        io::copy(&mut entry, &mut io::sink())?;
    }
    // The checksum of the compressed data is at its end.
    io::copy(&mut archive.into_inner(), &mut io::sink())?;
    if !has_command {
        bail!("it does not contain `{top}/bin/plugwright`");
    }
    Ok(())
}
