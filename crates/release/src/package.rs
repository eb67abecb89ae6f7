//! Packages the crates to publish, and builds each package on its own: offline, from vendored sources, with the other
//! packages in the place of those that a registry does not have yet.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use flate2::read::GzDecoder;
use serde_json::json;
use tar::Archive;
use toml_edit::Value;

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
    // Without dependencies from a registry, `cargo vendor` does not make it.
    files::create_folder(&vendor)?;
    run::say("packaging the crates");
    let mut arguments = vec!["package", "--locked", "--no-verify"];
    arguments.extend(public.iter().flat_map(|it| ["--package", &*it.name]));
    run::run(cargo(root, &build).args(arguments))?;
    run::run(
        cargo(root, &build)
            .args(["vendor", "--quiet", "--locked", "--versioned-dirs"])
            .arg(&vendor),
    )?;

    remove(&unpacked)?;
    for package in public {
        unpack(package, &build, &vendor, &unpacked)
            .with_context(|| format!("cannot unpack the package of `{}`", package.name))?;
    }
    let place = vendor.to_str().context("the target folder is not UTF-8: choose another one")?;
    let vendored = format!("source.vendor.directory={}", Value::from(place));
    for package in public {
        run::say(&format!("building {} from its package", package.name));
        let mut command = cargo(&unpacked.join(package.folder()), &build);
        command.args(["build", "--locked", "--offline", "--all-features"]);
        command.args(["--config", "source.crates-io.replace-with='vendor'", "--config", &vendored]);
        run::run(&mut command)?;
    }
    for name in public.iter().map(Package::file) {
        files::copy(&build.join("package").join(&name), &folder.join(&name))?;
    }
    Ok(folder)
}

fn cargo(root: &Path, target: &Path) -> Command {
    let mut cargo = run::cargo(root);
    // Nobody debugs these builds, and nobody repeats them.
    cargo.envs([("CARGO_PROFILE_DEV_DEBUG", "0"), ("CARGO_INCREMENTAL", "0")]);
    cargo.env("CARGO_TARGET_DIR", target);
    cargo
}

/// Unpacks the package twice: to build it, and beside the vendored crates, where the other packages find it. There it has the
/// checksum that a registry would give, which is in their lock files.
fn unpack(package: &Package, build: &Path, vendor: &Path, unpacked: &Path) -> Result<()> {
    let packages = build.join("package");
    let here = vendor.join(package.folder());
    remove(&here)?;
    for folder in [vendor, unpacked] {
        let file = File::open(packages.join(package.file()))?;
        Archive::new(GzDecoder::new(file)).unpack(folder)?;
    }
    let sha256 = files::digested(&packages, &package.file())?.sha256;
    let checksum = json!({ "files": {}, "package": sha256 });
    files::write(&here, ".cargo-checksum.json", &checksum.to_string())?;
    // It is a workspace of its own: the folder is inside of another workspace.
    let manifest = unpacked.join(package.folder()).join("Cargo.toml");
    let mut manifest = File::options().append(true).open(manifest)?;
    Ok(manifest.write_all(b"\n[workspace]\n")?)
}

/// Removes the folder of an earlier run.
fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("cannot remove `{}`", folder.display()))?;
    }
    Ok(())
}
