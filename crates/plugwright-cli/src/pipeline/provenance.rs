//! The provenance and the bill of materials of built plugins, which are written beside them.

use std::collections::BTreeMap;
use std::path::Path;

use crate::sources::{material, read};
use crate::statement::{COMMIT, Facts, LOCK, Parameters, Resource, Statement};
use anyhow::{Context as _, Result};
use plugwright::{FileKind, sha256};

use super::crates::{Crates, TARGET};
use super::freshness::files_of;
use super::linked::{CRATES, Linked, Lock};
use super::program::{output_of, version_of};
use super::{pinned, sbom};
use crate::output;
use crate::project::build_table::BuildTable;
use crate::project::plugin::Plugin;
use crate::project::target_features::TargetFeatures;

/// The materials that are not files of this project.
const RUSTC: &str = "rustc";
const STD: &str = "std for wasm32-wasip2";

/// The files at the top of the project that go into every crate, if they exist. Its own files, its contract and the
/// crates of this workspace that it depends on go in as well.
const COMMON: &[&str] =
    &["Cargo.toml", LOCK, "rust-toolchain.toml", ".cargo/config.toml", ".config/tools"];

/// The same files for plugins in other languages.
const COMMON_TO_LANGUAGES: &[&str] = &[".config/tools"];

/// What a plugin is built from.
pub(crate) enum Origin<'a> {
    /// A crate.
    Crate(&'a Workspace, &'a Crates),
    /// A folder with a plugin in another language, and the tools that all plugins have in common.
    Language(&'a BuildTable, &'a Tools),
}

/// The names of tools, with their versions.
pub(crate) type Tools = BTreeMap<String, String>;

/// The state of files and folders before a plugin was compiled, by their names.
pub(crate) type Before = BTreeMap<String, Resource>;

/// What all crates have in common.
pub(crate) struct Workspace {
    compiler: Compiler,
    lock: Lock,
    tools: Tools,
}

impl Workspace {
    /// Reads the version of the compiler, and `Cargo.lock` in the current folder, which cargo may not have written yet.
    ///
    /// # Errors
    ///
    /// Fails if there is no compiler, or `Cargo.lock` is not valid.
    pub(crate) fn look(builder: &str) -> Result<Self> {
        let lock = Path::new(LOCK);
        let lock = if lock.is_file() { Lock::read(lock)? } else { Lock::default() };
        Ok(Self { compiler: Compiler::look()?, lock, tools: tools_of_crates(builder) })
    }
}

impl Origin<'_> {
    /// Returns the files at the top of the project that go into every build of this kind.
    fn common(&self) -> &'static [&'static str] {
        match self {
            Self::Crate(..) => COMMON,
            Self::Language(..) => COMMON_TO_LANGUAGES,
        }
    }

    /// Returns the parameters of the plugin's build.
    fn parameters(&self, plugin: &Plugin) -> Parameters {
        let variables = |is_one: &dyn Fn(&str) -> bool| {
            let variables = std::env::vars_os().filter_map(|(name, value)| {
                let name = name.into_string().ok().filter(|name| is_one(name))?;
                Some((name, value.to_string_lossy().into_owned()))
            });
            variables.collect::<BTreeMap<_, _>>()
        };
        let plugin = plugin.name.clone();
        match self {
            Self::Crate(_, crates) => {
                let profile = crates.profile();
                let of_profile =
                    format!("CARGO_PROFILE_{}_", profile.replace('-', "_").to_uppercase());
                Parameters {
                    plugin,
                    target: Some(TARGET.to_owned()),
                    profile: Some(profile.to_owned()),
                    builder: crates.builder().to_owned(),
                    environment: variables(&|name| name.starts_with(&of_profile)),
                }
            }
            Self::Language(table, _) => Parameters {
                plugin,
                target: None,
                profile: None,
                builder: table.command.clone(),
                // These override the compiler of plugins in C and C++.
                environment: variables(&|name| ["WASI_CC", "WASI_CXX"].contains(&name)),
            },
        }
    }
}

