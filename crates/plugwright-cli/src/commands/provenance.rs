//! `plugwright provenance`: says where built plugins come from and what they are made of, in files beside
//! them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, ValueHint};
use plugwright::{FileKind, ForeignText, sha256};

use crate::commands::guest::Guest;
use crate::exit::{self, Failed};
use crate::linked::{CRATES, Linked, Lock};
use crate::text_argument::text;
use crate::tools::{output_of, version_of};
use crate::{output, sbom};
use plugwright_cli::sources::{material, read};
use plugwright_cli::statement::{COMMIT, Facts, LOCK, Parameters, Resource, Statement};

/// What every plugin is built for and how.
const TARGET: &str = "wasm32-wasip2";
const PROFILE: &str = "plugin";

/// The materials that are no files of this project.
const RUSTC: &str = "rustc";
const STD: &str = "std for wasm32-wasip2";

/// What every plugin is built from, besides its own crate and those crates of this workspace that it
/// depends on.
const COMMON: &[&str] =
    &["Cargo.toml", LOCK, "wit", "scripts/build", "rust-toolchain.toml", ".config/tools"];

/// Where guests are, plugins in other languages.
const GUESTS: &str = "tests/languages";

/// What every guest is built from, besides its own folder.
const COMMON_TO_GUESTS: &[&str] =
    &["tests/languages/deny-all.wat", "wit", "scripts/build", "scripts/tools", ".config/tools"];

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The plugins, as names in the folder of built plugins
    #[arg(required = true, value_name = "PLUGIN", value_parser = text())]
    plugins: Vec<String>,

    /// They are crates in `crates/`
    #[arg(long, requires = "builder", required_unless_present = "languages")]
    crates: bool,

    /// They are in other languages, in `tests/languages/`
    #[arg(long, conflicts_with_all = ["crates", "builder"])]
    languages: bool,

    /// What compiles crates, as words after `cargo`
    #[arg(long, value_name = "WORDS", default_value = "")]
    builder: String,

    /// Writes nothing, and names the plugins whose statements still hold
    #[arg(long, conflicts_with = "built")]
    current: bool,

    /// The plugin as cargo left it, with a list beside it of the files that it was built from
    #[arg(long, value_name = "FILE", required_unless_present = "current", value_hint = ValueHint::FilePath)]
    built: Option<PathBuf>,

    /// Who says so, a URI: what a person starts at a desk is not the same as what CI runs
    #[arg(
        long,
        value_name = "URI",
        env = "PLUGWRIGHT_BUILT_BY",
        default_value = "urn:plugwright:builder:local"
    )]
    built_by: String,
}

pub(crate) fn provenance(arguments: &Arguments, dist: &Path) -> Result<(), Failed> {
    let Arguments { plugins, built, built_by, .. } = arguments;
    let origin = Origin::of(arguments).map_err(exit::load)?;
    for plugin in plugins {
        if let Some(built) = built {
            write(plugin, &origin, built, built_by, dist)
                .with_context(|| format!("cannot say where `{plugin}` comes from"))
                .map_err(exit::load)?;
        } else if holds(plugin, &origin, dist).is_some() {
            output::tell(&format!("{plugin}\n")).map_err(exit::usage)?;
        }
    }
    Ok(())
}

/// What plugins are built of.
enum Origin {
    Crates { builder: String, compiler: Compiler, lock: Lock },
    Guests,
}

impl Origin {
    fn of(Arguments { languages, builder, .. }: &Arguments) -> Result<Self> {
        if *languages {
            return Ok(Self::Guests);
        }
        let (compiler, lock) = (Compiler::look()?, Lock::read(Path::new(LOCK))?);
        Ok(Self::Crates { builder: builder.clone(), compiler, lock })
    }

    /// What the build of the plugin is asked for.
    fn parameters(&self, plugin: &str) -> Result<Parameters> {
        let plugin = plugin.to_owned();
        Ok(match self {
            Self::Crates { builder, .. } => Parameters {
                plugin,
                target: Some(TARGET.to_owned()),
                profile: Some(PROFILE.to_owned()),
                builder: builder.clone(),
                environment: std::env::vars()
                    .filter(|(name, _)| name.starts_with("CARGO_PROFILE_PLUGIN_"))
                    .collect(),
            },
            Self::Guests => Parameters {
                builder: guest(&plugin)?.command,
                plugin,
                target: None,
                profile: None,
                // What guests in C and C++ take in the place of their compiler.
                environment: std::env::vars()
                    .filter(|(name, _)| ["WASI_CC", "WASI_CXX"].contains(&&**name))
                    .collect(),
            },
        })
    }
}

