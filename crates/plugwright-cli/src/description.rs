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
            ask(&plugin_argument::load(candidate, &host)?, None)
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

/// Asks the plugin what it says of itself. What values its options take says the unstripped file.
pub(crate) fn ask(plugin: &AnyPlugin, unstripped: Option<&Path>) -> Result<Option<Schema>, Failed> {
    let Some(transformer) = plugin.transformer() else { return Ok(None) };
    let unstripped = unstripped.map(|file| FileKind::SYMBOLS.read(file)).transpose();
    let values = Schema::values_in(&unstripped.map_err(exit::load)?.unwrap_or_default());
    let description = transformer.describe()?;
    Ok(Some(Schema::new(&description, |key| values.get(key).cloned())))
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