impl Origin<'_> {
    /// Returns the tools that build the plugin. The pipeline has already checked the versions of the tools in the
    /// plugin's manifest.
    fn tools(&self) -> Tools {
        match self {
            Self::Crate(workspace, _) => workspace.tools.clone(),
            Self::Language(table, common) => {
                let own = table.tools.iter().filter_map(|tool| tool.split_once(' '));
                let own = own.map(|(name, version)| (name.to_owned(), version.to_owned()));
                (*common).clone().into_iter().chain(own).collect()
            }
        }
    }

    /// Records the current state of everything that goes into the plugin. This has to happen before it is compiled,
    /// because a file can be saved during the compilation.
    ///
    /// # Errors
    ///
    /// Fails if one of the plugin's own files cannot be read.
    pub(crate) fn look(&self, plugin: &Plugin, dist: &Path) -> Result<Before> {
        let is_file = |name: &String| ![COMMIT, LOCK, STD, RUSTC, CRATES].contains(&&**name);
        let own = [text_of(&plugin.folder), text_of(&plugin.wit)].into_iter();
        let own = own.chain(there(self.common())).filter(is_file);
        let mut before = Before::new();
        for name in own {
            let found = material(Path::new(""), &name)?;
            before.insert(name, found);
        }
        // Other crates of the workspace that went into the last build.
        let known = statement_of(plugin, dist).ok();
        let known = known.iter().flat_map(Statement::materials).map(|it| it.name.clone());
        for name in known.filter(is_file) {
            if let Ok(found) = material(Path::new(""), &name) {
                before.entry(name).or_insert(found);
            }
        }
        Ok(before)
    }
}

/// Reads the statement of the plugin in the folder `dist`.
fn statement_of(plugin: &Plugin, dist: &Path) -> Result<Statement> {
    let file = dist.join(format!("{}.wasm", plugin.name));
    Statement::read(dist, &plugin.name, &sha256(&FileKind::PLUGIN.read(file)?))
}

/// Returns whether the plugin's statement exists and is still true for all inputs and outputs of the build. It ignores
/// the commit, the crates of other plugins, and the files of the standard library, which belong to the compiler.
pub(crate) fn holds(plugin: &Plugin, origin: &Origin<'_>, dist: &Path) -> bool {
    let Ok(statement) = statement_of(plugin, dist) else { return false };
    let crates = match origin {
        Origin::Crate(workspace, crates) => match crates.package(plugin) {
            Ok(package) => Some((workspace, &*package.name)),
            Err(_) => return false,
        },
        Origin::Language(..) => None,
    };
    let same = |root: &Path, it: &Resource| material(root, &it.name).is_ok_and(|now| now == *it);
    // A file that did not exist, or did not belong to the plugin, is missing from the statement.
    let own = [text_of(&plugin.folder), text_of(&plugin.wit)];
    let mut needed = own.into_iter().chain(there(origin.common()));
    *statement.parameters() == origin.parameters(plugin)
        && *statement.tools() == origin.tools()
        && needed.all(|name| statement.materials().iter().any(|it| it.name == name))
        && statement.byproducts().iter().all(|it| same(dist, it))
        && statement.materials().iter().all(|it| match (&*it.name, crates) {
            (COMMIT | LOCK | STD, _) => true,
            (RUSTC, Some((workspace, _))) => workspace.compiler.rustc == *it,
            (CRATES, Some((workspace, package))) => workspace.lock.crates(package) == *it,
            _ => same(Path::new(""), it),
        })
}

/// The texts that are written beside a plugin: its statement, and a bill of materials if it is a crate.
pub(crate) struct Papers {
    statement: String,
    sbom: Option<String>,
}

impl Papers {
    /// Writes the files for the plugin `name` in the folder `dist`. The statement comes last, because a valid statement
    /// means that all other files are there.
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be written.
    pub(crate) fn write(&self, name: &str, dist: &Path) -> Result<()> {
        if let Some(sbom) = &self.sbom {
            output::write_beside(&sbom::path(dist, name), sbom.as_bytes())?;
        }
        output::write_beside(&Statement::path(dist, name), self.statement.as_bytes())
    }
}

