//! The archive of the command for one system.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use semver::Version;

use crate::{Built, checks, files, git, licences, run, version};

/// The files beside `bin` and `share`. The adapters contain code under the last licence.
const PAPERS: [&str; 5] = [
    "CHANGELOG.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "crates/plugwright-http/LICENSE-WASI",
];

/// The licences of Rust's standard library, in the folder of the toolchain. Debian's does not have them there.
const OF_RUST: &str = "share/doc/rust/COPYRIGHT-library.html";

/// Makes the archive of the command in the folder, and returns its path as text. Cargo compiles in the folder `target`.
///
/// # Errors
///
/// Says what is wrong, or does not build.
pub(crate) fn archive(root: &Path, target: &Path, folder: &Path, built: &Built) -> Result<String> {
    checks::clean(root)?;
    let version = version::current(root)?;
    if let Some(command) = &built.command {
        is_given(command, &version)?;
    }
    let host = run::host(root)?;
    let top = format!("plugwright-{version}-{host}");
    files::create_folder(folder)?;
    let stage = files::stage(target)?;
    let prefix = stage.path().join(&top);
    install(root, target, &prefix, built)?;
    is_of(&prefix.join("bin/plugwright"), &version, "build it in a tree of that version")?;
    for paper in PAPERS {
        let name = paper.rsplit('/').next().unwrap_or(paper);
        files::copy(&root.join(paper), &prefix.join(name))?;
    }
    files::write(&prefix, "THIRD-PARTY-LICENSES.txt", &licences::licences(root, &host)?)?;
    let toolchain =
        run::output(Command::new("rustc").args(["--print", "sysroot"]).current_dir(root))?;
    let of_rust = Path::new(toolchain.trim_end()).join(OF_RUST);
    if of_rust.is_file() {
        files::copy(&of_rust, &prefix.join("LICENSES-RUST.html"))?;
    }
    let name = format!("{top}.tar.gz");
    run::say(&format!("packing {name}"));
    files::pack(stage.path(), &top, git::commit(root)?.time, &folder.join(&name))?;
    Ok(format!("{}\n", folder.join(&name).display()))
}

/// Checks that a command that was built before has this version.
///
/// # Errors
///
/// Says which version it has.
pub(crate) fn is_given(command: &Path, version: &Version) -> Result<()> {
    is_of(command, version, "leave out `--command` to build one")
}

/// Checks that the command has this version, or else says what to do.
fn is_of(command: &Path, version: &Version, what: &str) -> Result<()> {
    let said = run::output(Command::new(command).arg("--version"))?;
    if said.split_whitespace().nth(1) != Some(&*version.to_string()) {
        bail!(
            "`{}` is `{}` instead of version {version}: {what}",
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
        // With a target in cargo's configuration, the program is elsewhere, and an earlier one must not be packed.
        let program = target.join("release/plugwright");
        if program.exists() {
            fs::remove_file(&program)
                .with_context(|| format!("cannot remove `{}`", program.display()))?;
        }
        let mut just = Command::new("just");
        // These may name plugins and a command of another tree, and another system.
        for name in ["PLUGWRIGHT_DIST", "PLUGWRIGHT", "CARGO_BUILD_TARGET"] {
            just.env_remove(name);
        }
        // Repositories that this command makes depend on the release, and not on the folder where it was built.
        just.env("PLUGWRIGHT_RELEASED", "1").env("CARGO_TARGET_DIR", target);
        let done = run::run(just.arg("install").arg(prefix).current_dir(root));
        return done.map_err(|error| match program.exists() {
            true => error,
            false => error.context(format!(
                "there is no `{}`: if cargo compiled the command, remove `build.target` from cargo's configuration",
                program.display()
            )),
        });
    };
    let mut install = Command::new(command);
    install.arg("install").arg(prefix).arg("--adapters").arg(&built.adapters);
    run::output(&mut install).map(drop)
}
