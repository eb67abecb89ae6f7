//! The contracts that are known: those of a folder of WIT, those that are kept beside the plugins, and that of documents.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, iter};

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueHint};
use plugwright::{Contract, ContractError, ForeignText, Inspection, WorldType};

use crate::exit::{self, Failed};
use crate::{output, plugin_argument};

/// The folder beside the plugins in which their contracts are.
pub(crate) const BESIDE: &str = "contracts";

#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// The folder of the contracts, as WIT, or a file of it [default: wit, or else what is kept beside the plugins]
    #[arg(long, global = true, value_name = "FOLDER", env = "PLUGWRIGHT_WIT", value_hint = ValueHint::AnyPath)]
    wit: Option<PathBuf>,

    /// Where they are unless somebody names them.
    #[arg(skip)]
    folders: Vec<PathBuf>,
}

/// The worlds that are known.
pub(crate) struct Known {
    own: Vec<WorldType>,
    all: Vec<WorldType>,
}

impl Options {
    /// The contracts in these folders.
    pub(crate) fn of(folders: Vec<PathBuf>) -> Self {
        Self { wit: None, folders }
    }

    /// What somebody named.
    pub(crate) fn named(&self) -> Option<&Path> {
        self.wit.as_deref()
    }

    /// The same, of the contracts in `folder` unless somebody named others.
    pub(crate) fn or_in(self, folder: PathBuf) -> Self {
        Self { folders: vec![folder], ..self }
    }

    /// Says whether somebody named the contracts.
    pub(crate) fn are_named(&self) -> bool {
        self.wit.is_some()
    }

    /// The worlds that are known where plugins are in these folders: those of WIT, and those that are kept beside the
    /// plugins if they are of other contracts.
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

    /// Keeps the contracts of the folder of WIT, if there is one, beside the plugins in the folder `dist`.
    pub(crate) fn keep(&self, dist: &Path) -> Result<()> {
        let Some(contracts) = self.contracts()? else { return Ok(()) };
        let folder = dist.join(BESIDE);
        let cannot = || format!("cannot write the folder `{}`", ForeignText::of_path(&folder));
        if folder.is_symlink() {
            bail!(
                "`{}` is a link: contracts are kept in the folder of the plugins itself, so put a folder there",
                ForeignText::of_path(&folder)
            );
        }
        fs::create_dir_all(&folder).with_context(cannot)?;
        for contract in contracts {
            // A namespace has no such character in it.
            let name = contract.name().replacen(':', "+", 1);
            output::write_beside(&folder.join(format!("{name}.wasm")), &contract.encode()?)?;
        }
        Ok(())
    }

    /// The contracts of the folders of WIT, if there are any.
    fn contracts(&self) -> Result<Option<Vec<Contract>>> {
        if let Some(path) = &self.wit {
            return Ok(Some(Contract::read_all(path)?));
        }
        let mut all: Option<Vec<Contract>> = None;
        for folder in self.folders.iter().filter(|folder| folder.is_dir()) {
            match Contract::read_all(folder) {
                // It may be a folder of something else.
                Err(ContractError::Empty { .. }) => {}
                contracts => all.get_or_insert_default().extend(contracts?),
            }
        }
        Ok(all)
    }
}

/// What a plugin is one of.
pub(crate) enum Of<'a> {
    /// One of the worlds of documents, or of none that anybody knows.
    Documents,
    /// A world of a contract that is known.
    World(&'a WorldType),
    /// A world that a contract which is known does not have.
    NoWorld { declared: ForeignText, contract: ForeignText, worlds: Vec<ForeignText> },
    /// A world of a contract that is not known.
    Unknown(ForeignText),
}

impl Known {
    /// All of them, those of the folder of WIT first.
    pub(crate) fn all(&self) -> &[WorldType] {
        &self.all
    }

    /// The name of the plugin's world, if it is known.
    pub(crate) fn named(&self, inspection: &Inspection) -> Option<ForeignText> {
        let name = inspection.world.clone()?;
        self.all.iter().any(|world| world.is_called(name.exact())).then_some(name)
    }

    /// The world whose contract tells what the plugin is for.
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

    /// Those among which the world `name` is looked for: what the folder of WIT calls so is what is meant.
    pub(crate) fn called(&self, name: &str) -> &[WorldType] {
        let are_any = |worlds: &[WorldType]| worlds.iter().any(|world| world.is_called(name));
        let is_ours = !are_any(&self.own) && are_any(&self.all);
        if is_ours || self.own.is_empty() { &self.all } else { &self.own }
    }
}

impl Known {
    /// What the plugin is one of: what its manifest declares, or else what it fits, or else what its contract has.
    pub(crate) fn of<'k>(&'k self, inspection: &Inspection) -> Of<'k> {
        let contract = inspection.contract.as_ref().map_or("", |contract| contract.exact());
        let declared = inspection.manifest.as_ref().map(|manifest| &*manifest.world);
        let package = |name: &str| name.split(['@', '/']).next().map(str::to_owned);
        // The one that it comes closest to.
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
                // In another version, what does not fit is told.
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
            // One of functions alone does not say of which contract it is.
            (None, None) if contract.is_empty() => match nearest(&mut self.own.iter()) {
                Some(world) => Of::World(world),
                None => Of::Documents,
            },
            (None, None) => Of::Unknown(contract.into()),
        }
    }
}

/// Says whether it is one of the worlds of documents, in a version that is served.
pub(crate) fn is_of_documents(world: &str) -> bool {
    plugwright_contract::worlds().iter().any(|known| known.name() == world)
}

/// The contracts that are kept in the folder.
pub(crate) fn beside(folder: &Path) -> Result<Vec<Contract>> {
    let files = plugin_argument::files_in(folder)?;
    let contracts = files.iter().map(|file| {
        Contract::read(file).with_context(|| {
            format!(
                "`{}`: remove it, and `plugwright index` keeps it anew",
                ForeignText::of_path(file)
            )
        })
    });
    contracts.collect()
}