/// Creates the texts for the plugin in the file `new`, which was compiled to the file `built`. `built_by` is the URI of
/// the builder. The inputs are recorded as they were `before` the compilation, so that the next build notices files
/// that were saved meanwhile.
///
/// # Errors
///
/// Fails if a file cannot be read, or a program cannot be run.
pub(crate) fn papers(
    plugin: &Plugin,
    origin: &Origin<'_>,
    before: &Before,
    built: &Path,
    new: &Path,
    built_by: &str,
) -> Result<Papers> {
    let name = &*plugin.name;
    let digest = sha256(&FileKind::PLUGIN.read(new)?);
    let byproduct = |name: String, bytes: &[u8]| Resource::new(name, "sha256", sha256(bytes));
    let mut byproducts = vec![byproduct(format!("symbols/{name}.wasm"), &read(built)?)];
    let mut bill = None;
    let materials = match origin {
        Origin::Crate(Workspace { compiler, .. }, crates) => {
            let package = &*crates.package(plugin)?.name;
            // Read the lock again: cargo may have added a new crate.
            let lock = Lock::read(Path::new(LOCK))?;
            let linked = Linked::of(package, &TargetFeatures::read(&plugin.manifest())?, &lock)?;
            let sbom = sbom::sbom(name, &digest, &linked, &compiler.release);
            let sbom = serde_json::to_string_pretty(&sbom)? + "\n";
            byproducts.push(byproduct(format!("{name}.cdx.json"), sbom.as_bytes()));
            bill = Some(sbom);
            let mut materials = files_and_commit(&sources(plugin, &linked, built)?, before)?;
            materials.push(lock.crates(package));
            materials.extend([compiler.rustc.clone(), compiler.std()?]);
            materials
        }
        Origin::Language(..) => {
            let mut names = vec![text_of(&plugin.folder), text_of(&plugin.wit)];
            names.extend(there(origin.common()));
            files_and_commit(&names, before)?
        }
    };
    let statement = Statement::new(Facts {
        plugin: Resource::new(format!("{name}.wasm"), "sha256", digest),
        parameters: origin.parameters(plugin),
        materials,
        builder: built_by.to_owned(),
        tools: origin.tools(),
        byproducts,
    });
    let statement = serde_json::to_string_pretty(&statement)? + "\n";
    Ok(Papers { statement, sbom: bill })
}

/// Returns the files and folders of this project that a crate is built from.
fn sources(plugin: &Plugin, linked: &Linked, built: &Path) -> Result<Vec<String>> {
    let root = std::env::current_dir().context("cannot determine the current folder")?;
    let folders = linked.crates.values().filter_map(|it| it.folder.as_ref());
    let mut names: Vec<String> = folders
        .map(|folder| folder.strip_prefix(&root).unwrap_or(folder).to_string_lossy().into_owned())
        .collect();
    names.push(text_of(&plugin.wit));
    names.extend(there(COMMON));
    for file in files_of(built, &root)? {
        if !names.iter().any(|name| Path::new(&file).starts_with(name)) {
            names.push(file);
        }
    }
    Ok(names)
}

/// Returns the state of these files and folders `before` the build, or their current state if that is not known, and
/// the commit that they belong to.
fn files_and_commit(names: &[String], before: &Before) -> Result<Vec<Resource>> {
    let as_it_was = |name: &String| match before.get(name) {
        Some(material) => Ok(material.clone()),
        None => material(Path::new(""), name),
    };
    let mut materials: Vec<_> = names.iter().map(as_it_was).collect::<Result<_>>()?;
    materials.extend(commit(names));
    Ok(materials)
}

/// Returns the files that exist.
fn there(files: &[&str]) -> impl Iterator<Item = String> {
    files.iter().filter(|file| Path::new(file).is_file()).map(|&file| file.to_owned())
}

fn text_of(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Returns the tools of every build. A tool that cannot be run has an empty version. The stage that needs it reports
/// the error.
pub(crate) fn common_tools() -> Tools {
    let wasm_tools = version_of("wasm-tools", &["--version"]).unwrap_or_default();
    BTreeMap::from([
        ("plugwright".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("wasm-tools".to_owned(), wasm_tools),
    ])
}

fn tools_of_crates(builder: &str) -> Tools {
    let mut tools = common_tools();
    let cargo = |arguments: &[&str]| version_of("cargo", arguments).unwrap_or_default();
    tools.insert("cargo".to_owned(), cargo(&["--version"]));
    if let Some(tool) = pinned::tool_of(builder) {
        tools.insert(format!("cargo-{tool}"), cargo(&[tool, "--version"]));
    }
    tools
}

/// The compiler on the `PATH`.
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

    /// Returns the standard library that plugins are linked with.
    fn std(&self) -> Result<Resource> {
        let sysroot = output_of("rustc", &["--print", "sysroot"])?;
        let folder = Path::new(sysroot.trim_end()).join("lib/rustlib").join(TARGET);
        Ok(Resource { name: STD.to_owned(), ..material(&folder, "lib")? })
    }
}

/// Returns the current commit if this folder is the top of a repository and the files `names` have no uncommitted
/// changes.
fn commit(names: &[String]) -> Option<Resource> {
    let prefix = output_of("git", &["rev-parse", "--show-prefix"]).ok()?;
    let status: Vec<_> =
        ["status", "--porcelain", "--"].into_iter().chain(names.iter().map(|it| &**it)).collect();
    let changed = output_of("git", &status).ok()?;
    let commit = output_of("git", &["rev-parse", "HEAD"]).ok()?;
    let is_of_it = prefix.trim_end().is_empty() && changed.is_empty();
    is_of_it.then(|| Resource::new(COMMIT, "gitCommit", commit.trim_end()))
}
