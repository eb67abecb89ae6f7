//! Plain wasmtime, without limits, deadlines or counters.

use benches::plain::{self, Plain};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::way::Way;

/// Instances that are allocated on demand, and instances from a pool.
pub struct Plains {
    on_demand: Plain,
    pool: Plain,
}

impl Plains {
    /// Compiles and links a transformer.
    pub fn new(component: &[u8]) -> Self {
        Self { on_demand: Plain::on_demand(component), pool: Plain::new(component) }
    }

    /// Returns the ways to call the transformer.
    pub fn ways(&self) -> Vec<Way<'_>> {
        vec![
            fresh("wasmtime on demand", &self.on_demand),
            fresh("wasmtime with a pool", &self.pool),
            Way::new("wasmtime, live", move |body| {
                let (mut instance, input) = (self.pool.instance(), plain::document(body));
                Box::new(move || instance.transform(&input).body)
            }),
        ]
    }
}

fn fresh<'a>(name: &'static str, plain: &'a Plain) -> Way<'a> {
    Way::new(name, move |body| {
        let input = plain::document(body);
        Box::new(move || plain.transform(&input).body)
    })
}

/// Returns an engine, and its compiled code for a component.
pub fn compiled(component: &[u8]) -> (Engine, Vec<u8>) {
    let engine = plain::engine();
    let compiled =
        plain::compile(&engine, component).serialize().expect("the compiled code is valid");
    (engine, compiled)
}

/// Loads compiled code.
#[expect(unsafe_code, reason = "wasmtime runs whatever is in the file")]
pub fn load(engine: &Engine, file: &std::path::Path) -> Component {
    // SAFETY: this program wrote the file.
    unsafe { Component::deserialize_file(engine, file) }.expect("the compiled code is valid")
}
