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

/// A contract: a package of WIT with its worlds, and the packages that it uses.
///
/// A clone is another handle to the same.
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
    /// Reads the contract in the folder `path`, whose WIT files are one package and in whose folder `deps` there may be
    /// packages that it uses, or in the file `path`. A file that ends in `.wasm` is one that is [encoded](Contract::encode).
    ///
    /// # Errors
    ///
    /// [`ContractError`] says what cannot be read, or is no WIT.
    ///
    /// # Panics
    ///
    /// Never; but what reads WIT may break off, which is caught. For that, the first contract that is read replaces the
    /// process's panic hook by one that passes on to it all panics but those.
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

    /// Reads all contracts in the folder `path`: that of its own files if it has any, those in the folders below, and of
    /// each those that are kept in a folder `releases`, the latest first.
    ///
    /// # Errors
    ///
    /// As [`Contract::read`], and [`ContractError::Twice`] if two of them have the same name and version.
    pub fn read_all(path: impl AsRef<Path>) -> Result<Vec<Self>, ContractError> {
        let path = path.as_ref();
        let mut all: Vec<Self> = Vec::new();
        for contract in Self::found_in(path, &mut read::Search::default())? {
            match all.iter().find(|other| other.name() == contract.name()) {
                // The contract as it was released last is what it is now.
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

    /// The contracts in the folder or file `path`.
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

    /// Says whether it is kept in the folder of releases of the other.
    fn is_release_of(&self, other: &Self) -> bool {
        self.path().starts_with(other.path().join(RELEASES))
    }

    /// Makes a contract of the files `main`, and of those of each package that it uses; `path` is what errors call it.
    ///
    /// # Errors
    ///
    /// As [`Contract::read`].
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

    /// Decodes a contract that is encoded as a component, as [`Contract::encode`] does it.
    ///
    /// # Errors
    ///
    /// [`ContractError::Encoded`] if it is none.
    pub fn decode(bytes: &[u8]) -> Result<Self, ContractError> {
        if !bytes.starts_with(b"\0asm") {
            return Err(ContractError::Encoded("it does not begin as WebAssembly does".into()));
        }
        let no_stack = |error: std::io::Error| ContractError::Encoded(error.to_string().into());
        let decoded = on_large_stack(|| {
            // As with plugins: what there is too much of is not looked into.
            structure::scan(bytes).map_err(|fault| match fault {
                Fault::Damaged(error) => error.message().to_owned(),
                Fault::Excess(excess) => excess.to_string(),
            })?;
            match catch_panic(AssertUnwindSafe(|| decode(bytes))) {
                Ok(Ok(DecodedWasm::WitPackage(resolve, package))) => Ok((resolve, package)),
                Ok(Ok(DecodedWasm::Component(..))) => Err("it is a plugin".to_owned()),
                Ok(Err(error)) => Err(format!("{error:#}")),
                Err(said) => Err(format!("what reads it broke off: {said}")),
            }
        });
        let (resolve, package) =
            decoded.map_err(no_stack)?.map_err(|said| ContractError::Encoded(said.into()))?;
        Ok(Self::of(Path::new(""), Vec::new(), resolve, package))
    }

    /// The contract as a component that holds types and documentation alone, to be kept beside plugins.
    ///
    /// # Errors
    ///
    /// [`ContractError::Encoded`] if the package has types that no component can have, or more than can be
    /// [decoded](Contract::decode) again.
    pub fn encode(&self) -> Result<Vec<u8>, ContractError> {
        /// Each interface is in the encoding with all that it uses, and those with what they use.
        const MOST: usize = 256;
        let refused =
            |said: String| ContractError::Encoded(format!("`{}`: {said}", self.name()).into());
        if self.0.resolve.interfaces.len() > MOST {
            return Err(refused(format!("it is of more than {MOST} interfaces")));
        }
        let encode = AssertUnwindSafe(|| wit_component::encode(&self.0.resolve, self.0.package));
        let encoded = catch_panic(encode).map_err(|said| refused(said.to_string()))?;
        let encoded = encoded.map_err(|error| refused(format!("{error:#}")))?;
        if encoded.len() as u64 > read::ENCODED.most() {
            return Err(refused(format!("it takes {} bytes", encoded.len())));
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

    /// The folder or the file that it was read from.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// The files that it was read from, with those of the packages that it uses.
    pub fn files(&self) -> &[WitFile] {
        &self.0.files
    }

    /// The file that says what the package is called.
    pub fn main_file(&self) -> &Path {
        let names = |it: &&WitFile| it.text.lines().any(|line| line.starts_with("package "));
        let file = self.files().iter().find(names).or(self.files().first());
        file.map_or(self.path(), |file| &file.path)
    }

    /// The package's name, with its version if it has one: `shop:pricing@1.0.0`.
    pub fn name(&self) -> String {
        self.0.name.to_string()
    }

    /// The package's version, if it has one.
    pub fn version(&self) -> Option<&semver::Version> {
        self.0.name.version.as_ref()
    }

    /// The worlds, in the order in which they are written.
    pub fn worlds(&self) -> Vec<WorldType> {
        let package = self.0.resolve.packages.get(self.0.package);
        let worlds = package.into_iter().flat_map(|package| package.worlds.values());
        worlds.map(|world| WorldType::of(Arc::clone(&self.0.resolve), *world)).collect()
    }

    /// The world of that name, alone or with its package and version.
    ///
    /// # Errors
    ///
    /// [`ContractError::World`] says which ones there are.
    pub fn world(&self, name: &str) -> Result<WorldType, ContractError> {
        let worlds = self.worlds();
        let found = worlds.iter().find(|world| world.is_called(name)).cloned();
        found.ok_or_else(|| ContractError::World {
            name: name.into(),
            package: self.name().into(),
            known: worlds.iter().map(|world| world.short_name().into()).collect(),
        })
    }

    /// What the package is in, with all that its types refer to.
    pub fn resolve(&self) -> (&Resolve, PackageId) {
        (&self.0.resolve, self.0.package)
    }
}

/// The name.
impl fmt::Debug for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Contract").field(&self.name()).finish()
    }
}

/// The folder, in that of a contract, in which its releases are kept, each in a folder of its version.
const RELEASES: &str = "releases";

/// Says whether the name of the file or folder does not begin with a dot.
fn is_shown(path: &Path) -> bool {
    path.file_name().is_some_and(|name| !name.as_encoded_bytes().starts_with(b"."))
}

/// A world of a contract: what a plugin of it imports and exports.
///
/// A clone is another handle to the same.
#[derive(Clone)]
pub struct WorldType(Arc<Decoded>);

struct Decoded {
    name: String,
    imports: Vec<String>,
    exports: Vec<String>,
    resolve: Arc<Resolve>,
    world: WorldId,
}

/// Why bytes are no world.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the type of a world cannot be decoded: {0}")]
pub struct WorldTypeError(ForeignText);

impl WorldType {
    /// Decodes what wasmtime's `bindgen!` leaves with `include_component_type: true`: a world that is encoded as a
    /// component's type.
    ///
    /// # Errors
    ///
    /// [`WorldTypeError`] if it is none.
    pub fn decode(bytes: &[u8]) -> Result<Self, WorldTypeError> {
        let (resolve, world) =
            decode_world(bytes).map_err(|error| WorldTypeError(format!("{error:#}").into()))?;
        Ok(Self::of(Arc::new(resolve), world))
    }

    /// The world of a component, WASI's interfaces aside, under the name `name` if it has one, or why there is none.
    pub(crate) fn of_component(component: &[u8], name: Option<&str>) -> Result<Self, String> {
        let decoded = catch_panic(AssertUnwindSafe(|| decode(component)));
        let decoded = decoded.map_err(|said| format!("what reads its types broke off: {said}"))?;
        let DecodedWasm::Component(resolve, world) =
            decoded.map_err(|error| format!("{error:#}"))?
        else {
            return Err("it is a contract, and no plugin".to_owned());
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

    /// A world of these names, of whose types nothing is known.
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

    /// The world `world` of `resolve`, in which it must be.
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

    /// The name with package and version: `shop:pricing/pricing@1.0.0`.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The name alone: `pricing`.
    pub fn short_name(&self) -> &str {
        let (name, _) = split(self.name());
        name.rsplit('/').next().unwrap_or(name)
    }

    /// The package, with its version: `shop:pricing@1.0.0`.
    pub fn package(&self) -> String {
        let (package, version) = (self.package_name(), self.version());
        if version.is_empty() { package.to_owned() } else { format!("{package}@{version}") }
    }

    /// The package, without its version: `shop:pricing`.
    pub(crate) fn package_name(&self) -> &str {
        let (name, _) = split(self.name());
        name.split('/').next().unwrap_or(name)
    }

    /// The package's version, empty if it has none.
    pub fn version(&self) -> &str {
        split(self.name()).1
    }

    /// The names of what a plugin may import: interfaces with their package and version, and functions and types of the
    /// world's own.
    pub fn imports(&self) -> impl Iterator<Item = &str> {
        self.0.imports.iter().map(String::as_str)
    }

    /// The names of what a plugin has to export.
    pub fn exports(&self) -> impl Iterator<Item = &str> {
        self.0.exports.iter().map(String::as_str)
    }

    /// Says whether `name` is the whole name of this world.
    pub(crate) fn is_exactly(&self, name: &str) -> bool {
        self.name() == name
    }

    /// Says whether `name`, alone or with package and version, is the name of this world, in a version that semantic
    /// versioning calls compatible.
    pub fn is_called(&self, name: &str) -> bool {
        if name.contains(':') { compatible(name, self.name()) } else { name == self.short_name() }
    }

    /// What the contract says of the world.
    pub fn documentation(&self) -> Option<&str> {
        self.0.resolve.worlds.get(self.0.world)?.docs.contents.as_deref()
    }

    /// What the world is in, with all that its types refer to.
    pub fn resolve(&self) -> (&Resolve, WorldId) {
        (&self.0.resolve, self.0.world)
    }
}

/// The name.
impl fmt::Debug for WorldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WorldType").field(&self.0.name).finish()
    }
}
