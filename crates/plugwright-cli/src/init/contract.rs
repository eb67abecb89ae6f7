//! The user's contract for a new repository, and the files that are generated from it: a plugin and an application.

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use plugwright::{Contract, ForeignText, WitFile};
use wit_parser::WorldId;

use crate::exit::{self, Failed};
use crate::init::file::File;
use crate::project::is_name;
use crate::skeleton::rust_plugin::{self, Dependency};
use crate::skeleton::{Request, Skeleton, application};

/// The user's contract and its first plugin.
pub(crate) struct Given {
    contract: Contract,
    world: WorldId,
    world_name: String,
    plugin: String,
}

impl Given {
    /// Reads the contract in the folder or file `path`. Without `world`, the contract has to have exactly one world.
    pub(crate) fn read(
        path: &Path,
        world: Option<&str>,
        plugin: Option<&str>,
    ) -> Result<Self, Failed> {
        let given = Self::of(path, world, plugin).map_err(exit::contract)?;
        let name = ForeignText::from(given.plugin());
        match (is_name(given.plugin()), plugin) {
            (true, _) => Ok(given),
            (_, Some(_)) => Err(exit::usage(anyhow!(
                "`{name}` is not a valid plugin name: use lowercase letters and digits, in words joined by `-`"
            ))),
            (_, None) => Err(exit::usage(anyhow!(
                "the world's name `{name}` is not a valid plugin name: choose a name with `--name`"
            ))),
        }
    }

    fn of(path: &Path, world: Option<&str>, plugin: Option<&str>) -> Result<Self> {
        let contract = Contract::read(path)?;
        let shown = ForeignText::of_path(path);
        if contract.files().is_empty() {
            bail!(
                "`{shown}` is an encoded contract, not WIT text: convert it with `wasm-tools component wit FILE --out-dir \
                 wit`, and name that folder"
            );
        }
        let chosen = match (world, &*contract.worlds()) {
            (Some(name), _) => contract.world(name)?,
            (None, [only]) => only.clone(),
            (None, []) => bail!(
                "`{}` has no world that says what plugins import and export: add one to `{}`, such as `world plugin \
                 {{ export …; }}`",
                ForeignText::from(contract.name()),
                ForeignText::of_path(contract.main_file())
            ),
            (None, several) => {
                let names = several.iter().map(|it| format!("`{}`", it.short_name()));
                bail!(
                    "`{}` has several worlds, {}: choose the first plugin's world with `--world`",
                    ForeignText::from(contract.name()),
                    names.collect::<Vec<_>>().join(", ")
                );
            }
        };
        let name = chosen.short_name().to_owned();
        let (resolve, package) = contract.resolve();
        let found = resolve.packages.get(package).and_then(|it| it.worlds.get(&*name));
        let world = *found.ok_or_else(|| anyhow!("there is no world `{name}` in `{shown}`"))?;
        let plugin = plugin.map_or_else(|| name.to_ascii_lowercase(), str::to_owned);
        Ok(Self { contract, world, world_name: name, plugin })
    }

    /// Returns the contract.
    pub(crate) fn contract(&self) -> &Contract {
        &self.contract
    }

    /// Returns the name of the first plugin's world.
    pub(crate) fn world(&self) -> &str {
        &self.world_name
    }

    /// Returns the name of the first plugin.
    pub(crate) fn plugin(&self) -> &str {
        &self.plugin
    }

    /// Returns the files of the repository that depend on the contract: the contract and the packages that it uses in
    /// `wit`, a plugin skeleton with a first case, and the application's source.
    pub(crate) fn files(&self) -> Result<Vec<File>> {
        let mut files = self.wit()?;
        let (resolve, _) = self.contract.resolve();
        let request = |wit| Request { resolve, world: self.world, name: &self.plugin, wit };
        let Skeleton { files: plugin, cases } =
            rust_plugin::plugin(&request("../../wit"), Dependency::Workspace)?;
        let application = application::application(&request("../wit"), &self.plugin)?;
        let (crate_folder, cases_folder) =
            (format!("crates/plugin-{}", self.plugin), format!("tests/cases/{}", self.plugin));
        for (folder, made) in
            [(&*crate_folder, plugin), (&*cases_folder, cases), ("app", application)]
        {
            let made = made.into_iter().map(|(path, text)| {
                File::new(format!("{folder}/{}", ForeignText::of_path(path)), text)
            });
            files.extend(made);
        }
        Ok(files)
    }

    fn wit(&self) -> Result<Vec<File>> {
        let file = |it: &WitFile| {
            let within = it.path.strip_prefix(self.contract.path()).ok();
            let within = within.filter(|path| !path.as_os_str().is_empty());
            let path = within.or(it.path.file_name().map(Path::new)).unwrap_or(&it.path);
            let Some(path) = path.to_str() else {
                bail!("the path `{}` is not UTF-8: rename it", ForeignText::of_path(&it.path));
            };
            Ok(File::new(format!("wit/{path}"), it.text.clone()))
        };
        self.contract.files().iter().map(file).collect()
    }
}
