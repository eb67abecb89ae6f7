//! A contract as a value: the worlds of a package of WIT, decoded.

#![warn(clippy::arithmetic_side_effects)]

use std::fmt;
use std::sync::Arc;

use wit_parser::decoding::decode_world;
use wit_parser::{Resolve, WorldId};

use crate::version::{compatible, split};

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
pub struct WorldTypeError(String);

impl WorldType {
    /// Decodes what wasmtime's `bindgen!` leaves with `include_component_type: true`: a world that is encoded as a
    /// component's type.
    ///
    /// # Errors
    ///
    /// [`WorldTypeError`] if it is none.
    pub fn decode(bytes: &[u8]) -> Result<Self, WorldTypeError> {
        let (resolve, world) =
            decode_world(bytes).map_err(|error| WorldTypeError(format!("{error:#}")))?;
        Ok(Self::of(Arc::new(resolve), world))
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
        let names = |items: Option<&wit_parser::IndexMap<_, _>>| {
            let keys = items.into_iter().flat_map(wit_parser::IndexMap::keys);
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

    /// Says whether `name`, alone or with package and version, is the name of this world, in a version that semantic
    /// versioning calls compatible.
    pub fn is_called(&self, name: &str) -> bool {
        if name.contains(':') { compatible(name, self.name()) } else { name == self.short_name() }
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
