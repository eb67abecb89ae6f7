//! A contract in memory: a WIT package and its worlds.

#![warn(clippy::arithmetic_side_effects)]

pub(crate) mod catch_panic;
pub(crate) mod error;
pub(crate) mod print;
pub(crate) mod read;
pub(crate) mod targets;

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wit_parser::decoding::{DecodedWasm, decode, decode_world};
use wit_parser::{
    Docs, IndexMap, PackageId, PackageName, Resolve, Span, Stability, World, WorldId,
};

use crate::component::stack::on_large_stack;
use crate::component::structure::{self, Fault};
use crate::contract::catch_panic::catch_panic;
use crate::text::foreign_text::ForeignText;
use crate::text::version::{compatible, split};

pub(crate) use error::ContractError;
pub(crate) use read::WitFile;
pub(crate) use targets::targets;

/// A contract: a WIT package with its worlds, and the packages that it uses.
///
/// A clone is another handle to the same contract.
#[derive(Clone)]
pub struct Contract(Arc<Package>);

struct Package {
    path: PathBuf,
    files: Vec<WitFile>,
    resolve: Arc<Resolve>,
    package: PackageId,
    name: PackageName,
}

impl Contract {
    /// Reads the contract in the folder or file `path`. The WIT files in a folder are one package, and the folder
    /// `deps` in it can hold packages that the contract uses. A file that ends in `.wasm` is an
    /// [encoded](Contract::encode) contract.
    ///
    /// # Errors
    ///
    /// [`ContractError`] if something cannot be read, or is not valid WIT.
    ///
    /// # Panics
    ///
    /// Never. But the WIT parser may panic, and this is caught. To keep these panics quiet, the first contract that is
    /// read replaces the process's panic hook with one that passes on all other panics.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ContractError> {
        let path = path.as_ref();
        if read::is_encoded(path) {
            let mut contract = Self::decode(&read::ENCODED.read(path)?)?;
            if let Some(package) = Arc::get_mut(&mut contract.0) {
                path.clone_into(&mut package.path);
            }
            return Ok(contract);
        }
        let (main, dependencies) = read::files(path)?;
        Self::parse(path, main, dependencies)
    }

    /// Reads all contracts in the folder `path`: the contract of its own WIT files, if there are any, the contracts in
    /// the folders below, and the releases of each contract in its folder `releases`, the latest first.
    ///
    /// # Errors
    ///
    /// The errors of [`Contract::read`], and [`ContractError::Twice`] if two contracts have the same name and version.
    pub fn read_all(path: impl AsRef<Path>) -> Result<Vec<Self>, ContractError> {
        let path = path.as_ref();
        let mut all: Vec<Self> = Vec::new();
        for contract in Self::found_in(path, &mut read::Search::default())? {
            match all.iter().find(|other| other.name() == contract.name()) {
                // A release of the current version is the same contract.
                Some(other) if contract.is_release_of(other) => {}
                Some(other) => {
                    return Err(ContractError::Twice {
                        name: contract.name().into(),
                        one: other.path().to_owned(),
                        other: contract.path().to_owned(),
                    });
                }
                None => all.push(contract),
            }
        }
        match all.is_empty() {
            true => Err(ContractError::Empty { folder: path.to_owned() }),
            false => Ok(all),
        }
    }

    /// Returns the contracts in the folder or file `path`.
    fn found_in(path: &Path, search: &mut read::Search) -> Result<Vec<Self>, ContractError> {
        if !path.is_dir() {
            return Ok(vec![Self::read(path)?]);
        }
        search.enter(path)?;
        let entries = read::entries(path)?;
        let mut all = Vec::new();
        if entries.iter().any(|entry| read::is_wit(entry)) {
            all.push(Self::read(path)?);
            let releases = path.join(RELEASES);
            if releases.is_dir() {
                let releases = read::entries(&releases)?.into_iter().filter(|it| is_shown(it));
                let mut releases = releases.map(Self::read).collect::<Result<Vec<_>, _>>()?;
                releases.sort_by(|one, other| other.version().cmp(&one.version()));
                all.extend(releases);
            }
        }
        for entry in entries {
            let is_own = [RELEASES, read::DEPENDENCIES].iter().any(|name| entry.ends_with(name));
            if entry.is_dir() && !is_own && is_shown(&entry) {
                all.extend(Self::found_in(&entry, search)?);
            }
        }
        search.leave();
        Ok(all)
    }

    /// Says whether this contract is in the folder of the other contract's releases.
    fn is_release_of(&self, other: &Self) -> bool {
        self.path().starts_with(other.path().join(RELEASES))
    }

    /// Parses a contract from the files `main`, and the files of each package that it uses. Errors call it `path`.
    ///
    /// # Errors
    ///
    /// [`ContractError`] if the files are not valid WIT.
    pub fn parse(
        path: &Path,
        main: Vec<WitFile>,
        dependencies: Vec<Vec<WitFile>>,
    ) -> Result<Self, ContractError> {
        let files = (main, dependencies);
        let (resolve, package) = read::parse(path, &files)?;
        let files = files.0.into_iter().chain(files.1.into_iter().flatten()).collect();
        Ok(Self::of(path, files, resolve, package))
    }

    /// Decodes a contract that [`Contract::encode`] encoded as a component.
    ///
    /// # Errors
    ///
    /// [`ContractError::Encoded`] if the bytes are not an encoded contract.
    pub fn decode(bytes: &[u8]) -> Result<Self, ContractError> {
        if !bytes.starts_with(b"\0asm") {
            return Err(ContractError::Encoded(
                "it does not begin with WebAssembly's magic bytes".into(),
            ));
        }
        let no_stack = |error: std::io::Error| ContractError::Encoded(error.to_string().into());
        let decoded = on_large_stack(|| {
            // As with plugins, a component with too much of something is not decoded.
            structure::scan(bytes).map_err(|fault| match fault {
                Fault::Damaged(error) => error.message().to_owned(),
                Fault::Excess(excess) => excess.to_string(),
            })?;
            match catch_panic(AssertUnwindSafe(|| decode(bytes))) {
                Ok(Ok(DecodedWasm::WitPackage(resolve, package))) => Ok((resolve, package)),
                Ok(Ok(DecodedWasm::Component(..))) => Err("it is a plugin".to_owned()),
                Ok(Err(error)) => Err(format!("{error:#}")),
                Err(said) => Err(format!("the decoder panicked: {said}")),
            }
        });
        let (resolve, package) =
            decoded.map_err(no_stack)?.map_err(|said| ContractError::Encoded(said.into()))?;
        Ok(Self::of(Path::new(""), Vec::new(), resolve, package))
    }

    /// Encodes the contract as a component that holds only types and documentation, for storage beside plugins.
    ///
    /// # Errors
    ///
    /// [`ContractError::Encoded`] if the package has types that a component cannot have, or is too large to be
    /// [decoded](Contract::decode) again.
    pub fn encode(&self) -> Result<Vec<u8>, ContractError> {
        /// The most interfaces, because the encoding repeats everything that an interface uses, directly and indirectly.
        const MOST: usize = 256;
        let refused =
            |said: String| ContractError::Encoded(format!("`{}`: {said}", self.name()).into());
        if self.0.resolve.interfaces.len() > MOST {
            return Err(refused(format!("it has more than {MOST} interfaces")));
        }
        let encode = AssertUnwindSafe(|| wit_component::encode(&self.0.resolve, self.0.package));
        let encoded = catch_panic(encode).map_err(|said| refused(said.to_string()))?;
        let encoded = encoded.map_err(|error| refused(format!("{error:#}")))?;
        if encoded.len() as u64 > read::ENCODED.most() {
            return Err(refused(format!("its encoding of {} bytes is too large", encoded.len())));
        }
        Self::decode(&encoded).map_err(|error| refused(error.to_string()))?;
        Ok(encoded)
    }

    fn of(path: &Path, files: Vec<WitFile>, resolve: Resolve, package: PackageId) -> Self {
        let name = PackageName { namespace: String::new(), name: String::new(), version: None };
        let name = resolve.packages.get(package).map_or(name, |package| package.name.clone());
        let (path, resolve) = (path.to_owned(), Arc::new(resolve));
        Self(Arc::new(Package { path, files, resolve, package, name }))
    }

    /// Returns the folder or file that the contract was read from.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Returns the files that the contract was read from, including those of the packages that it uses.
    pub fn files(&self) -> &[WitFile] {
        &self.0.files
    }

    /// Returns the file with the `package` line of the contract.
    pub fn main_file(&self) -> &Path {
        let names = |it: &&WitFile| it.text.lines().any(|line| line.starts_with("package "));
        let file = self.files().iter().find(names).or(self.files().first());
        file.map_or(self.path(), |file| &file.path)
    }

    /// Returns the package's name, with its version if it has one: `shop:pricing@1.0.0`.
    pub fn name(&self) -> String {
        self.0.name.to_string()
    }

    /// Returns the package's version, if it has one.
    pub fn version(&self) -> Option<&semver::Version> {
        self.0.name.version.as_ref()
    }

    /// Returns the worlds, in the order of the source.
    pub fn worlds(&self) -> Vec<WorldType> {
        let package = self.0.resolve.packages.get(self.0.package);
        let worlds = package.into_iter().flat_map(|package| package.worlds.values());
        worlds.map(|world| WorldType::of(Arc::clone(&self.0.resolve), *world)).collect()
    }

    /// Returns the world named `name`, which is its name alone, or its name with package and version.
    ///
    /// # Errors
    ///
    /// [`ContractError::World`] if there is no such world. The error lists the worlds of the contract.
    pub fn world(&self, name: &str) -> Result<WorldType, ContractError> {
        let worlds = self.worlds();
        let found = worlds.iter().find(|world| world.is_called(name)).cloned();
        found.ok_or_else(|| ContractError::World {
            name: name.into(),
            package: self.name().into(),
            known: worlds.iter().map(|world| world.short_name().into()).collect(),
        })
    }

    /// Returns the package's ID, and the resolve that contains the package and everything that its types refer to.
    pub fn resolve(&self) -> (&Resolve, PackageId) {
        (&self.0.resolve, self.0.package)
    }
}

