//! The archive of the command for one system.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use semver::Version;

use crate::{Built, checks, files, git, run, version};

/// The files beside `bin` and `share`.
const PAPERS: [&str; 4] = ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];

/// Makes the archive of the command in the folder, and returns its path as text. Cargo compiles in the folder `target`.
///
/// # Errors
///
/// Says what is wrong, or does not build.
pub(crate) fn archive(root: &Path, target: &Path, folder: &Path, built: &Built) -> Result<String> {
    checks::clean(root)?;
    let version = version::current(root)?;
    if let Some(command) = &built.command {
        is_of(command, &version)?;
    }
    let machine =
        run::output(Command::new("rustc").args(["--print", "host-tuple"]).current_dir(root))?;
    let top = format!("plugwright-{version}-{}", machine.trim_end());
    files::create_folder(folder)?;
    let stage = tempfile::tempdir_in(folder).context("cannot make a temporary folder")?;
    let prefix = stage.path().join(&top);
    install(root, target, &prefix, built)?;
    is_of(&prefix.join("bin/plugwright"), &version)?;
    for paper in PAPERS {
        fs::copy(root.join(paper), prefix.join(paper))
            .with_context(|| format!("cannot copy `{paper}`"))?;
    }
    let name = format!("{top}.tar.gz");
    run::say(&format!("packing {name}"));
    files::pack(stage.path(), &top, git::commit(root)?.time, &folder.join(&name))?;
    Ok(format!("{}\n", folder.join(&name).display()))
}

/// Checks that the command has this version.
///
/// # Errors
///
/// Says which version it has.
pub(crate) fn is_of(command: &Path, version: &Version) -> Result<()> {
    let said = run::output(Command::new(command).arg("--version"))?;
    if said.split_whitespace().nth(1) != Some(&*version.to_string()) {
        bail!(
            "`{}` is `{}` instead of version {version}: leave out `--command` to build one",
            command.display(),
            said.trim_end()
        );
    }
    Ok(())
}

/// Installs the command and its other files below `prefix` with `plugwright install`.
fn install(root: &Path, target: &Path, prefix: &Path, built: &Built) -> Result<()> {
    let Some(command) = &built.command else {
        run::say("building the optimised command, which takes several minutes");
        let mut just = Command::new("just");
        // These may name plugins and a command of another tree.
        just.env_remove("PLUGWRIGHT_DIST").env_remove("PLUGWRIGHT");
        // Repositories that this command makes depend on the release, and not on the folder where it was built.
        just.env("PLUGWRIGHT_RELEASED", "1").env("CARGO_TARGET_DIR", target);
        return run::run(just.arg("install").arg(prefix).current_dir(root));
    };
    let mut install = Command::new(command);
    install.arg("install").arg(prefix).arg("--adapters").arg(&built.adapters);
    run::output(&mut install).map(drop)
}
