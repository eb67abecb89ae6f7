//! The trait that a world of a contract implements for the host.

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

/// A world of a WIT contract. The type that wasmtime's `bindgen!` generates for the world implements this trait.
///
/// `bindgen!` needs the options `exports: { default: async }`, `include_component_type: true` and
/// `wasmtime_crate: plugwright::wasmtime`. Host functions are the methods of the traits that `bindgen!` generates,
/// implemented for [`State<Self::Data>`](State). They may be async or not. The limit
/// [`Limit::Deadline`](crate::Limit::Deadline) ends a call that waits in a host function.
///
/// For a complete example, see `examples/own-contract` in this library's repository.
pub trait World: Sized + Send + Sync + 'static {
    /// The world as `bindgen!` encodes it: `COMPONENT_TYPE`. It contains the names of the world and of its imports and
    /// exports. The host compares them with the imports and exports of a component before it compiles the component.
    const TYPE: &'static [u8];

    /// Older versions of the world that the host also serves, newest first. By default there are none. Their imports
    /// have to be [linked](World::link) as well.
    const OLDER: &'static [OlderWorld<Self>] = &[];

    /// Other worlds of the contract, encoded like [`World::TYPE`]. By default there are none. If a component does not
    /// fit this world, the error names the world among these that it fits. A component whose manifest declares one of
    /// these worlds has to fit that world.
    const OTHERS: &'static [&'static [u8]] = &[];

    /// Whether [`World::link`] always links the same functions and keeps no state. If so, a host that loads a component
    /// again links it only once. By default the component is linked at each load. [`world!`](crate::world) sets this to
    /// true.
    const LINKS_THE_SAME: bool = false;

    /// The application's own data, which host functions find in [`State::data`]. It is `()` if they need none, and
    /// often an `Arc`. Each call gets a clone of the value from [`Plugin::with_data`](crate::Plugin::with_data), or the
    /// default value.
    type Data: Clone + Default + Send + Sync + 'static;

    /// A component whose imports and exports are known to fit: the `<World>Pre<State<Self::Data>>` that `bindgen!`
    /// generates.
    type Pre: Send + Sync + 'static;

    /// Links what the world imports, except WASI, in each version that is served.
    ///
    /// # Errors
    ///
    /// The linker's error, which means that a name was linked twice.
    fn link(linker: &mut Linker<State<Self::Data>>) -> Result<()>;

    /// Checks that the component has the exports of this world.
    ///
    /// # Errors
    ///
    /// An error that names the missing export.
    fn prepare(component: InstancePre<State<Self::Data>>) -> Result<Self::Pre>;

    /// Makes a fresh instance in `store`.
    ///
    /// # Errors
    ///
    /// An error that names the export with another type, or the trap that ended the component's own initialisation.
    fn instantiate(
        pre: &Self::Pre,
        store: &mut Store<State<Self::Data>>,
    ) -> impl Future<Output = Result<Self>> + Send;
}

/// A world in one version of its contract. The host determines a plugin's version once, when it loads the plugin. The
/// result of [`OlderWorld::prepare`] is for that version.
pub struct OlderWorld<W: World> {
    /// The world in this version, encoded like [`World::TYPE`].
    pub ty: &'static [u8],
    /// Prepares a component of this version, as [`World::prepare`] does for the newest version.
    pub prepare: Prepare<W>,
}

pub(crate) type Prepare<W> =
    fn(InstancePre<State<<W as World>::Data>>) -> Result<<W as World>::Pre>;

/// Returns what is known of `W`. It is decoded once.
///
/// # Errors
///
/// [`LoadError::World`] if `W` does not encode a world.
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

/// Returns the name of the world `W`, in the same version as the world named `other`.
pub(crate) fn in_version_of<W: World>(other: &str) -> Arc<str> {
    let decoded = known::<W>();
    let mut versions = decoded.iter().flat_map(|known| known.versions());
    let version = versions.find(|version| version.version() == split(other).1);
    version.map_or(other, WorldType::name).into()
}

/// Returns the function that prepares a component for instantiation, for the version with that number.
pub(crate) fn prepare_of<W: World>(version: usize) -> Prepare<W> {
    let older = version.checked_sub(1).and_then(|number| W::OLDER.get(number));
    older.map_or(W::prepare, |version| version.prepare)
}

impl Candidate<'_> {
    /// Returns whether the component has all exports of the world `W`, in one of the versions that are served.
    ///
    /// # Errors
    ///
    /// [`LoadError::World`] if `W` does not encode a world.
    pub fn fits<W: World>(&self) -> Result<bool, LoadError> {
        let known = known::<W>()?;
        Ok(known.versions().iter().any(|version| self.surface().exports_all_of(version)))
    }
}