/// Shows the name.
impl fmt::Debug for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Contract").field(&self.name()).finish()
    }
}

/// The folder in a contract's folder that holds its releases, each in a folder named after its version.
const RELEASES: &str = "releases";

/// Says whether the file or folder is not hidden: its name does not begin with a dot.
fn is_shown(path: &Path) -> bool {
    path.file_name().is_some_and(|name| !name.as_encoded_bytes().starts_with(b"."))
}

/// A world of a contract: the imports and exports of plugins that implement it.
///
/// A clone is another handle to the same world.
#[derive(Clone)]
pub struct WorldType(Arc<Decoded>);

struct Decoded {
    name: String,
    imports: Vec<String>,
    exports: Vec<String>,
    resolve: Arc<Resolve>,
    world: WorldId,
}

/// The reason why bytes are not the type of a world.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot decode the type of the world: {0}")]
pub struct WorldTypeError(ForeignText);

impl WorldType {
    /// Decodes a world that is encoded as the type of a component, as wasmtime's `bindgen!` generates it with
    /// `include_component_type: true`.
    ///
    /// # Errors
    ///
    /// [`WorldTypeError`] if the bytes are not the type of a world.
    pub fn decode(bytes: &[u8]) -> Result<Self, WorldTypeError> {
        let (resolve, world) =
            decode_world(bytes).map_err(|error| WorldTypeError(format!("{error:#}").into()))?;
        Ok(Self::of(Arc::new(resolve), world))
    }

