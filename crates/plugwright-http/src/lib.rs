//! Makes a component that answers HTTP of a plugin that turns documents into others: one of the world
//! [`wasi:http/proxy`](https://github.com/WebAssembly/wasi-http), which engines run.
//!
//! Three components become one. An adapter has the types of HTTP on the one side and the contract on the other; the plugin is
//! as it was built; and a third one is its host, whose log is standard error. The adapters are plugins of this repository's
//! pipeline, in `adapters/`, and what is done with a request is in `guest/`.

use std::collections::BTreeSet;

use thiserror::Error;
use wac_graph::types::{Package, are_semver_compatible};
use wac_graph::{CompositionGraph, EncodeOptions, NodeId, PackageId};

/// What stands around a plugin, as components.
#[derive(Debug, Clone)]
pub struct Adapters {
    /// Answers with what a transformer makes of a whole document.
    pub transformer: Vec<u8>,
    /// Answers with what a streamer makes of a document while it comes.
    pub streamer: Vec<u8>,
    /// Is the plugin's host.
    pub host: Vec<u8>,
}

/// A component that answers HTTP.
#[derive(Debug, Clone)]
pub struct Served {
    /// The component.
    pub component: Vec<u8>,
    /// The interfaces that it imports because the plugin does, and no adapter: what the engine gives it by them, the plugin has.
    pub beyond: Vec<String>,
}

/// Why a plugin does not answer HTTP.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ComposeError {
    /// It is no plugin that turns documents into others.
    #[error(
        "it exports no `{TRANSFORM}`: what answers HTTP is a plugin of the world `transformer` or `streamer`"
    )]
    NoTransformer,
    /// Something is no component, or none that fits.
    #[error("it does not go together with the adapter: {0}")]
    Graph(String),
}

const HOST: &str = "plugwright:plugin/host@0.2.0";
const TRANSFORM: &str = "plugwright:plugin/transform@0.2.0";
const SESSIONS: &str = "plugwright:plugin/sessions@0.2.0";
const SEED: &str = "wasi:random/insecure-seed@0.2.12";
const HANDLER: &str = "wasi:http/incoming-handler";

/// What the adapters import themselves, so that each engine has it.
const COMMON: [&str; 3] = ["wasi:io/", "wasi:http/types", "wasi:cli/stderr"];

/// Makes a component that answers HTTP of `plugin`, a component too. It has to be one that a host has looked at: what is
/// not, wac-graph may not be able to take apart, and ends the process.
///
/// # Errors
///
/// Says what the plugin lacks, or what does not fit.
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

/// What a composed component imports because of the plugin alone.
fn beyond(component: &[u8]) -> Result<Vec<String>, ComposeError> {
    let mut graph = Graph::default();
    let whole = graph.add("whole", component)?;
    let is_common = |it: &&str| COMMON.iter().any(|common| it.starts_with(common));
    let beyond: BTreeSet<_> =
        graph.imports(whole).filter(|it| !is_common(it)).map(str::to_owned).collect();
    Ok(beyond.into_iter().collect())
}

/// Components, and who is given what of whom.
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

    /// What the component exports under this name, or under that of another version which is as good.
    fn export_of(&self, component: PackageId, name: &str) -> Option<&str> {
        self.exports(component).find(|it| fits(it, name))
    }

    /// Gives what `from` exports to the instance of a component, as far as that imports any of `names`.
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
