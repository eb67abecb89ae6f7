//! The contracts that are known: those of a folder of WIT, those that are kept beside the plugins, and that of documents.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, ValueHint};
use plugwright::{Contract, ContractError, FileKind, ForeignText, Inspection, WorldType};

use crate::exit::{self, Failed};
use crate::{output, plugin_argument};

/// The folder of WIT, unless another one is named.
const WIT: &str = "wit";

/// The folder beside the plugins in which their contracts are.
const BESIDE: &str = "contracts";

const ENCODED: FileKind = FileKind::new("contract", 16 << 20);

#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// The folder of the contracts, as WIT, or a file of it [default: wit, or else what is kept beside the plugins]
    #[arg(long, global = true, value_name = "FOLDER", env = "PLUGWRIGHT_WIT", value_hint = ValueHint::AnyPath)]
    wit: Option<PathBuf>,
}

/// The worlds that are known.
pub(crate) struct Known {
    own: Vec<WorldType>,
    all: Vec<WorldType>,
}

impl Options {
    /// The worlds that are known where plugins are in the folder `dist`.
    pub(crate) fn known(&self, dist: &Path) -> Result<Known, Failed> {
        let contracts = self.contracts().map_err(exit::contract)?;
        let contracts = match contracts {
            Some(contracts) => contracts,
            None => beside(&dist.join(BESIDE)).map_err(exit::contract)?,
        };
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
        fs::create_dir_all(&folder).with_context(cannot)?;
        let mut kept = Vec::new();
        for contract in contracts {
            let name = contract.name().replace(':', "-");
            let path = folder.join(format!("{name}.wasm"));
            output::write_beside(&path, &contract.encode()?)?;
            kept.push(path);
        }
        for path in plugin_argument::files_in(&folder)? {
            if !kept.contains(&path) {
                fs::remove_file(&path).with_context(cannot)?;
            }
        }
        Ok(())
    }

    /// The contracts of the folder of WIT, if there is one.
    fn contracts(&self) -> Result<Option<Vec<Contract>>> {
        match &self.wit {
            Some(path) => Ok(Some(Contract::read_all(path)?)),
            None if Path::new(WIT).is_dir() => match Contract::read_all(WIT) {
                // It may be a folder of something else.
                Err(ContractError::Empty { .. }) => Ok(None),
                contracts => Ok(Some(contracts?)),
            },
            None => Ok(None),
        }
    }
}

/// What a plugin is one of.
pub(crate) enum Of<'a> {
    /// One of the worlds of documents, or of none that anybody knows.
    Documents,
    /// A world of a contract that is known.
    World(&'a WorldType),
    /// A world that a contract which is known does not have.
    NoWorld(ForeignText, ForeignText),
    /// A world of a contract that is not known.
    Unknown(ForeignText),
}

impl Known {
    /// All of them, those of the folder of WIT first.
    pub(crate) fn all(&self) -> &[WorldType] {
        &self.all
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
    pub(crate) fn of(&self, inspection: &Inspection) -> Of<'_> {
        let contract = inspection.contract.as_ref().map_or("", |contract| contract.exact());
        let declared = inspection.manifest.as_ref().map(|manifest| &*manifest.world);
        let of_contract = |name: &str| {
            let package = |name: &str| name.split(['@', '/']).next().map(str::to_owned);
            let found = self.all.iter().find(|world| world.package() == name);
            found.or_else(|| self.all.iter().find(|it| package(it.name()) == package(name)))
        };
        let found = inspection.world.as_ref().map(ForeignText::exact);
        let world = match (declared, found) {
            (Some(declared), _) => {
                let mut called = self.all.iter().filter(|world| world.is_called(declared));
                called.clone().find(|world| found == Some(world.name())).or_else(|| called.next())
            }
            (None, Some(found)) => self.all.iter().find(|world| world.name() == found),
            (None, None) => of_contract(contract),
        };
        match (world, declared) {
            (Some(world), _) if is_of_documents(world.name()) => Of::Documents,
            (Some(world), _) => Of::World(world),
            (None, Some(declared)) => match of_contract(declared) {
                Some(world) => Of::NoWorld(declared.into(), world.package().into()),
                None => Of::Unknown(declared.into()),
            },
            (None, None) if contract.is_empty() => Of::Documents,
            (None, None) => Of::Unknown(contract.into()),
        }
    }
}

/// Says whether it is one of the worlds of documents, in a version that is served.
pub(crate) fn is_of_documents(world: &str) -> bool {
    plugwright_contract::worlds().iter().any(|known| known.name() == world)
}

/// The contracts that are kept in the folder, if there is one.
fn beside(folder: &Path) -> Result<Vec<Contract>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let files = plugin_argument::files_in(folder)?;
    let contracts = files.iter().map(|file| {
        let decoded = Contract::decode(&ENCODED.read(file)?);
        decoded.with_context(|| format!("`{}`", ForeignText::of_path(file)))
    });
    contracts.collect()
}
