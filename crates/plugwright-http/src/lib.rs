//! Turns a plugin that transforms documents into a component that answers HTTP.
//!
//! The result is a component of the world [`wasi:http/proxy`](https://github.com/WebAssembly/wasi-http), which engines
//! such as `wasmtime serve` run:
//!
//! ```no_run
//! use std::fs;
//!
//! use plugwright_http::{Adapters, serve};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let adapters = Adapters {
//!     transformer: fs::read("dist/http/transformer.wasm")?,
//!     streamer: fs::read("dist/http/streamer.wasm")?,
//!     host: fs::read("dist/http/host.wasm")?,
//! };
//! let served = serve(&fs::read("dist/markdown.wasm")?, &adapters)?;
//! fs::write("served.wasm", served.component)?;
//! # Ok(())
//! # }
//! ```
//!
//! [`serve`] composes three components into one. An adapter translates between HTTP and the contract. The plugin is the
//! file that the pipeline built, unchanged. The third component is the plugin's host, whose log is standard error.
//!
//! This repository's pipeline builds the adapters, whose sources are in `adapters/`. Their common code, which reads
//! requests and writes responses, is in `guest/`.

use std::collections::BTreeSet;

use thiserror::Error;
use wac_graph::types::{Package, are_semver_compatible};
use wac_graph::{CompositionGraph, EncodeOptions, NodeId, PackageId};

/// The components that are composed with a plugin.
#[derive(Debug, Clone)]
pub struct Adapters {
    /// The adapter for transformers, which answers when the whole document has arrived.
    pub transformer: Vec<u8>,
    /// The adapter for streamers, which answers while the document arrives.
    pub streamer: Vec<u8>,
    /// The plugin's host.
    pub host: Vec<u8>,
}

/// A component that answers HTTP.
#[derive(Debug, Clone)]
pub struct Served {
    /// The component.
    pub component: Vec<u8>,
    /// The interfaces that only the plugin imports, not the adapters. The plugin gets everything that the engine gives
    /// through these interfaces.
    pub beyond: Vec<String>,
}

/// Why a plugin cannot answer HTTP.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ComposeError {
    /// The plugin does not transform documents.
    #[error(
        "it does not export `{TRANSFORM}`: only plugins of the worlds `transformer` and `streamer` can answer HTTP"
    )]
    NoTransformer,
    /// The plugin or an adapter is not a component, or they do not fit together.
    #[error("it does not fit the adapter: {0}")]
    Graph(String),
}

const HOST: &str = "plugwright:plugin/host@0.2.0";
const TRANSFORM: &str = "plugwright:plugin/transform@0.2.0";
const SESSIONS: &str = "plugwright:plugin/sessions@0.2.0";
const SEED: &str = "wasi:random/insecure-seed@0.2.12";
const HANDLER: &str = "wasi:http/incoming-handler";

/// The interfaces that the adapters import themselves. Every engine must have them.
const COMMON: [&str; 3] = ["wasi:io/", "wasi:http/types", "wasi:cli/stderr"];

/// Composes `plugin` with the adapters into a component that answers HTTP.
///
/// A host must have inspected the plugin before. With other bytes, wac-graph may end the process.
///
/// # Errors
///
/// Fails if the plugin does not transform documents, or if the components do not fit together.
pub fn serve(plugin: &[u8], adapters: &Adapters) -> Result<Served, ComposeError> {
    let mut graph = Graph::default();
    let plugin = graph.add("plugin", plugin)?;
    if graph.export_of(plugin, TRANSFORM).is_none() {
        return Err(ComposeError::NoTransformer);
    }
    let is_streamer = graph.export_of(plugin, SESSIONS).is_some();
    let adapter = if is_streamer { &adapters.streamer } else { &adapters.transformer };
    let adapter = graph.add("adapter", adapter)?;
    let host = graph.add("host", &adapters.host)?;

    let host = graph.graph.instantiate(host);
    let plugin_instance = graph.graph.instantiate(plugin);
    let adapter_instance = graph.graph.instantiate(adapter);
    graph.plug(host, (plugin, plugin_instance), &[HOST, SEED])?;
    graph.plug(host, (adapter, adapter_instance), &[HOST, SEED])?;
    graph.plug(plugin_instance, (adapter, adapter_instance), &[TRANSFORM, SESSIONS])?;
    let handler = graph.exports(adapter).find(|it| it.split('@').next() == Some(HANDLER));
    let handler = handler.unwrap_or(HANDLER).to_owned();
    let exported = graph.graph.alias_instance_export(adapter_instance, &handler).map_err(wrong)?;
    graph.graph.export(exported, &handler).map_err(wrong)?;
    let component = graph.graph.encode(EncodeOptions::default()).map_err(wrong)?;
    Ok(Served { beyond: beyond(&component)?, component })
}

/// Returns the interfaces that a composed component imports only because of the plugin.
fn beyond(component: &[u8]) -> Result<Vec<String>, ComposeError> {
    let mut graph = Graph::default();
    let whole = graph.add("whole", component)?;
    let is_common = |it: &&str| COMMON.iter().any(|common| it.starts_with(common));
    let beyond: BTreeSet<_> =
        graph.imports(whole).filter(|it| !is_common(it)).map(str::to_owned).collect();
    Ok(beyond.into_iter().collect())
}

/// A graph of components that is composed into one component.
#[derive(Default)]
struct Graph {
    graph: CompositionGraph,
}

impl Graph {
    fn add(&mut self, name: &str, component: &[u8]) -> Result<PackageId, ComposeError> {
        let package = Package::from_bytes(name, None, component, self.graph.types_mut());
        self.graph.register_package(package.map_err(wrong)?).map_err(wrong)
    }

    fn exports(&self, component: PackageId) -> impl Iterator<Item = &str> {
        let world = &self.graph.types()[self.graph[component].ty()];
        world.exports.keys().map(String::as_str)
    }

    fn imports(&self, component: PackageId) -> impl Iterator<Item = &str> {
        let world = &self.graph.types()[self.graph[component].ty()];
        world.imports.keys().map(String::as_str)
    }

    /// Returns the name under which the component exports this interface, in this version or in a compatible one.
    fn export_of(&self, component: PackageId, name: &str) -> Option<&str> {
        self.exports(component).find(|it| fits(it, name))
    }

    /// Connects the exports of `from` to the imports of an instance of a component, for the interfaces in `names`.
    fn plug(
        &mut self,
        from: NodeId,
        (component, instance): (PackageId, NodeId),
        names: &[&str],
    ) -> Result<(), ComposeError> {
        let wanted = self.imports(component).filter(|it| names.iter().any(|name| fits(it, name)));
        let wanted: Vec<_> = wanted.map(str::to_owned).collect();
        let source = self.graph[from].package();
        for import in wanted {
            let export = source.and_then(|source| self.export_of(source, &import));
            let export = export.unwrap_or(&import).to_owned();
            let given = self.graph.alias_instance_export(from, &export).map_err(wrong)?;
            self.graph.set_instantiation_argument(instance, &import, given).map_err(wrong)?;
        }
        Ok(())
    }
}

fn wrong(error: impl Into<anyhow::Error>) -> ComposeError {
    ComposeError::Graph(format!("{:#}", error.into()))
}

fn fits(one: &str, other: &str) -> bool {
    one == other || are_semver_compatible(one, other)
}
