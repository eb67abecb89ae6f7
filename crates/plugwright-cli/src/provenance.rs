//! `plugwright provenance`: says where built plugins come from and what they are made of, in files beside
//! them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, ValueHint};
use plugwright::sha256;

use crate::exit::{self, Failed};
use crate::linked::{CRATES, Linked, Lock};
use crate::sources::{material, read};
use crate::statement::{COMMIT, Facts, LOCK, Parameters, Resource, Statement};
use crate::tools::{output_of, version_of};
use crate::{bill, output};

/// What every plugin is built for and how.
const TARGET: &str = "wasm32-wasip2";
const PROFILE: &str = "plugin";

/// The materials that are no files of this project.
const RUSTC: &str = "rustc";
const STD: &str = "std for wasm32-wasip2";

/// What every plugin is built from, besides its own crate and those crates of this workspace that it
/// depends on.
const COMMON: &[&str] =
    &["Cargo.toml", LOCK, "wit", "justfile", "rust-toolchain.toml", ".config/tools"];

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The plugins, as names in the folder of built plugins
    #[arg(required = true, value_name = "PLUGIN")]
    plugins: Vec<String>,

    /// What builds them, as words after `cargo`
    #[arg(long, value_name = "WORDS")]
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
    let Arguments { plugins, builder, built, built_by, .. } = arguments;
    let compiler = Compiler::look().map_err(exit::load)?;
    let lock = Lock::read(Path::new(LOCK)).map_err(exit::load)?;
    for plugin in plugins {
        let parameters = Parameters {
            plugin: plugin.clone(),
            target: TARGET.to_owned(),
            profile: PROFILE.to_owned(),
            builder: builder.clone(),
            environment: std::env::vars()
                .filter(|(name, _)| name.starts_with("CARGO_PROFILE_PLUGIN_"))
                .collect(),
        };
        if let Some(built) = built {
            write(parameters, &compiler, &lock, built, built_by, dist)
                .with_context(|| format!("cannot say where `{plugin}` comes from"))
                .map_err(exit::load)?;
        } else if holds(&parameters, &compiler, &lock, dist).is_some() {
            output::write(None, format!("{plugin}\n").as_bytes()).map_err(exit::usage)?;
        }
    }
    Ok(())
}

/// Says that the plugin's statement is there and holds: all that goes in and came out is as it says.
/// Which commit it is of does not matter, nor what other plugins need, nor the standard library's files,
/// which go with the compiler.
fn holds(parameters: &Parameters, compiler: &Compiler, lock: &Lock, dist: &Path) -> Option<()> {
    let name = &parameters.plugin;
    let digest = sha256(&fs::read(dist.join(format!("{name}.wasm"))).ok()?);
    let statement = Statement::read(dist, name, &digest).ok()?;
    let same = |root: &Path, it: &Resource| material(root, &it.name).is_ok_and(|now| now == *it);
    let as_said = statement.parameters() == parameters
        && statement.byproducts().iter().all(|it| same(dist, it))
        && statement.materials().iter().all(|it| match &*it.name {
            COMMIT | LOCK | STD => true,
            RUSTC => compiler.rustc == *it,
            CRATES => lock.crates(&package(name)) == *it,
            _ => same(Path::new(""), it),
        });
    as_said.then_some(())
}

/// Writes the plugin's statement and its bill of materials.
fn write(
    parameters: Parameters,
    compiler: &Compiler,
    lock: &Lock,
    built: &Path,
    built_by: &str,
    dist: &Path,
) -> Result<()> {
    let plugin = parameters.plugin.clone();
    let root = std::env::current_dir().context("there is no current folder")?;
    let linked = Linked::of(&package(&plugin), TARGET, lock)?;
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
    let mut materials: Vec<_> =
        names.iter().map(|name| material(Path::new(""), name)).collect::<Result<_>>()?;
    materials.push(lock.crates(&package(&plugin)));
    materials.extend(commit(&names));
    materials.extend([compiler.rustc.clone(), compiler.std()?]);

    let path = dist.join(format!("{plugin}.wasm"));
    let digest = sha256(&read(&path)?);
    let bill = bill::bill(&plugin, &digest, &linked, &compiler.release);
    let bill = serde_json::to_string_pretty(&bill)? + "\n";
    let bill_path = bill::path(dist, &plugin);
    output::write(Some(&bill_path), bill.as_bytes())?;

    let byproduct = |name: String| material(dist, &name);
    let statement = Statement::new(Facts {
        plugin: Resource::new(format!("{plugin}.wasm"), "sha256", digest),
        materials,
        builder: built_by.to_owned(),
        tools: tools(&parameters.builder)?,
        byproducts: vec![
            byproduct(format!("symbols/{plugin}.wasm"))?,
            byproduct(format!("{plugin}.cdx.json"))?,
        ],
        parameters,
    });
    let statement = serde_json::to_string_pretty(&statement)? + "\n";
    output::write(Some(&Statement::path(dist, &plugin)), statement.as_bytes())
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

/// The tools that take part, with their versions.
fn tools(builder: &str) -> Result<BTreeMap<String, String>> {
    let mut tools = BTreeMap::from([
        ("cargo".to_owned(), version_of("cargo", &["--version"])?),
        ("plugwright".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("wasm-tools".to_owned(), version_of("wasm-tools", &["--version"])?),
    ]);
    if let Some(tool) = builder.strip_suffix(" build") {
        tools.insert(format!("cargo-{tool}"), version_of("cargo", &[tool, "--version"])?);
    }
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