/// How the guest is built.
fn guest(plugin: &str) -> Result<Guest> {
    let manifest = Path::new(GUESTS).join(plugin).join("plugin.toml");
    Guest::read(&manifest)?
        .with_context(|| format!("`{}` has no `[build]`", ForeignText::of_path(&manifest)))
}

/// Says that the plugin's statement is there and holds: all that goes in and came out is as it says.
/// Which commit it is of does not matter, nor what other plugins need, nor the standard library's files,
/// which go with the compiler.
fn holds(plugin: &str, origin: &Origin, dist: &Path) -> Option<()> {
    let digest = sha256(&FileKind::PLUGIN.read(dist.join(format!("{plugin}.wasm"))).ok()?);
    let statement = Statement::read(dist, plugin, &digest).ok()?;
    let same = |root: &Path, it: &Resource| material(root, &it.name).is_ok_and(|now| now == *it);
    let as_said = *statement.parameters() == origin.parameters(plugin).ok()?
        && statement.byproducts().iter().all(|it| same(dist, it))
        && statement.materials().iter().all(|it| match (&*it.name, origin) {
            (COMMIT | LOCK | STD, _) => true,
            (RUSTC, Origin::Crates { compiler, .. }) => compiler.rustc == *it,
            (CRATES, Origin::Crates { lock, .. }) => lock.crates(&package(plugin)) == *it,
            _ => same(Path::new(""), it),
        });
    as_said.then_some(())
}

/// Writes the plugin's statement, and if it is a crate its bill of materials.
fn write(plugin: &str, origin: &Origin, built: &Path, built_by: &str, dist: &Path) -> Result<()> {
    let digest = sha256(&FileKind::PLUGIN.read(dist.join(format!("{plugin}.wasm")))?);
    let byproduct = |name: String| material(dist, &name);
    let mut byproducts = vec![byproduct(format!("symbols/{plugin}.wasm"))?];
    let (materials, tools) = match origin {
        Origin::Crates { builder, compiler, lock } => {
            let linked = Linked::of(&package(plugin), TARGET, lock)?;
            let sbom = sbom::sbom(plugin, &digest, &linked, &compiler.release);
            let sbom = serde_json::to_string_pretty(&sbom)? + "\n";
            output::write_beside(&sbom::path(dist, plugin), sbom.as_bytes())?;
            byproducts.push(byproduct(format!("{plugin}.cdx.json"))?);
            let mut materials = files_and_commit(&sources(&linked, built)?)?;
            materials.push(lock.crates(&package(plugin)));
            materials.extend([compiler.rustc.clone(), compiler.std()?]);
            (materials, tools_of_crates(builder)?)
        }
        Origin::Guests => {
            let mut names = vec![format!("{GUESTS}/{plugin}")];
            names.extend(COMMON_TO_GUESTS.iter().map(|&name| name.to_owned()));
            (files_and_commit(&names)?, tools_of_guest(&guest(plugin)?)?)
        }
    };
    let statement = Statement::new(Facts {
        plugin: Resource::new(format!("{plugin}.wasm"), "sha256", digest),
        parameters: origin.parameters(plugin)?,
        materials,
        builder: built_by.to_owned(),
        tools,
        byproducts,
    });
    let statement = serde_json::to_string_pretty(&statement)? + "\n";
    output::write_beside(&Statement::path(dist, plugin), statement.as_bytes())
}

/// The files and folders of this project that a crate is built from.
fn sources(linked: &Linked, built: &Path) -> Result<Vec<String>> {
    let root = std::env::current_dir().context("there is no current folder")?;
    let folders = linked.crates.values().filter_map(|it| it.folder.as_ref());
    let mut names: Vec<String> = folders
        .map(|folder| folder.strip_prefix(&root).unwrap_or(folder).to_string_lossy().into_owned())
        .collect();
    names.extend(COMMON.iter().map(|&name| name.to_owned()));
    for file in files_of(built, &root)? {
        if !names.iter().any(|name| Path::new(&file).starts_with(name)) {
            names.push(file);
        }
    }
    Ok(names)
}

