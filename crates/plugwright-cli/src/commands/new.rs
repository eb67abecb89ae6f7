//! `plugwright new`: creates a plugin for a contract, with a first test case.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use clap::Args;
use plugwright::{Contract, ForeignText};

use crate::begun::{BegunFolder, cannot_write};
use crate::exit::{self, Failed};
use crate::pipeline::crates::{Crates, METADATA};
use crate::pipeline::program::output_of;
use crate::project::{self, Project};
use crate::skeleton::language::Language;
use crate::skeleton::rust_plugin::Dependency;
use crate::skeleton::{Request, Skeleton};
use crate::template::Template;
use crate::text_argument::text;
use crate::{log, output, readme, template};

/// Where the cases of plugins are.
const CASES: &str = "tests/cases";

#[derive(Debug, Args)]
#[command(after_help = "\
The plugin is generated from the WIT: each function that the world exports says that it is not written yet,
and a first case calls one of them. `plugwright.toml` can name templates to use instead.")]
pub(crate) struct Arguments {
    /// The name of the plugin: words of lowercase letters and digits, joined by `-`
    #[arg(value_name = "NAME", value_parser = text())]
    name: String,

    /// The world of the plugin [default: as set in `plugwright.toml`, or the only world of the contract]
    #[arg(long, value_name = "WORLD", value_parser = text())]
    world: Option<String>,

    /// The language of the plugin
    #[arg(long = "lang", value_name = "LANGUAGE", default_value = "rust")]
    language: Language,
}

pub(crate) fn new(arguments: &Arguments, project: Project) -> Result<(), Failed> {
    let Arguments { name, world, language } = arguments;
    let project = project.enter().map_err(exit::usage)?;
    if !project::is_name(name) {
        return Err(exit::usage(anyhow!(
            "`{}` is not a valid plugin name: use a lowercase letter, and then lowercase letters, digits and single `-`, 64 characters at most",
            ForeignText::from(&**name)
        )));
    }
    let is_crate = *language == Language::Rust;
    let folder = place(name, is_crate, &project).map_err(exit::usage)?;
    let contract = Chosen::of(world.as_deref().or(project.world()), &project)?;
    let world = &*contract.world;
    let begun = match project.template(world, language.name()) {
        Some(folders) => template::read(folders, name).map_err(exit::usage)?,
        None => contract.skeleton(name, *language, &folder).map_err(exit::contract)?,
    };
    let cases = Path::new(CASES).join(name);
    let source = if is_crate { folder.join("src/lib.rs") } else { folder.clone() };
    let summary = begun.summary.unwrap_or_else(|| format!("Begun in {}", language.title()));
    let readme = readme::with_row(name, &source, world, &summary).map_err(exit::usage)?;
    let parts = [(&begun.files, &*folder), (&begun.cases, &*cases)];
    let written = parts.map(|(files, folder)| write(files, &begun.programs, folder));
    let [one, other] = written;
    let parts = [(one.map_err(exit::usage)?, &*folder), (other.map_err(exit::usage)?, &*cases)];
    let there = BegunFolder::create_all(parts).map_err(exit::usage)?;
    // This runs cargo now, so that errors in the workspace show here and not at the first build.
    let member = if is_crate { member(name, &project) } else { no_member(&folder) };
    let done = member.and_then(|()| readme.map_or(Ok(()), |text| readme::write(&text)));
    if let Err(error) = done {
        for folder in [&folder, &cases] {
            // Remove everything, so that the user can run the same command again.
            let _ = fs::remove_dir_all(folder);
        }
        return Err(exit::usage(error));
    }
    drop(there);
    let shown = ForeignText::of_path(&folder);
    log::show_text(&format!(
        "created {shown}/ and {CASES}/{name}/: build the plugin with `plugwright build {name}`, and review the results \
         of its cases with `plugwright test {name} --review`\n"
    ));
    Ok(())
}

/// Checks that the plugin is a member of the workspace.
fn member(name: &str, project: &Project) -> Result<()> {
    let crates = Crates::of(project, project.builder(), project.profile())?;
    for plugin in project.named(&project.plugins()?, &[name.to_owned()])? {
        crates.package(&plugin)?;
    }
    Ok(())
}

/// Checks that cargo does not take the folder for a crate, which a pattern in its manifest can cause.
fn no_member(folder: &Path) -> Result<()> {
    if !Path::new("Cargo.toml").is_file() {
        return Ok(());
    }
    let shown = ForeignText::of_path(folder);
    match output_of("cargo", &METADATA) {
        Err(error) if format!("{error:#}").contains(&*folder.to_string_lossy()) => Err(anyhow!(
            "cargo takes `{shown}` for a crate and fails: add `exclude = [\"{shown}\"]` to `[workspace]` in \
             `Cargo.toml`, or set `plugins` in `{}` to put plugins that are not crates into another folder",
            project::FILE
        )),
        // Other errors of cargo do not concern this plugin.
        _ => Ok(()),
    }
}

