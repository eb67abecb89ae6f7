//! The known contracts: those in a folder of WIT, those kept beside the plugins, and the built-in contract of
//! documents.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, iter};

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueHint};
use plugwright::{Contract, ContractError, ForeignText, Inspection, WorldType};

use crate::exit::{self, Failed};
use crate::{output, plugin_argument};

/// The folder beside the plugins that keeps their contracts.
pub(crate) const BESIDE: &str = "contracts";

#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// The folder of WIT contracts, or a single WIT file [default: wit, or the contracts kept beside the plugins]
    #[arg(long, global = true, value_name = "FOLDER", env = "PLUGWRIGHT_WIT", value_hint = ValueHint::AnyPath)]
    wit: Option<PathBuf>,

    /// The folders of contracts to use without `--wit`.
    #[arg(skip)]
    folders: Vec<PathBuf>,
}

/// The known worlds.
pub(crate) struct Known {
    own: Vec<WorldType>,
    all: Vec<WorldType>,
}

impl Options {
    /// Options for the contracts in these folders.
    pub(crate) fn of(folders: Vec<PathBuf>) -> Self {
        Self { wit: None, folders }
    }

    /// Returns the path given with `--wit`.
    pub(crate) fn named(&self) -> Option<&Path> {
        self.wit.as_deref()
    }

    /// Returns these options with `folder` as the folder of contracts to use without `--wit`.
    pub(crate) fn or_in(self, folder: PathBuf) -> Self {
        Self { folders: vec![folder], ..self }
    }

    /// Returns whether `--wit` is given.
    pub(crate) fn are_named(&self) -> bool {
        self.wit.is_some()
    }

    /// Returns the known worlds for plugins in these folders: the worlds of the WIT folder, and those of other
    /// contracts that are kept beside the plugins.
    pub(crate) fn known<'p>(
        &self,
        folders: impl IntoIterator<Item = &'p Path>,
    ) -> Result<Known, Failed> {
        let mut contracts = self.contracts().map_err(exit::contract)?.unwrap_or_default();
        let folders: BTreeSet<_> = folders.into_iter().map(|folder| folder.join(BESIDE)).collect();
        for folder in folders.iter().filter(|folder| folder.is_dir()) {
            for contract in beside(folder).map_err(exit::contract)? {
                if contracts.iter().all(|known| known.name() != contract.name()) {
                    contracts.push(contract);
                }
            }
        }
        let own: Vec<_> = contracts.iter().flat_map(Contract::worlds).collect();
        let of_documents = plugwright_contract::worlds().iter().cloned();
        let all = own.iter().cloned().chain(of_documents).collect();
        Ok(Known { own, all })
    }

    /// Copies the contracts of the WIT folder, if there is one, into the folder beside the plugins in `dist`.
    pub(crate) fn keep(&self, dist: &Path) -> Result<()> {
        let Some(contracts) = self.contracts()? else { return Ok(()) };
        let folder = dist.join(BESIDE);
        let cannot = || format!("cannot write the folder `{}`", ForeignText::of_path(&folder));
        if folder.is_symlink() {
            bail!(
                "`{}` is a link: replace it with a folder, because contracts are kept in the folder of the plugins \
                 itself",
                ForeignText::of_path(&folder)
            );
        }
        fs::create_dir_all(&folder).with_context(cannot)?;
        for contract in contracts {
            // `+` cannot occur in a namespace.
            let name = contract.name().replacen(':', "+", 1);
            output::write_beside(&folder.join(format!("{name}.wasm")), &contract.encode()?)?;
        }
        Ok(())
    }

    /// Returns the contracts of the WIT folders, if there are any.
    fn contracts(&self) -> Result<Option<Vec<Contract>>> {
        if let Some(path) = &self.wit {
            return Ok(Some(Contract::read_all(path)?));
        }
        let mut all: Option<Vec<Contract>> = None;
        for folder in self.folders.iter().filter(|folder| folder.is_dir()) {
            match Contract::read_all(folder) {
                // The folder may be for something else.
                Err(ContractError::Empty { .. }) => {}
                contracts => all.get_or_insert_default().extend(contracts?),
            }
        }
        Ok(all)
    }
}

/// The world of a plugin.
pub(crate) enum Of<'a> {
    /// A world of the contract of documents, or no known world and no contract.
    Documents,
    /// A world of a known contract.
    World(&'a WorldType),
    /// A world that a known contract does not have.
    NoWorld { declared: ForeignText, contract: ForeignText, worlds: Vec<ForeignText> },
    /// A world of an unknown contract.
    Unknown(ForeignText),
}

impl Known {
    /// Returns all known worlds, those of the WIT folder first.
    pub(crate) fn all(&self) -> &[WorldType] {
        &self.all
    }