    /// Returns the world of a component without WASI's interfaces, named `name` if that is given, or the reason why the
    /// component has none.
    pub(crate) fn of_component(component: &[u8], name: Option<&str>) -> Result<Self, String> {
        let decoded = catch_panic(AssertUnwindSafe(|| decode(component)));
        let decoded = decoded.map_err(|said| format!("the decoder panicked: {said}"))?;
        let DecodedWasm::Component(resolve, world) =
            decoded.map_err(|error| format!("{error:#}"))?
        else {
            return Err("it is a contract, not a plugin".to_owned());
        };
        let whole = Self::of(Arc::new(resolve), world);
        let Decoded { name: own, imports, exports, resolve, world } = &*whole.0;
        let of_others = |names: &[String]| {
            names.iter().filter(|name| !name.starts_with("wasi:")).cloned().collect()
        };
        Ok(Self(Arc::new(Decoded {
            name: name.unwrap_or(own).to_owned(),
            imports: of_others(imports),
            exports: exports.clone(),
            resolve: Arc::clone(resolve),
            world: *world,
        })))
    }

    /// Returns a world with these names and no types.
    pub(crate) fn of_names(name: &str, imports: Vec<String>, exports: Vec<String>) -> Self {
        let mut resolve = Resolve::default();
        let world = resolve.worlds.alloc(World {
            name: name.to_owned(),
            imports: IndexMap::default(),
            exports: IndexMap::default(),
            package: None,
            docs: Docs::default(),
            stability: Stability::default(),
            includes: Vec::new(),
            span: Span::default(),
        });
        let (name, resolve) = (name.to_owned(), Arc::new(resolve));
        Self(Arc::new(Decoded { name, imports, exports, resolve, world }))
    }