/// Returns the folder of the new plugin, after checking that nothing is there.
fn place(name: &str, is_crate: bool, project: &Project) -> Result<PathBuf> {
    if is_crate && !Path::new("Cargo.toml").is_file() {
        let wit = project.wit();
        let given = match wit.is_dir() {
            true => format!(" --wit {}", ForeignText::of_path(wit)),
            false => String::new(),
        };
        return Err(anyhow!(
            "there is no `Cargo.toml` in `{}`, and a plugin in Rust needs a workspace: create a repository that has one \
             with `plugwright init FOLDER{given}`, or choose another language with `--lang`",
            ForeignText::of_path(project.folder()),
        ));
    }
    let folder = project.place(name, is_crate)?.ok_or_else(|| {
        anyhow!("`plugins` in `{}` has no pattern with `*` for new plugins: add one", project::FILE)
    })?;
    let plugins = project.plugins()?;
    let same = plugins.iter().find(|it| it.name == *name).map(|it| it.folder.clone());
    let taken = [Some(folder.clone()), same, Some(Path::new(CASES).join(name))];
    match taken.into_iter().flatten().find(|path| path.symlink_metadata().is_ok()) {
        Some(path) => Err(anyhow!(
            "`{}` already exists: choose another name, or remove it",
            ForeignText::of_path(&path)
        )),
        None => Ok(folder),
    }
}

/// A world of the project's contracts.
struct Chosen {
    contract: Contract,
    world: String,
}

impl Chosen {
    /// Returns the world of that name, or the only world without a name.
    fn of(name: Option<&str>, project: &Project) -> Result<Self, Failed> {
        let wit = project.wit();
        let contracts = Contract::read_all(&wit).map_err(exit::contract)?;
        let is_release = |path: &Path| path.parent().is_some_and(|it| it.ends_with("releases"));
        let contracts = contracts.into_iter().filter(|it| !is_release(it.path()));
        let worlds: Vec<_> = contracts
            .flat_map(|contract| {
                let worlds = contract.worlds().into_iter();
                worlds.map(|world| (contract.clone(), world)).collect::<Vec<_>>()
            })
            .collect();
        let chosen: Vec<_> = worlds
            .iter()
            .filter(|(_, world)| name.is_none_or(|name| world.is_called(name)))
            .collect();
        if let [(contract, world)] = &*chosen {
            return Ok(Self { contract: contract.clone(), world: world.short_name().to_owned() });
        }
        let is_none = chosen.is_empty();
        let listed = if is_none { worlds.iter().collect() } else { chosen };
        let several = listed
            .iter()
            .any(|(contract, _)| Some(contract.name()) != listed.first().map(|(it, _)| it.name()));
        let names: Vec<_> = listed
            .iter()
            .map(|(_, world)| if several { world.name() } else { world.short_name() })
            .map(|name| format!("`{}`", ForeignText::from(name)))
            .collect();
        let names = if names.is_empty() { "no worlds".to_owned() } else { names.join(", ") };
        let wit = ForeignText::of_path(&wit);
        Err(exit::usage(match name {
            Some(name) if is_none => {
                anyhow!(
                    "there is no world `{}` in `{wit}`, which has {names}",
                    ForeignText::from(name)
                )
            }
            Some(name) => anyhow!(
                "there are several worlds `{}` in `{wit}`: name one of {names} with `--world`",
                ForeignText::from(name)
            ),
            None => anyhow!(
                "cannot choose the world of the plugin: `{wit}` has {names}; name one with `--world`"
            ),
        }))
    }

    /// Returns the files of a plugin whose functions all say that they are not written yet.
    fn skeleton(&self, name: &str, language: Language, folder: &Path) -> Result<Template> {
        let (resolve, package) = self.contract.resolve();
        let worlds = resolve.packages.get(package).map(|package| &package.worlds);
        let world = worlds.and_then(|worlds| worlds.get(&self.world)).copied();
        let world = world.with_context(|| format!("there is no world `{}`", self.world))?;
        let wit = from(folder, self.contract.path());
        let request = Request { resolve, world, name, wit: &wit };
        let Skeleton { files, cases } = language.plugin(&request, wit_bindgen())?;
        Ok(Template { files, cases, summary: None, programs: Vec::new() })
    }
}

/// Returns how a crate depends on wit-bindgen: through the workspace, if the workspace has that dependency.
fn wit_bindgen() -> Dependency {
    #[derive(serde::Deserialize)]
    struct Manifest {
        workspace: Option<Workspace>,
    }
    #[derive(serde::Deserialize)]
    struct Workspace {
        #[serde(default)]
        dependencies: BTreeMap<String, toml::Value>,
    }
    let text = template::TEXT.read_text(Path::new("Cargo.toml")).unwrap_or_default();
    let manifest = toml::from_str::<Manifest>(&text).ok();
    let dependencies = manifest.and_then(|it| it.workspace).map(|it| it.dependencies);
    match dependencies.is_some_and(|it| it.contains_key("wit-bindgen")) {
        true => Dependency::Workspace,
        false => Dependency::Release,
    }
}

/// Returns `path`, which is relative to the project's folder, as a path relative to `folder` in the project.
fn from(folder: &Path, path: &Path) -> String {
    if path.is_absolute() {
        return path.to_string_lossy().into_owned();
    }
    let up = folder.components().map(|_| "..");
    let down = path.components().map(|it| it.as_os_str().to_str().unwrap_or_default());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// Writes the files into a temporary folder beside `folder`, which it replaces once all files are written.
fn write(
    files: &BTreeMap<PathBuf, String>,
    programs: &[PathBuf],
    folder: &Path,
) -> Result<BegunFolder> {
    let cannot = || cannot_write(folder);
    let above = output::folder_of(folder);
    output::create_folder(above)?;
    let begun = BegunFolder::shared(above).with_context(cannot)?;
    for (path, text) in files {
        let is_program = programs.contains(path);
        output::create_file(&begun.path().join(path), text, is_program).with_context(cannot)?;
    }
    Ok(begun)
}