    /// Returns the name of the plugin's world, if the world is known.
    pub(crate) fn named(&self, inspection: &Inspection) -> Option<ForeignText> {
        let name = inspection.world.clone()?;
        self.all.iter().any(|world| world.is_called(name.exact())).then_some(name)
    }

    /// Returns the world whose contract documents the plugin.
    pub(crate) fn documented(&self, inspection: &Inspection) -> Option<&WorldType> {
        match self.of(inspection) {
            Of::World(world) => Some(world),
            Of::Documents => {
                let name = inspection.world.as_ref()?.exact();
                self.all.iter().find(|world| world.name() == name)
            }
            _ => None,
        }
    }

    /// Returns the worlds to search for the world `name`. Worlds of the WIT folder come before the built-in ones.
    pub(crate) fn called(&self, name: &str) -> &[WorldType] {
        let are_any = |worlds: &[WorldType]| worlds.iter().any(|world| world.is_called(name));
        let is_ours = !are_any(&self.own) && are_any(&self.all);
        if is_ours || self.own.is_empty() { &self.all } else { &self.own }
    }
}

impl Known {
    /// Returns the plugin's world: the one that its manifest declares, or one that it fits, or the nearest world of its
    /// contract.
    pub(crate) fn of<'k>(&'k self, inspection: &Inspection) -> Of<'k> {
        let contract = inspection.contract.as_ref().map_or("", |contract| contract.exact());
        let declared = inspection.manifest.as_ref().map(|manifest| &*manifest.world);
        let package = |name: &str| name.split(['@', '/']).next().map(str::to_owned);
        // The world with the most exports in common.
        let nearest = |worlds: &mut dyn Iterator<Item = &'k WorldType>| {
            let unversioned = |name: &str| name.split('@').next().map(str::to_owned);
            let has = |needed: &&str| {
                let mut exports = inspection.exports.iter().map(ForeignText::exact);
                exports.any(|name| unversioned(name) == unversioned(needed))
            };
            worlds.min_by_key(|world| {
                let there = world.exports().filter(has).count();
                (Reverse(there), world.exports().count())
            })
        };
        let of_contract = |name: &str| {
            nearest(&mut self.all.iter().filter(|world| package(world.name()) == package(name)))
        };
        let found = inspection.world.as_ref().map(ForeignText::exact);
        let world = match (declared, found) {
            (Some(declared), _) => {
                let mut called = self.all.iter().filter(|world| world.is_called(declared));
                let exactly = called.clone().find(|world| world.name() == declared);
                let fitting = || called.clone().find(|world| found == Some(world.name()));
                exactly.or_else(fitting).or_else(|| called.next())
            }
            (None, Some(found)) => self.all.iter().find(|world| world.name() == found),
            (None, None) => of_contract(contract),
        };
        match (world, declared) {
            (Some(world), _) if is_of_documents(world.name()) => Of::Documents,
            (Some(world), _) => Of::World(world),
            (None, Some(declared)) => {
                let short = |name: &str| {
                    let name = name.split('@').next().unwrap_or_default();
                    name.rsplit('/').next().unwrap_or_default().to_owned()
                };
                let mut of_package =
                    self.all.iter().filter(|world| package(world.name()) == package(declared));
                // For a world of another version, the check says what does not fit.
                let other = of_package.clone().find(|it| it.short_name() == short(declared));
                match (other, of_package.next()) {
                    (Some(world), _) if is_of_documents(world.name()) => Of::Documents,
                    (Some(world), _) => Of::World(world),
                    (None, Some(first)) => {
                        let worlds = of_package.filter(|it| it.package() == first.package());
                        let worlds = iter::once(first).chain(worlds).map(WorldType::short_name);
                        let worlds = worlds.map(ForeignText::from).collect();
                        Of::NoWorld {
                            declared: declared.into(),
                            contract: first.package().into(),
                            worlds,
                        }
                    }
                    (None, None) => Of::Unknown(declared.into()),
                }
            }
            // A plugin that exports only functions does not name its contract.
            (None, None) if contract.is_empty() => match nearest(&mut self.own.iter()) {
                Some(world) => Of::World(world),
                None => Of::Documents,
            },
            (None, None) => Of::Unknown(contract.into()),
        }
    }
}

/// Returns whether `world` is a world of the contract of documents, in a supported version.
pub(crate) fn is_of_documents(world: &str) -> bool {
    plugwright_contract::worlds().iter().any(|known| known.name() == world)
}

/// Reads the contracts in the folder beside the plugins.
pub(crate) fn beside(folder: &Path) -> Result<Vec<Contract>> {
    let files = plugin_argument::files_in(folder)?;
    let contracts = files.iter().map(|file| {
        Contract::read(file).with_context(|| {
            format!(
                "`{}`: remove the file and run `plugwright index` to write it again",
                ForeignText::of_path(file)
            )
        })
    });
    contracts.collect()
}
