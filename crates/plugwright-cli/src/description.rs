//! What a plugin says of itself: asked once when it is built, put into it, and read from there.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::anyhow;
use plugwright::{Candidate, FileKind, ForeignText, Grants, Host, Manifest, custom_sections};
use plugwright_contract::{AnyPlugin, Schema, TransformerCalls as _, Values};

use crate::exit::{self, Failed};
use crate::plugin_argument;
use crate::wit::is_of_documents;

/// The custom section in which the crate for authors says what values options take.
const VALUES: &str = "plugwright:options";
/// The custom section of plugins whose prints go to the log of their contract.
const WITHOUT_WASI: &str = "plugwright:without-wasi";

/// What the plugin said of itself when it was built, if that is in it and can be read: a later release may write more.
pub(crate) fn of(candidate: &Candidate<'_>) -> Option<Schema> {
    Schema::of(candidate).ok().flatten()
}

/// What a plugin of documents says of itself: what is in it, or else what it says when `host` asks it.
pub(crate) fn of_or_ask(candidate: &Candidate<'_>, host: &Host) -> Result<Option<Schema>, Failed> {
    if let Some(schema) = of(candidate) {
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
    let values = values_in(&unstripped.map_err(exit::load)?.unwrap_or_default());
    let answer = plugin.transformer().and_then(|plugin| plugin.describe().ok());
    Ok(answer.map(|answer| Schema::new(&answer, |key| values.get(key).cloned())))
}

/// Refuses a plugin that asks for what it cannot do because it prints without WASI, if the unstripped file says that it does.
pub(crate) fn check_wasi(manifest: &Manifest, unstripped: &Path) -> Result<(), Failed> {
    let unstripped = FileKind::SYMBOLS.read(unstripped).map_err(exit::load)?;
    if custom_sections(&unstripped, WITHOUT_WASI).is_empty() {
        return Ok(());
    }
    let asked = manifest.grants.iter().map(ToString::to_string);
    match asked.into_iter().find(|it| it.starts_with("folder-rw=") || it.starts_with("variable=")) {
        None => Ok(()),
        Some(grant) => Err(exit::load(anyhow!(
            "its manifest asks for `{}`, and it prints without WASI, so that it cannot write files and read variables: add `wasi: true` \
             at the end of its macro, or leave out `without_wasi!`",
            ForeignText::from(&*grant)
        ))),
    }
}

/// The values of options, by their names, as the crate for authors puts them into a plugin. Stripping takes them off.
fn values_in(unstripped: &[u8]) -> BTreeMap<String, Values> {
    #[derive(serde::Deserialize)]
    struct Line {
        key: String,
        #[serde(flatten)]
        values: Values,
    }
    let sections = custom_sections(unstripped, VALUES).into_iter();
    let lines = sections.flat_map(|data| data.split(|byte| *byte == b'\n'));
    // Nobody else writes such sections, and what is none of ours says nothing.
    let lines = lines.filter_map(|line| serde_json::from_slice::<Line>(line).ok());
    lines.map(|Line { key, values }| (key, values)).collect()
}

/// Refuses a plugin in which there is something else than what it says when it is asked.
pub(crate) fn check(candidate: &Candidate<'_>, plugin: &AnyPlugin) -> Result<(), Failed> {
    let name = ForeignText::from(candidate.name());
    let schema = Schema::of(candidate).map_err(|error| exit::load(anyhow!("`{name}`: {error}")))?;
    let (Some(schema), Some(transformer)) = (schema, plugin.transformer()) else {
        return Ok(());
    };
    match schema.is_that_of(&transformer.describe()?) {
        true => Ok(()),
        false => Err(exit::load(anyhow!(
            "`{name}` says something else of itself than what is in it: build it again"
        ))),
    }
}
