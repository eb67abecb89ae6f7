//! A chain of plugins: loaded once, and then any number of documents go through, also at once.

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

/// A stage whose plugin is loaded, with all options that are meant for it.
pub(crate) struct Loaded {
    plugin: Documents,
    options: Vec<Setting>,
}

/// A plugin that documents go through.
#[derive(Clone)]
struct Documents {
    transformer: Plugin<Transformer>,
    /// The same, if it takes them in pieces.
    streamer: Option<Plugin<Streamer>>,
}

/// Plugins, of which each gets what the one before it gives.
pub(crate) struct Chain {
    links: Vec<Loaded>,
    /// Held while the sessions for a document are opened. Two that each had a half of the host's places
    /// for instances would wait for each other forever.
    opening: Mutex<()>,
}

/// Adds where the stage stands to an error of it.
pub(crate) fn at_its_place(stage: &Stage, failed: Failed) -> Failed {
    match &stage.place {
        Some(place) => failed.context(place.clone()),
        None => failed,
    }
}

/// The limits of a host for the stages: the loosest of each, since each plugin keeps to its own, too.
pub(crate) fn host_limits(
    stages: &[Stage],
    permissions: &permissions::Options,
) -> Result<Limits, Failed> {
    let limits: Result<Vec<Limits>, Failed> =
        stages.iter().map(|stage| permissions.limits(&stage.limits)).collect();
    Ok(Limits::loosest(limits?))
}

/// Loads the plugins of `stages`. Those of `options` that are meant for one come after its own.
pub(crate) fn load(
    stages: &[Stage],
    options: &[Setting],
    permissions: &permissions::Options,
    dist: &Path,
    host: &Host,
) -> Result<Vec<Loaded>, Failed> {
    let mut asking = permissions.asking();
    // A plugin that stands in the chain twice is loaded once. For each stage, which of those that are read.
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
    // Several at once, because each may have to be compiled.
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

/// Refuses options that the plugin of a stage would refuse, before anything runs, as far as what is in the plugin says that.
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

/// Reads and verifies the plugin of a stage, and gives the host that it is to be loaded into.
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
    /// Loads the plugin of a stage, through which documents have to go.
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

/// Refuses a plugin that does not take documents because it is one of something else.
fn refuse_others(argument: &OsStr, candidate: &Candidate<'_>) -> Result<(), Failed> {
    let worlds = plugwright_contract::worlds();
    let inspection = candidate.inspect(worlds)?;
    let contract = inspection.contract.as_ref().map(ForeignText::exact);
    let package = |name: &str| name.split('@').next().map(str::to_owned);
    let is_ours = |it: &str| worlds.iter().any(|world| package(&world.package()) == package(it));
    match (&inspection.world, contract) {
        // It is broken, or was built for another version: what does not fit is told.
        (None, Some(contract)) if is_ours(contract) => Ok(()),
        _ => Err(no_documents(argument, candidate, inspection.world)),
    }
}

/// The error of a plugin that takes no documents.
fn no_documents(argument: &OsStr, candidate: &Candidate<'_>, world: Option<ForeignText>) -> Failed {
    let declared = candidate.manifest().map(|manifest| ForeignText::from(&*manifest.world));
    let of = world.or(declared).map(|world| format!(", as one of the world `{world}`"));
    let (name, argument) = (ForeignText::from(candidate.name()), ForeignText::of_path(argument));
    exit::usage(anyhow!(
        "`{name}` takes no documents{}: `plugwright call {argument}` lists what of it can be called",
        of.unwrap_or_default()
    ))
}

impl Chain {
    /// Makes a chain of plugins.
    pub(crate) fn new(links: Vec<Loaded>) -> Self {
        Self { links, opening: Mutex::new(()) }
    }

    /// The name of each plugin, and what it says of itself.
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

    /// Puts `input` through the chain into what `open` gives for the name of the result. That is left to
    /// be finished.
    ///
    /// If all plugins are streamers, the document goes through in pieces and is never held whole.
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
        // There is one at least.
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

/// All options of a stage whose plugin is `name`: its own, and those that are meant for it.
fn options_of(stage: &Stage, name: &str, names: &[&str], options: &[Setting]) -> Vec<Setting> {
    stage.options.iter().cloned().chain(options_for(name, names, options)).collect()
}

/// The options that are meant for the plugin `name`, one of `stages`: those of its own, and those for
/// all.
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
