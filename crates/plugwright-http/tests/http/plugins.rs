//! Plugins behind HTTP: composed, and run by `wasmtime serve`.

use plugwright_http::serve;
use tests::dist;

use crate::served::{Server, adapters};

impl Server {
    /// Serves the built plugin `name`.
    pub(crate) fn of(name: &str) -> Self {
        Self::of_bytes(&dist().read(name).expect("it is built"))
    }

    /// Serves a plugin.
    pub(crate) fn of_bytes(plugin: &[u8]) -> Self {
        let served = serve(plugin, &adapters()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(served.beyond, [] as [&str; 0]);
        Self::of_component(&served.component)
    }

    /// Serves a component of the world `wasi:http/proxy`.
    pub(crate) fn of_component(component: &[u8]) -> Self {
        Self::with(component, &[])
    }
}