/// These files and folders, and the commit that they are of.
fn files_and_commit(names: &[String]) -> Result<Vec<Resource>> {
    let mut materials: Vec<_> =
        names.iter().map(|name| material(Path::new(""), name)).collect::<Result<_>>()?;
    materials.extend(commit(names));
    Ok(materials)
}

fn package(plugin: &str) -> String {
    format!("plugin-{plugin}")
}

/// The files of this project that went into `built`, as cargo lists them in a file beside it.
fn files_of(built: &Path, root: &Path) -> Result<Vec<String>> {
    let list = String::from_utf8(read(&built.with_extension("d"))?)?;
    let (_, files) = list.trim_end().split_once(": ").unwrap_or_default();
    // What build scripts made is in the target folder, in which the plugin is too.
    let target = built.ancestors().nth(3).map(|target| root.join(target)).unwrap_or_default();
    let files = files.replace("\\ ", "\0");
    let files = files.split(' ').map(|file| file.replace('\0', " ")).map(PathBuf::from);
    let files = files.filter(|file| !file.starts_with(&target));
    Ok(files
        .filter_map(|file| Some(file.strip_prefix(root).ok()?.to_string_lossy().into_owned()))
        .collect())
}

/// The tools that take part in each build, with their versions.
fn tools() -> Result<BTreeMap<String, String>> {
    Ok(BTreeMap::from([
        ("plugwright".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("wasm-tools".to_owned(), version_of("wasm-tools", &["--version"])?),
    ]))
}

fn tools_of_crates(builder: &str) -> Result<BTreeMap<String, String>> {
    let mut tools = tools()?;
    tools.insert("cargo".to_owned(), version_of("cargo", &["--version"])?);
    if let Some(tool) = builder.strip_suffix(" build") {
        tools.insert(format!("cargo-{tool}"), version_of("cargo", &[tool, "--version"])?);
    }
    Ok(tools)
}

/// With those that the guest needs: the pipeline has seen to it that they are of these versions.
fn tools_of_guest(guest: &Guest) -> Result<BTreeMap<String, String>> {
    let mut tools = tools()?;
    let own = guest.tools.iter().filter_map(|tool| tool.split_once(' '));
    tools.extend(own.map(|(name, version)| (name.to_owned(), version.to_owned())));
    Ok(tools)
}

/// The compiler that is on the path.
struct Compiler {
    /// The Rust release.
    release: String,
    rustc: Resource,
}

impl Compiler {
    fn look() -> Result<Self> {
        let verbose = output_of("rustc", &["-vV"])?;
        let says = |key: &str| {
            let value = verbose.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
            value.unwrap_or_default().to_owned()
        };
        let mut rustc = Resource::new(RUSTC, "gitCommit", says("commit-hash"));
        rustc.uri = Some("git+https://github.com/rust-lang/rust".to_owned());
        let version = verbose.lines().next().unwrap_or_default().to_owned();
        rustc.annotations = BTreeMap::from([
            ("version".to_owned(), version),
            ("LLVM version".to_owned(), says("LLVM version")),
        ]);
        Ok(Self { release: says("release"), rustc })
    }

    /// The standard library that plugins are linked with.
    fn std(&self) -> Result<Resource> {
        let sysroot = output_of("rustc", &["--print", "sysroot"])?;
        let folder = Path::new(sysroot.trim_end()).join("lib/rustlib").join(TARGET);
        Ok(Resource { name: STD.to_owned(), ..material(&folder, "lib")? })
    }
}

/// The commit that the files `names` are of, if this folder is a repository and they are as they are
/// there.
fn commit(names: &[String]) -> Option<Resource> {
    let prefix = output_of("git", &["rev-parse", "--show-prefix"]).ok()?;
    let status: Vec<_> =
        ["status", "--porcelain", "--"].into_iter().chain(names.iter().map(|it| &**it)).collect();
    let changed = output_of("git", &status).ok()?;
    let commit = output_of("git", &["rev-parse", "HEAD"]).ok()?;
    let is_of_it = prefix.trim_end().is_empty() && changed.is_empty();
    is_of_it.then(|| Resource::new(COMMIT, "gitCommit", commit.trim_end()))
}
