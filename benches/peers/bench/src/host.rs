//! This host, with all of its limits.

use std::path::Path;

use plugwright::{Cache, Host, Limits, Plugin};
use plugwright_contract::Transformer;
use plugwright_contract::prelude::*;

use crate::way::Way;

/// Returns the host as an application creates it.
pub fn host() -> Host {
    benches::host(Limits::default())
}

/// Returns a host that compiles each time.
pub fn without_cache() -> Host {
    Host::builder().no_cache().build().expect("the engine starts")
}

/// Opens the cache in this folder.
pub fn cache(folder: &Path) -> Cache {
    Cache::open(folder).unwrap_or_else(|error| panic!("{error}"))
}

/// Returns a host that uses this cache.
pub fn with_cache(cache: &Cache) -> Host {
    Host::builder().cache(cache.clone()).build().expect("the engine starts")
}

/// Loads a transformer.
pub fn load(host: &Host, name: &str, component: &[u8]) -> Plugin<Transformer> {
    host.load_bytes(name, component).unwrap_or_else(|error| panic!("{error}"))
}

/// Returns the ways to call a transformer.
pub fn ways<'a>(plugin: &'a Plugin<Transformer>) -> Vec<Way<'a>> {
    let fresh = Way::new("this host", move |body| {
        let input = benches::document(body);
        Box::new(move || plugin.transform(&input, &[]).expect("the plugin returns a document").body)
    });
    // All limits start anew in each call.
    let live = Way::new("this host, live", move |body| {
        let input = benches::document(body);
        let mut instance = plugin.open_instance().expect("the instance starts");
        Box::new(move || {
            instance.transform(&input, &[]).expect("the plugin returns a document").body
        })
    });
    vec![fresh, live]
}
