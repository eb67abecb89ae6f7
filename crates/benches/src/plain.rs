//! Plain wasmtime: instances from a pool or on demand, all of WASI linked, and no limits, deadlines, counts or error
//! types. It is measured with wasmtime's defaults, and with memory that is kept for the next call, as the host keeps
//! it.

use wasmtime::component::{Component, HasSelf, Linker, Resource, ResourceTable};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Result, Store,
};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use bindings::Transformer;
use bindings::TransformerPre;
use bindings::exports::plugwright::plugin::transform::{Document, Failure};
use bindings::plugwright::plugin::host::{Field, Host, HostMapResource, Level};

mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "transformer",
        imports: { default: trappable },
        with: { "plugwright:plugin/host.map-resource": super::Map },
    });
}

/// A transformer, compiled and linked.
pub struct Plain {
    engine: Engine,
    pre: TransformerPre<State>,
}

/// An instance of a transformer in its own store.
pub struct PlainInstance {
    store: Store<State>,
    transformer: Transformer,
}

/// The data of a store.
pub struct State {
    wasi: WasiCtx,
    table: ResourceTable,
}

/// A resource that none of the measured plugins makes.
pub struct Map;

/// Makes an engine with a pool of instances and wasmtime's other defaults.
pub fn engine() -> Engine {
    with_pool(PoolingAllocationConfig::new())
}

/// Makes the same engine, except that the first 4 MiB of memory that a call wrote to are cleared in place.
fn keeping_engine() -> Engine {
    let mut pool = PoolingAllocationConfig::new();
    pool.linear_memory_keep_resident(4 << 20)
        .table_keep_resident(4 << 20)
        .pagemap_scan(Enabled::Auto);
    with_pool(pool)
}

fn with_pool(pool: PoolingAllocationConfig) -> Engine {
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config).expect("an engine with a pool")
}

/// Compiles a component.
pub fn compile(engine: &Engine, component: &[u8]) -> Component {
    Component::new(engine, component).expect("a component")
}

impl Plain {
    /// Compiles and links a transformer. Each instance gets its own memory from the system.
    pub fn on_demand(component: &[u8]) -> Self {
        Self::of(Engine::default(), component)
    }

    /// Compiles and links a transformer. Its instances come from a pool.
    pub fn new(component: &[u8]) -> Self {
        Self::of(engine(), component)
    }

    /// Compiles and links a transformer. Its instances come from a pool, and memory is kept for the next call.
    pub fn keeping(component: &[u8]) -> Self {
        Self::of(keeping_engine(), component)
    }

    fn of(engine: Engine, component: &[u8]) -> Self {
        let component = compile(&engine, component);
        let mut linker = Linker::<State>::new(&engine);
        wasmtime_wasi::p2::add_to_linker_sync(&mut linker).expect("WASI");
        Transformer::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state).expect("the host");
        let pre = linker.instantiate_pre(&component).and_then(TransformerPre::new);
        Self { engine, pre: pre.expect("a transformer") }
    }

    /// Makes an instance.
    pub fn instance(&self) -> PlainInstance {
        let state = State { wasi: WasiCtxBuilder::new().build(), table: ResourceTable::new() };
        let mut store = Store::new(&self.engine, state);
        let transformer = self.pre.instantiate(&mut store).expect("an instance");
        PlainInstance { store, transformer }
    }

    /// Makes an instance and calls it with a document.
    pub fn transform(&self, document: &Document) -> Document {
        self.instance().transform(document)
    }
}

impl PlainInstance {
    /// Calls the instance with a document.
    pub fn transform(&mut self, document: &Document) -> Document {
        let transform = self.transformer.plugwright_plugin_transform();
        let answer: Result<Result<Document, Failure>> =
            transform.call_transform(&mut self.store, document, &[]);
        answer.expect("no trap").expect("a document")
    }
}

/// Makes a document for [`Plain::transform`].
pub fn document(body: &[u8]) -> Document {
    let plugwright_contract::Document { name, media_type, body, .. } = crate::document(body);
    Document { name, media_type, body, attributes: Vec::new() }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl Host for State {
    fn log(&mut self, _: Level, _: String, _: Vec<Field>) -> Result<()> {
        Ok(())
    }

    fn log_structured(&mut self, _: String, _: Resource<Map>) -> Result<()> {
        Ok(())
    }
}

impl HostMapResource for State {
    fn new(&mut self, _: Vec<(String, String)>) -> Result<Resource<Map>> {
        Ok(self.table.push(Map)?)
    }

    fn take(&mut self, _: Resource<Map>) -> Result<Vec<(String, String)>> {
        Ok(Vec::new())
    }

    fn length(&mut self, _: Resource<Map>) -> Result<u32> {
        Ok(0)
    }

    fn drop(&mut self, map: Resource<Map>) -> Result<()> {
        self.table.delete(map)?;
        Ok(())
    }
}
