//! What a contract is to the host: the one trait that a world implements.

use std::any::{TypeId, type_name};
use std::collections::BTreeMap;
use std::iter;
use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::component::{InstancePre, Linker};
use wasmtime::{Result, Store};

use crate::admission::candidate::Candidate;
use crate::admission::known::Known;
use crate::admission::load_error::LoadError;
use crate::call::state::State;
use crate::contract::WorldType;
use crate::text::version::split;

/// A world of a WIT contract, as wasmtime's `bindgen!` makes one: the type that it generates for the
/// world implements this.
///
/// `bindgen!` has to be told `exports: { default: async }`, `include_component_type: true` and
/// `wasmtime_crate: plugwright::wasmtime`. Host functions may be async or not; they are the methods of
/// the traits that it generates, implemented for [`State<Self::Data>`](State). The limit
/// [`Limit::Deadline`](crate::Limit::Deadline) ends a call that waits in one.
///
/// A worked example is `examples/own-contract` in this library's repository.
pub trait World: Sized + Send + Sync + 'static {
    /// The world, as `bindgen!` encodes it: `COMPONENT_TYPE`. From it come the names of the world and of what it imports
    /// and exports; the host compares them with what a component asks for and offers before it compiles anything.
    const TYPE: &'static [u8];

    /// The world in older versions of its contract that are served, too, the newest of them first: by
    /// default none. What they import has to be [linked](World::link) as well.
    const OLDER: &'static [OlderWorld<Self>] = &[];

    /// Other worlds of the contract, encoded as [`World::TYPE`] is: by default none. A component that does not fit is
    /// told which of them it would, and a manifest that declares one of them has to be true of that.
    const OTHERS: &'static [&'static [u8]] = &[];

    /// Says that [`World::link`] links the same each time, whatever else is going on, and holds on to nothing: then a host that
    /// loads a component again links it once. By default it is linked each time. [`world!`](crate::world) says so.
    const LINKS_THE_SAME: bool = false;

    /// What the application's own host functions find in [`State::data`]: `()` if they need nothing,
    /// often an `Arc`. Each call gets a clone of the one in [`Plugin::with_data`](crate::Plugin::with_data), else the default.
    type Data: Clone + Default + Send + Sync + 'static;

    /// A component whose imports and exports are known to fit: `<World>Pre<State<Self::Data>>` of
    /// `bindgen!`.
    type Pre: Send + Sync + 'static;

    /// Links what the world imports, WASI aside, in each version that is served.
    ///
    /// # Errors
    ///
    /// Whatever the linker says, which is at fault only if a name is linked twice.
    fn link(linker: &mut Linker<State<Self::Data>>) -> Result<()>;

    /// Checks that the component exports what this world needs.
    ///
    /// # Errors
    ///
    /// Says which export is missing.
    fn prepare(component: InstancePre<State<Self::Data>>) -> Result<Self::Pre>;

    /// Makes a fresh instance in `store`.
    ///
    /// # Errors
    ///
    /// Says which export is of another type, or is a trap while the component's own initialisation
    /// runs.
    fn instantiate(
        pre: &Self::Pre,
        store: &mut Store<State<Self::Data>>,
    ) -> impl Future<Output = Result<Self>> + Send;
}

/// A world in one version of its contract. Which one a plugin has is found out when it is loaded, and never
/// asked again: what [`OlderWorld::prepare`] gives knows it.
pub struct OlderWorld<W: World> {
    /// The world in this version, encoded as [`World::TYPE`] is.
    pub ty: &'static [u8],
    /// Does what [`World::prepare`] does, for a component of this version.
    pub prepare: Prepare<W>,
}

pub(crate) type Prepare<W> =
    fn(InstancePre<State<<W as World>::Data>>) -> Result<<W as World>::Pre>;

/// What is known of `W`. It is decoded once.
///
/// # Errors
///
/// [`LoadError::World`] if the world has not the type of one.
pub(crate) fn known<W: World>() -> Result<Arc<Known>, LoadError> {
    static ALL: Mutex<BTreeMap<TypeId, Arc<Known>>> = Mutex::new(BTreeMap::new());
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = all.get(&TypeId::of::<W>()) {
        return Ok(Arc::clone(known));
    }
    let decode = |ty: &[u8]| {
        let world = || type_name::<W>().into();
        WorldType::decode(ty).map_err(|source| LoadError::World { world: world(), source })
    };
    let versions = iter::once(W::TYPE).chain(W::OLDER.iter().map(|version| version.ty));
    let versions = versions.map(decode).collect::<Result<_, _>>()?;
    let others = W::OTHERS.iter().copied().map(decode).collect::<Result<_, _>>()?;
    let known = Arc::new(Known { versions, others });
    all.insert(TypeId::of::<W>(), Arc::clone(&known));
    Ok(known)
}

/// The name of the world `W` in the version that the name of another world has.
pub(crate) fn in_version_of<W: World>(other: &str) -> Arc<str> {
    let decoded = known::<W>();
    let mut versions = decoded.iter().flat_map(|known| known.versions());
    let version = versions.find(|version| version.version() == split(other).1);
    version.map_or(other, WorldType::name).into()
}

/// What makes of a component one that is ready to be instantiated, for the version of that number.
pub(crate) fn prepare_of<W: World>(version: usize) -> Prepare<W> {
    let older = version.checked_sub(1).and_then(|number| W::OLDER.get(number));
    older.map_or(W::prepare, |version| version.prepare)
}

impl Candidate<'_> {
    /// Says whether it exports all that a plugin of the world `W` has to, in one of the versions that are served.
    ///
    /// # Errors
    ///
    /// [`LoadError::World`] if `W` has not the type of a world.
    pub fn fits<W: World>(&self) -> Result<bool, LoadError> {
        let known = known::<W>()?;
        Ok(known.versions().iter().any(|version| self.surface().exports_all_of(version)))
    }
}
