//! Plugins that are crates: what cargo knows about them, and how it compiles them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::{env, fs, path};

use anyhow::{Context as _, Result, anyhow};
use plugwright::ForeignText;
use serde::Deserialize;

use super::freshness::Left;
use super::program::output_of;
use super::run::{Run, Said};
use crate::project::plugin::Plugin;
use crate::project::target_features::TargetFeatures;
use crate::project::{self, Project};

/// The target that every crate is built for.
pub(crate) const TARGET: &str = "wasm32-wasip2";

/// The arguments with which cargo lists the crates of a workspace.
pub(crate) const METADATA: [&str; 4] = ["metadata", "--no-deps", "--format-version", "1"];

/// The crates of a project's workspace, and how to compile them.
pub(crate) struct Crates {
    builder: String,
    profile: String,
    metadata: Metadata,
    flags: Mutex<Option<String>>,
    /// Cargo runs one compilation at a time and prints a message while others wait, so callers wait here instead.
    turn: Mutex<()>,
}

/// A crate.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    crate_types: Vec<String>,
}

/// The output of `cargo metadata` for a workspace.
#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

impl Crates {
    /// Reads the crates of the project, whose folder has to be the working directory.
    ///
    /// # Errors
    ///
    /// Fails if there is no workspace, or its root is not the project's folder.
    pub(crate) fn of(project: &Project, builder: &str, profile: &str) -> Result<Self> {
        if !Path::new("Cargo.toml").is_file() {
            return Err(anyhow!(
                "there is no `Cargo.toml` in `{}`: plugins in Rust have to be members of a workspace there, which \
                 `plugwright init` creates",
                ForeignText::of_path(project.folder())
            ));
        }
        let metadata: Metadata = serde_json::from_str(&output_of("cargo", &METADATA)?)
            .context("cannot read the output of `cargo metadata`")?;
        let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if real(&metadata.workspace_root) != real(project.folder()) {
            return Err(anyhow!(
                "the root of the cargo workspace is `{}`: move `{}` there",
                ForeignText::of_path(&metadata.workspace_root),
                project::FILE
            ));
        }
        Ok(Self {
            builder: builder.to_owned(),
            profile: profile.to_owned(),
            metadata,
            flags: Mutex::default(),
            turn: Mutex::default(),
        })
    }

    /// Returns the words after `cargo` in the command that compiles crates.
    pub(crate) fn builder(&self) -> &str {
        &self.builder
    }

    /// Returns the cargo profile.
    pub(crate) fn profile(&self) -> &str {
        &self.profile
    }

    /// Returns the plugin's crate.
    ///
    /// # Errors
    ///
    /// Fails if the crate is not a member of the workspace.
    pub(crate) fn package(&self, plugin: &Plugin) -> Result<&Package> {
        let manifest = self.metadata.workspace_root.join(&plugin.folder).join("Cargo.toml");
        let found = self.metadata.packages.iter().find(|it| it.manifest_path == manifest);
        found.ok_or_else(|| {
            let folder = ForeignText::of_path(&plugin.folder);
            anyhow!(
                "`{folder}` is not a member of the workspace: add it to `members` in `Cargo.toml`"
            )
        })
    }

    /// Returns the path of the component that cargo builds.
    ///
    /// # Errors
    ///
    /// Fails if the crate is not a plugin.
    pub(crate) fn artifact(&self, package: &Package) -> Result<PathBuf> {
        let is_plugin = |target: &&Target| target.crate_types.iter().any(|it| it == "cdylib");
        let target = package.targets.iter().find(is_plugin).ok_or_else(|| {
            anyhow!(
                "`{}` does not build a plugin: add `crate-type = [\"cdylib\"]` to its `[lib]` table",
                ForeignText::of_path(&package.manifest_path)
            )
        })?;
        let folder = match &*self.profile {
            "dev" | "test" => "debug",
            "bench" => "release",
            profile => profile,
        };
        let file = format!("{}.wasm", target.name.replace('-', "_"));
        Ok(self.target().join(TARGET).join(folder).join(file))
    }