    /// Returns the world `world` of `resolve`, which must contain it.
    pub(crate) fn of(resolve: Arc<Resolve>, world: WorldId) -> Self {
        let name = match resolve.worlds.get(world) {
            Some(found) => match found.package.and_then(|package| resolve.packages.get(package)) {
                Some(package) => package.name.interface_id(&found.name),
                None => found.name.clone(),
            },
            None => String::new(),
        };
        let names = |items: Option<&IndexMap<_, _>>| {
            let keys = items.into_iter().flat_map(IndexMap::keys);
            keys.map(|key| resolve.name_world_key(key)).collect()
        };
        let found = resolve.worlds.get(world);
        let imports = names(found.map(|world| &world.imports));
        let exports = names(found.map(|world| &world.exports));
        Self(Arc::new(Decoded { name, imports, exports, resolve, world }))
    }

    /// Returns the full name, with package and version: `shop:pricing/pricing@1.0.0`.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Returns the name alone: `pricing`.
    pub fn short_name(&self) -> &str {
        let (name, _) = split(self.name());
        name.rsplit('/').next().unwrap_or(name)
    }

    /// Returns the package with its version: `shop:pricing@1.0.0`.
    pub fn package(&self) -> String {
        let (package, version) = (self.package_name(), self.version());
        if version.is_empty() { package.to_owned() } else { format!("{package}@{version}") }
    }

    /// Returns the package without its version: `shop:pricing`.
    pub(crate) fn package_name(&self) -> &str {
        let (name, _) = split(self.name());
        name.split('/').next().unwrap_or(name)
    }

    /// Returns the package's version, or an empty text if it has none.
    pub fn version(&self) -> &str {
        split(self.name()).1
    }

    /// Returns the names that a plugin may import: interfaces with their package and version, and functions and types
    /// of the world itself.
    pub fn imports(&self) -> impl Iterator<Item = &str> {
        self.0.imports.iter().map(String::as_str)
    }

    /// Returns the names that a plugin must export.
    pub fn exports(&self) -> impl Iterator<Item = &str> {
        self.0.exports.iter().map(String::as_str)
    }

    /// Says whether `name` is the full name of this world.
    pub(crate) fn is_exactly(&self, name: &str) -> bool {
        self.name() == name
    }

    /// Says whether `name` is the name of this world, alone or with its package and a version that is compatible under
    /// semantic versioning.
    pub fn is_called(&self, name: &str) -> bool {
        if name.contains(':') { compatible(name, self.name()) } else { name == self.short_name() }
    }

    /// Returns the documentation of the world, if the contract has any.
    pub fn documentation(&self) -> Option<&str> {
        self.0.resolve.worlds.get(self.0.world)?.docs.contents.as_deref()
    }

    /// Returns the world's ID, and the resolve that contains the world and everything that its types refer to.
    pub fn resolve(&self) -> (&Resolve, WorldId) {
        (&self.0.resolve, self.0.world)
    }
}

/// Shows the name.
impl fmt::Debug for WorldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WorldType").field(&self.0.name).finish()
    }
}
