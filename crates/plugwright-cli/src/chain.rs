//! A chain of plugins. It is loaded once, and then runs any number of documents, also in parallel.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::chain_file::Stage;
use anyhow::anyhow;
use plugwright::{CallError, Candidate, ForeignText, Host, Limits, Plugin};
use plugwright_contract::prelude::*;
use plugwright_contract::{AnyPlugin, Description, Setting, Streamer, Transformer};

use crate::exit::{self, Failed};
use crate::input::Input;
use crate::output::Output;
use crate::stream::Stream;
use crate::{description, parallel, permissions, plugin_argument};

/// A stage with its loaded plugin, and all options for it.
pub(crate) struct Loaded {
    plugin: Documents,
    options: Vec<Setting>,
}

/// A plugin that takes documents.
#[derive(Clone)]
struct Documents {
    transformer: Plugin<Transformer>,
    /// The same plugin as a streamer, if it takes documents in pieces.
    streamer: Option<Plugin<Streamer>>,
}

/// A sequence of plugins, where each plugin gets the result of the one before it.
pub(crate) struct Chain {
    links: Vec<Loaded>,
    /// Held while the sessions for a document are opened. Otherwise two documents could each hold half of the host's
    /// places for instances, and wait for each other forever.
    opening: Mutex<()>,
}

/// Adds the place of a stage in its pipeline file to a failure of the stage.
pub(crate) fn at_its_place(stage: &Stage, failed: Failed) -> Failed {
    match &stage.place {
        Some(place) => failed.context(place.clone()),
        None => failed,
    }
}

/// Returns the limits of a host for the stages: the loosest of each limit, because each plugin also has its own limits.
pub(crate) fn host_limits(
    stages: &[Stage],
    permissions: &permissions::Options,
) -> Result<Limits, Failed> {
    let limits: Result<Vec<Limits>, Failed> =
        stages.iter().map(|stage| permissions.limits(&stage.limits)).collect();
    Ok(Limits::loosest(limits?))
}