    /// Compiles the crate to the file `built` with these target features, and returns whether that succeeded. Waits
    /// until no other crate is being compiled, and then calls `begin`.
    ///
    /// # Errors
    ///
    /// Fails if a program cannot be run.
    pub(crate) fn compile(
        &self,
        package: &Package,
        features: &TargetFeatures,
        built: &Path,
        run: Run,
        begin: impl FnOnce(),
    ) -> Result<bool> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        begin();
        let left = Left::at(built);
        let is_done = self.cargo(package, features, run)?;
        let missed = left.missed(&self.metadata.workspace_root);
        match is_done && !missed.is_empty() {
            true => Ok(self.forget(package, &missed, run)? && self.cargo(package, features, run)?),
            false => Ok(is_done),
        }
    }

    /// Makes cargo discard what it compiled for the crates that contain these files. A file in no crate counts as one
    /// of `package`.
    fn forget(&self, package: &Package, files: &[PathBuf], run: Run) -> Result<bool> {
        let of = |file: &PathBuf| {
            let folders = self.metadata.packages.iter().filter_map(|package| {
                let folder = package.manifest_path.parent()?;
                file.starts_with(folder).then_some((folder.as_os_str().len(), package))
            });
            folders.max_by_key(|(length, _)| *length).map_or(package, |(_, package)| package)
        };
        let names: BTreeSet<&str> = files.iter().map(of).map(|package| &*package.name).collect();
        let mut command = Command::new("cargo");
        command.args(["clean", "--quiet", "--target", TARGET, "--profile", &self.profile]);
        command.args(names.into_iter().map(|name| format!("--package={name}")));
        run.run(command, Said::AtOnce)
    }

    fn cargo(&self, package: &Package, features: &TargetFeatures, run: Run) -> Result<bool> {
        let flags = self.flags(run)? + &features.flags();
        let mut command = Command::new("cargo");
        command.args(self.builder.split_whitespace()).args(["--target", TARGET]);
        command.args(["--profile", &self.profile]);
        command.arg("--config").arg(with_flags(&flags));
        // One crate at a time: crates that are built together enable each other's features in shared dependencies.
        command.arg(format!("--package={}", package.name));
        for flags in
            ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS"]
        {
            command.env_remove(flags);
        }
        // If both wasm targets are named, cargo-component builds only for the target on the command line.
        command.env("CARGO_BUILD_TARGET", "wasm32-wasip1");
        run.run(command, Said::AtOnce)
    }

    /// Returns the target folder as it is shown: relative to the current folder if it is inside it.
    fn target(&self) -> PathBuf {
        let own = env::current_dir().unwrap_or_default();
        let target = &self.metadata.target_directory;
        target.strip_prefix(own).unwrap_or(target).to_owned()
    }

    /// Returns the compiler flags that keep this machine's paths out of a plugin, so that the plugin has the same bytes
    /// wherever it is built. The flags are items of a TOML list.
    fn flags(&self, run: Run) -> Result<String> {
        let mut known = self.flags.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flags) = &*known {
            return Ok(flags.clone());
        }
        let root = env::current_dir().context("cannot determine the current folder")?;
        let verbose = output_of("rustc", &["-vV"])?;
        let commit = verbose.lines().find_map(|line| line.strip_prefix("commit-hash: "));
        let sysroot = output_of("rustc", &["--print", "sysroot"])?;
        let std = Path::new(sysroot.trim_end()).join("lib/rustlib/src/rust");
        let target =
            path::absolute(project::target()).context("cannot determine the current folder")?;
        // Normalize the path: if the flags differed, cargo would recompile everything.
        let target: PathBuf = target.components().collect();
        let mut remap = vec![(std, format!("/rustc/{}", commit.unwrap_or_default()))];
        // Cargo recompiles everything whenever the flags differ. Where each build has another folder, as in Nix, a
        // compiler wrapper adds these flags, so that cargo does not see them.
        let is_wrapped = env::var_os("PLUGWRIGHT_WRAPPED").is_some_and(|it| !it.is_empty());
        if !is_wrapped {
            remap.push((root.clone(), "/plugwright".to_owned()));
            remap.push((target.clone(), "/target".to_owned()));
        }
        let crates = crates_folder()?;
        if folders(&crates).is_empty() {
            // Paths can only be remapped for folders that exist. Like the build that follows, this obeys `Cargo.lock`
            // and removes entries from it that the workspace does not use.
            let mut fetch = Command::new("cargo");
            fetch.args(["fetch", "--target", TARGET]);
            if !run.run(fetch, Said::AtOnce)? {
                return Err(anyhow!("cannot download the crates: see the output above"));
            }
        }
        for registry in folders(&crates) {
            // The compiler resolves a linked crate to its real path.
            remap.extend(links(&registry));
            remap.push((registry, "/crates".to_owned()));
        }
        // The last matching flag wins, and this folder can be inside the target folder.
        if !is_wrapped && root.starts_with(&target) {
            remap.push((root, "/plugwright".to_owned()));
        }
        let mut flags = String::new();
        for (from, to) in remap {
            let from = from.to_str().with_context(|| {
                format!(
                    "the path `{}` is not UTF-8: build in another folder",
                    ForeignText::of_path(&from)
                )
            })?;
            // A JSON string is also a TOML string.
            flags += &serde_json::to_string(&format!("--remap-path-prefix={from}={to}"))?;
            flags.push(',');
        }
        *known = Some(flags.clone());
        Ok(flags)
    }
}

/// Returns the cargo setting that passes these flags to the compiler.
pub(crate) fn with_flags(flags: &str) -> String {
    format!("target.{TARGET}.rustflags=[{flags}]")
}

/// Returns the folder into which cargo unpacks crates, with a subfolder for each registry.
fn crates_folder() -> Result<PathBuf> {
    if let Some(folder) = env::var_os("PLUGWRIGHT_CRATES").filter(|it| !it.is_empty()) {
        return Ok(folder.into());
    }
    Ok(cargo_home()?.join("registry/src"))
}

/// Returns the folder in which cargo keeps its downloads.
///
/// # Errors
///
/// Fails if there is no home folder.
pub(crate) fn cargo_home() -> Result<PathBuf> {
    let home = env::var_os("CARGO_HOME").filter(|it| !it.is_empty()).map(PathBuf::from);
    let home = home.or_else(|| Some(env::home_dir()?.join(".cargo")));
    home.context("`HOME` is not set: set it to your home folder")
}

/// Returns the crates in a registry's folder that are symbolic links, by their targets.
fn links(registry: &Path) -> Vec<(PathBuf, String)> {
    let links = folders(registry).into_iter().filter(|folder| folder.is_symlink());
    let links = links.filter_map(|link| {
        let name = link.file_name()?.to_str()?;
        Some((fs::canonicalize(&link).ok()?, format!("/crates/{name}")))
    });
    links.collect()
}

/// Returns the subfolders of `folder`, sorted.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<_> = entries.map(|it| it.path()).filter(|it| it.is_dir()).collect();
    folders.sort();
    folders
}
