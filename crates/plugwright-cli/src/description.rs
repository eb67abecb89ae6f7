//! What a plugin says of itself: asked once when it is built, put into it, and read from there.

use std::path::Path;

use anyhow::anyhow;
use plugwright::{Candidate, FileKind, ForeignText, Grants, Host};
use plugwright_contract::{AnyPlugin, Schema, TransformerCalls as _};

use crate::exit::{self, Failed};
use crate::plugin_argument;
use crate::wit::is_of_documents;

/// What the plugin says of itself when it was built, if that is in it.
pub(crate) fn of(candidate: &Candidate<'_>) -> Result<Option<Schema>, Failed> {
    let name = ForeignText::from(candidate.name());
    Schema::of(candidate).map_err(|error| exit::load(anyhow!("`{name}`: {error}")))
}

/// What a plugin of documents says of itself: what is in it, or else what it says when `host` asks it.
pub(crate) fn of_or_ask(candidate: &Candidate<'_>, host: &Host) -> Result<Option<Schema>, Failed> {
    if let Some(schema) = of(candidate)? {
        return Ok(Some(schema));
    }
    let inspection = candidate.inspect(plugwright_contract::worlds())?;
    match inspection.world {
        Some(ref world) if inspection.mismatches.is_empty() && is_of_documents(world.exact()) => {
            let host = host.with_grants(Grants::placeholders(&inspection.grants));
            let transformer = plugin_argument::load(candidate, &host)?.transformer();
            let answer = transformer.map(|plugin| plugin.describe()).transpose()?;
            Ok(answer.map(|answer| Schema::new(&answer, |_| None)))
        }
        _ => Ok(None),
    }
}

/// A row for each option: its name, its default, and what it does.
pub(crate) fn option_rows(schema: &Schema) -> impl Iterator<Item = String> {
    schema.options.iter().map(|option| {
        let [key, default, help] = [&option.key, &option.default, &option.help]
            .map(|text| ForeignText::from(&**text).to_string());
        format!("{key}={default}  {help}")
    })
}

/// What the plugin says of itself when it is asked, if it is one of documents. What values its options take says the
/// unstripped file. A plugin that gives no answer, as one that is begun, has nothing in it.
pub(crate) fn answer(
    plugin: &AnyPlugin,
    unstripped: Option<&Path>,
) -> Result<Option<Schema>, Failed> {
    let unstripped = unstripped.map(|file| FileKind::SYMBOLS.read(file)).transpose();
    let values = Schema::values_in(&unstripped.map_err(exit::load)?.unwrap_or_default());
    let answer = plugin.transformer().and_then(|plugin| plugin.describe().ok());
    Ok(answer.map(|answer| Schema::new(&answer, |key| values.get(key).cloned())))
}

/// Refuses a plugin in which there is something else than what it says when it is asked.
pub(crate) fn check(candidate: &Candidate<'_>, plugin: &AnyPlugin) -> Result<(), Failed> {
    let (Some(schema), Some(transformer)) = (of(candidate)?, plugin.transformer()) else {
        return Ok(());
    };
    match schema.is_that_of(&transformer.describe()?) {
        true => Ok(()),
        false => Err(exit::load(anyhow!(
            "`{}` says something else of itself than what is in it: build it again",
            ForeignText::from(candidate.name())
        ))),
    }
}
