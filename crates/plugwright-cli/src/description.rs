//! A plugin's description of itself. The pipeline calls the plugin for it once, and embeds it in the plugin, where it
//! is read.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::anyhow;
use plugwright::{Candidate, FileKind, ForeignText, Grants, Host, Manifest, custom_sections};
use plugwright_contract::{AnyPlugin, Schema, TransformerCalls as _, Values};

use crate::exit::{self, Failed};
use crate::plugin_argument;
use crate::wit::is_of_documents;

/// The custom section in which the crate for authors puts the possible values of options.
const VALUES: &str = "plugwright:options";
/// The custom section of plugins whose printed output goes to the log of their contract.
const WITHOUT_WASI: &str = "plugwright:without-wasi";

/// Returns the description embedded in the plugin, if there is one and it can be read. A later release may write a
/// description that this one cannot read.
pub(crate) fn of(candidate: &Candidate<'_>) -> Option<Schema> {
    Schema::of(candidate).ok().flatten()
}

/// Returns the description of a plugin of documents: the embedded one, or else the one that the plugin returns when
/// `host` calls it.
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

/// Returns a row for each option, with its name, its default and its help.
pub(crate) fn option_rows(schema: &Schema) -> impl Iterator<Item = String> {
    schema.options.iter().map(|option| {
        let [key, default, help] = [&option.key, &option.default, &option.help]
            .map(|text| ForeignText::from(&**text).to_string());
        format!("{key}={default}  {help}")
    })
}

/// Calls a plugin of documents for its description. The unstripped file has the possible values of its options. A
/// plugin that does not answer, such as a new skeleton, has no description.
pub(crate) fn answer(
    plugin: &AnyPlugin,
    unstripped: Option<&Path>,
) -> Result<Option<Schema>, Failed> {
    let unstripped = unstripped.map(|file| FileKind::SYMBOLS.read(file)).transpose();
    let values = values_in(&unstripped.map_err(exit::load)?.unwrap_or_default());
    let answer = plugin.transformer().and_then(|plugin| plugin.describe().ok());
    Ok(answer.map(|answer| Schema::new(&answer, |key| values.get(key).cloned())))
}

/// Refuses a plugin that asks for grants that it cannot use because it is built without WASI, as its unstripped file
/// says.
pub(crate) fn check_wasi(manifest: &Manifest, unstripped: &Path) -> Result<(), Failed> {
    let unstripped = FileKind::SYMBOLS.read(unstripped).map_err(exit::load)?;
    if custom_sections(&unstripped, WITHOUT_WASI).is_empty() {
        return Ok(());
    }
    let asked = manifest.grants.iter().map(ToString::to_string);
    match asked.into_iter().find(|it| it.starts_with("folder-rw=") || it.starts_with("variable=")) {
        None => Ok(()),
        Some(grant) => Err(exit::load(anyhow!(
            "the manifest asks for `{}`, but the plugin is built without WASI and cannot write files or read variables: \
             add `wasi: true` at the end of its macro, or leave out `without_wasi!`",
            ForeignText::from(&*grant)
        ))),
    }
}

/// Returns the possible values of options, by the names of the options. The crate for authors puts them into a plugin,
/// and stripping removes them.
fn values_in(unstripped: &[u8]) -> BTreeMap<String, Values> {
    #[derive(serde::Deserialize)]
    struct Line {
        key: String,
        #[serde(flatten)]
        values: Values,
    }
    let sections = custom_sections(unstripped, VALUES).into_iter();
    let lines = sections.flat_map(|data| data.split(|byte| *byte == b'\n'));
    // Only the crate for authors writes these sections, so other lines are ignored.
    let lines = lines.filter_map(|line| serde_json::from_slice::<Line>(line).ok());
    lines.map(|Line { key, values }| (key, values)).collect()
}

/// Refuses a plugin whose embedded description differs from the one that it returns when it is called.
pub(crate) fn check(candidate: &Candidate<'_>, plugin: &AnyPlugin) -> Result<(), Failed> {
    let name = ForeignText::from(candidate.name());
    let schema = Schema::of(candidate).map_err(|error| exit::load(anyhow!("`{name}`: {error}")))?;
    let (Some(schema), Some(transformer)) = (schema, plugin.transformer()) else {
        return Ok(());
    };
    match schema.is_that_of(&transformer.describe()?) {
        true => Ok(()),
        false => Err(exit::load(anyhow!(
            "the description embedded in `{name}` differs from the one that the plugin returns: build it again"
        ))),
    }
}
