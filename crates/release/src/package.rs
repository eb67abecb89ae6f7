//! Packages the crates to publish, and builds each package on its own: offline, from vendored sources, with the other
//! packages in the place of those that a registry does not have yet.

use std::env;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use flate2::read::GzDecoder;
use tar::Archive;

use crate::crates::Package;
use crate::{files, run};

/// Packages and builds the crates in `packages/` of the folder `target`, and returns that folder, which then contains
/// their `.crate` files.
///
/// # Errors
///
/// Names the crate that cannot be packaged, or that does not build from its package.
pub(crate) fn package(root: &Path, target: &Path, public: &[Package]) -> Result<PathBuf> {
    let folder = target.join("packages");
    let (vendor, build, unpacked) =
        (folder.join("vendor"), folder.join("build"), folder.join("unpacked"));
    files::create_folder(&folder)?;
    run::say("packaging the crates");
    let mut arguments = vec!["package", "--locked", "--no-verify"];
    arguments.extend(public.iter().flat_map(|it| ["--package", &*it.name]));
    run::run(cargo(root, &build).args(arguments))?;
    run::run(
        cargo(root, &build)
            .args(["vendor", "--quiet", "--locked", "--versioned-dirs"])
            .arg(&vendor),
    )?;

    if unpacked.exists() {
        fs::remove_dir_all(&unpacked).context("cannot remove the packages of an earlier run")?;
    }
    for package in public {
        unpack(&build.join("package").join(package.file()), &unpacked)
            .with_context(|| format!("cannot unpack the package of `{}`", package.name))?;
    }
    for package in public {
        run::say(&format!("building {} from its package", package.name));
        let here = unpacked.join(package.folder());
        let mut command = cargo(&here, &build);
        command.args(["build", "--offline", "--all-features"]);
        command.args(["--config", "source.crates-io.replace-with='vendor'"]);
        command.arg("--config").arg(format!("source.vendor.directory='{}'", vendor.display()));
        for other in public.iter().filter(|it| package.needs(it, public)) {
            let place = unpacked.join(other.folder());
            let patch = format!("patch.crates-io.{}.path='{}'", other.name, place.display());
            command.arg("--config").arg(patch);
        }
        run::run(&mut command)?;
    }
    for name in public.iter().map(Package::file) {
        fs::copy(build.join("package").join(&name), folder.join(&name))
            .with_context(|| format!("cannot copy `{name}` to `{}`", folder.display()))?;
    }
    Ok(folder)
}

fn cargo(root: &Path, target: &Path) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Nobody debugs these builds, and nobody repeats them.
    cargo.envs([("CARGO_PROFILE_DEV_DEBUG", "0"), ("CARGO_INCREMENTAL", "0")]);
    cargo.env("CARGO_TARGET_DIR", target).current_dir(root);
    cargo
}

/// Unpacks the package into the folder, as a workspace of its own: the folder is inside of another workspace.
fn unpack(file: &Path, folder: &Path) -> Result<()> {
    Archive::new(GzDecoder::new(File::open(file)?)).unpack(folder)?;
    let name = file.with_extension("");
    let name = name.file_name().context("the package has no name")?;
    let manifest = folder.join(name).join("Cargo.toml");
    let mut manifest = File::options().append(true).open(manifest)?;
    Ok(manifest.write_all(b"\n[workspace]\n")?)
}