/// Loads the plugins of `stages`. The options of `options` for a plugin come after those of its stage.
pub(crate) fn load(
    stages: &[Stage],
    options: &[Setting],
    permissions: &permissions::Options,
    dist: &Path,
    host: &Host,
) -> Result<Vec<Loaded>, Failed> {
    let mut asking = permissions.asking();
    // A plugin that occurs twice in the chain is loaded once: `indices` has, for each stage, its place in `read`.
    let mut read: Vec<(&Stage, Candidate<'static>, Host)> = Vec::new();
    let mut indices = Vec::new();
    for stage in stages {
        let same = |(it, ..): &(&Stage, Candidate<'static>, Host)| {
            it.plugin == stage.plugin && it.grants == stage.grants
        };
        let index = read.iter().position(same).unwrap_or(read.len());
        if index == read.len() {
            let one = read_one(stage, permissions, &mut asking, dist, host);
            let (candidate, host) = one.map_err(|failed| at_its_place(stage, failed))?;
            read.push((stage, candidate, host));
        }
        indices.push(index);
    }
    let of_stages: Vec<_> = indices.iter().filter_map(|index| read.get(*index)).collect();
    let names: Vec<&str> = of_stages.iter().map(|(_, candidate, _)| candidate.name()).collect();
    for (index, (stage, (_, candidate, _))) in stages.iter().zip(&of_stages).enumerate() {
        check_options(stage, index, candidate, &names, options)?;
    }
    // In parallel, because each plugin may have to be compiled.
    let loaded = parallel::each(&read, |(stage, candidate, host)| {
        Documents::load(stage, candidate, host).map_err(|failed| at_its_place(stage, failed))
    });
    let loaded = loaded.into_iter().collect::<Result<Vec<_>, _>>()?;
    let plugins: Vec<&Documents> =
        indices.into_iter().filter_map(|index| loaded.get(index)).collect();
    asking.finish(&names)?;
    let loaded = stages.iter().zip(&plugins).map(|(stage, plugin)| {
        let limits = permissions.limits(&stage.limits)?;
        let options = options_of(stage, plugin.transformer.name(), &names, options);
        Ok(Loaded { plugin: plugin.with_limits(&limits)?, options })
    });
    loaded.collect()
}

/// Refuses options that the plugin of a stage would refuse, before anything runs, if the description in the plugin says
/// so.
fn check_options(
    stage: &Stage,
    index: usize,
    candidate: &Candidate<'_>,
    names: &[&str],
    options: &[Setting],
) -> Result<(), Failed> {
    let Some(schema) = description::of(candidate) else { return Ok(()) };
    let options = options_of(stage, candidate.name(), names, options);
    schema.check(&options).map_err(|failure| {
        let failed = CallError::Refused { plugin: candidate.name().into(), failure }.into();
        match stage.place {
            Some(_) => at_its_place(stage, failed),
            None => failed.in_stage(index, names.len()),
        }
    })
}

/// Reads and verifies the plugin of a stage, and returns it with the host to load it into.
fn read_one(
    stage: &Stage,
    permissions: &permissions::Options,
    asking: &mut permissions::Asking<'_>,
    dist: &Path,
    host: &Host,
) -> Result<(Candidate<'static>, Host), Failed> {
    let grants = permissions.grants(&stage.grants, &stage.folder)?;
    let read = plugin_argument::read(&stage.plugin, &stage.folder, dist, host.limits())?;
    let candidate = host.verify(read)?;
    if permissions.policy.is_some() {
        return Ok((candidate, host.clone()));
    }
    asking.hear(candidate.name(), candidate.manifest(), &stage.grants)?;
    Ok((candidate, host.with_grants(grants)))
}

impl Documents {
    /// Loads the plugin of a stage, which must take documents.
    fn load(stage: &Stage, candidate: &Candidate<'_>, host: &Host) -> Result<Self, Failed> {
        if !candidate.fits::<Transformer>()? {
            refuse_others(&stage.plugin, candidate)?;
        }
        Ok(match plugin_argument::load(candidate, host)? {
            AnyPlugin::Streamer(streamer) => {
                Self { transformer: streamer.to_transformer(), streamer: Some(streamer) }
            }
            AnyPlugin::Transformer(transformer) => Self { transformer, streamer: None },
            AnyPlugin::Prettify(_) => return Err(no_documents(&stage.plugin, candidate, None)),
        })
    }

    fn with_limits(&self, limits: &Limits) -> Result<Self, Failed> {
        let transformer = self.transformer.with_limits(limits).map_err(exit::usage)?;
        let streamer = self.streamer.as_ref().map(|plugin| plugin.with_limits(limits));
        Ok(Self { transformer, streamer: streamer.transpose().map_err(exit::usage)? })
    }
}

/// Refuses a plugin that does not take documents because it is for another contract.
fn refuse_others(argument: &OsStr, candidate: &Candidate<'_>) -> Result<(), Failed> {
    let worlds = plugwright_contract::worlds();
    let inspection = candidate.inspect(worlds)?;
    let contract = inspection.contract.as_ref().map(ForeignText::exact);
    let package = |name: &str| name.split('@').next().map(str::to_owned);
    let is_ours = |it: &str| worlds.iter().any(|world| package(&world.package()) == package(it));
    match (&inspection.world, contract) {
        // The plugin is broken, or was built for another version: loading it says what does not fit.
        (None, Some(contract)) if is_ours(contract) => Ok(()),
        _ => Err(no_documents(argument, candidate, inspection.world)),
    }
}

/// Returns the failure for a plugin that does not take documents.
fn no_documents(argument: &OsStr, candidate: &Candidate<'_>, world: Option<ForeignText>) -> Failed {
    let declared = candidate.manifest().map(|manifest| ForeignText::from(&*manifest.world));
    let of = world.or(declared).map(|world| format!(", because its world is `{world}`"));
    let (name, argument) = (ForeignText::from(candidate.name()), ForeignText::of_path(argument));
    exit::usage(anyhow!(
        "`{name}` does not take documents{}: `plugwright call {argument}` lists its functions",
        of.unwrap_or_default()
    ))
}

impl Chain {
    /// Makes a chain of plugins.
    pub(crate) fn new(links: Vec<Loaded>) -> Self {
        Self { links, opening: Mutex::new(()) }
    }

    /// Returns the name of each plugin, with the plugin's description of itself.
    pub(crate) fn describe(&self) -> Result<Vec<(String, Description)>, Failed> {
        let count = self.links.len();
        let describe = |(index, link): (usize, &Loaded)| {
            let transformer = &link.plugin.transformer;
            let description = transformer.describe();
            let description =
                description.map_err(|error| Failed::from(error).in_stage(index, count))?;
            Ok((transformer.name().to_owned(), description))
        };
        self.links.iter().enumerate().map(describe).collect()
    }

    /// Runs `input` through the chain, into the output that `open` returns for the name of the result. The caller must
    /// finish the output.
    ///
    /// If all plugins are streamers, the document passes through in pieces and is never in memory as a whole.
    pub(crate) fn run(
        &self,
        mut input: Input,
        open: impl FnOnce(&str) -> Result<Output, Failed>,
    ) -> Result<Output, Failed> {
        let streamers =
            self.links.iter().map(|link| Some((link.plugin.streamer.as_ref()?, &*link.options)));
        if let Some(streamers) = streamers.collect::<Option<Vec<_>>>() {
            let stream = {
                let _opening = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
                Stream::open(&streamers, &input.head)?
            };
            let mut output = open(stream.name())?;
            stream.run(&mut input, &mut output)?;
            return Ok(output);
        }
        // A chain has at least one plugin.
        let (first, limits) = match &*self.links {
            [first, ..] => (first.plugin.transformer.name(), first.plugin.transformer.limits()),
            [] => ("", Limits::none()),
        };
        let mut document = input.document(first, &limits)?;
        for (index, Loaded { plugin, options }) in self.links.iter().enumerate() {
            document = plugin
                .transformer
                .transform(&document, options)
                .map_err(|error| Failed::from(error).in_stage(index, self.links.len()))?;
        }
        let mut output = open(&document.name)?;
        output.write(&document.body).map_err(exit::usage)?;
        Ok(output)
    }
}

/// Returns all options of a stage with the plugin `name`: its own, and those of the command line for it.
fn options_of(stage: &Stage, name: &str, names: &[&str], options: &[Setting]) -> Vec<Setting> {
    stage.options.iter().cloned().chain(options_for(name, names, options)).collect()
}

/// Returns the options of the command line for the plugin `name`, one of `stages`: those with its name, and those for
/// all plugins.
fn options_for(name: &str, stages: &[&str], options: &[Setting]) -> Vec<Setting> {
    let meant = options.iter().filter_map(|option| {
        let own = option.key.split_once('.');
        match own.filter(|(owner, _)| stages.contains(owner)) {
            Some((owner, key)) => (owner == name).then(|| Setting::new(key, &*option.value)),
            None => Some(option.clone()),
        }
    });
    meant.collect()
}
