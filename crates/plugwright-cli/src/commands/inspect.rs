//! `plugwright inspect`: shows a plugin's metadata, imports, exports and options.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;

use crate::surface::Surface;
use anyhow::anyhow;
use clap::Args;
use plugwright::{ForeignText, HostBuilder, Inspection};
use plugwright_contract::Schema;
use serde::Serialize;

use crate::exit::{self, Failed};
use crate::permissions::LimitOptions;
use crate::{completion, description, output, plugin_argument, wit};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The plugin: a name in the folder of built plugins, a file, or `oci://…`
    #[arg(value_name = "PLUGIN", add = completion::plugins())]
    plugin: OsString,

    /// Shows the output as JSON
    #[arg(long)]
    json: bool,

    /// Shows a JSON Schema of the plugin's options, for the table `options` of a pipeline file
    #[arg(long, conflicts_with = "json")]
    schema: bool,

    #[command(flatten)]
    limits: LimitOptions,
}

/// The output: facts from the file, and the description that the plugin gives of itself.
#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    inspection: Inspection,
    description: Option<Schema>,
    /// The functions that can be called, and those that the plugin calls.
    functions: Surface,
}

pub(crate) fn inspect(
    arguments: &Arguments,
    dist: &Path,
    wit: &wit::Options,
    host: HostBuilder,
) -> Result<(), Failed> {
    let limits = arguments.limits.limits()?;
    let read = plugin_argument::read(&arguments.plugin, Path::new(""), dist, &limits)?;
    let host = host.limits(limits).build().map_err(exit::load)?;
    let candidate = host.verify(read)?;
    let known = wit.known([dist, output::folder_of(Path::new(&arguments.plugin))])?;
    let inspection = candidate.inspect(known.all())?;
    // A plugin whose world WIT cannot express can still be inspected.
    let own = candidate.own_world();
    let documented = known.documented(&inspection);
    let functions = own.map_or_else(|_| Surface::default(), |own| Surface::of(&own, documented));
    // An embedded description is shown whatever else is wrong with the plugin. Without it, only a plugin that fits its
    // world of documents can be called for one.
    let description = description::of_or_ask(&candidate, &host)?;
    if arguments.schema {
        let schema = description.ok_or_else(|| {
            exit::usage(anyhow!(
                "`{}` has no options, because it does not take documents: leave out `--schema` to see what it has",
                ForeignText::from(candidate.name())
            ))
        })?;
        let json = serde_json::to_string_pretty(&schema.to_json_schema()).map_err(exit::usage)?;
        return output::tell_json(&(json + "\n")).map_err(exit::usage);
    }
    let report = Report { inspection, description, functions };
    if arguments.json {
        let json = serde_json::to_string_pretty(&report).map_err(exit::usage)? + "\n";
        return output::tell_json(&json).map_err(exit::usage);
    }
    output::tell(&report.to_text()).map_err(exit::usage)
}

impl Report {
    fn to_text(&self) -> String {
        let Self { inspection, description, functions } = self;
        let mut text = String::new();
        let mut row = |label: &str, value: &str| {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{label:<12} {value}");
        };
        let mut rows = |label: &str, values: &mut dyn Iterator<Item = String>| {
            for (index, value) in values.enumerate() {
                row(if index == 0 { label } else { "" }, &value);
            }
        };
        let told = |text: &ForeignText| text.to_string();
        let said = |text: &String| ForeignText::from(&**text).to_string();
        let or_unknown =
            |text: &Option<ForeignText>| text.as_ref().map_or("unknown".to_owned(), told);
        rows("name", &mut std::iter::once(or_unknown(&inspection.name)));
        rows("version", &mut std::iter::once(or_unknown(&inspection.version)));
        let world = inspection.world.as_ref().map_or("unknown".to_owned(), told);
        rows("world", &mut std::iter::once(world));
        rows("contract", &mut inspection.contract.iter().map(told));
        rows("size", &mut std::iter::once(format!("{} bytes", inspection.bytes)));
        rows("sha256", &mut std::iter::once(inspection.sha256.clone()));
        rows("imports", &mut inspection.imports.iter().map(told));
        rows("grants", &mut inspection.grants.iter().map(|grant| (*grant).to_owned()));
        rows("exports", &mut inspection.exports.iter().map(told));
        if let Some(manifest) = &inspection.manifest {
            let grants = manifest.grants.iter().map(|grant| format!("grant {grant}"));
            let limits = manifest.limits.texts().map(|limit| format!("limit {limit}"));
            let world = format!("world {}", manifest.world);
            rows("declares", &mut std::iter::once(world).chain(grants).chain(limits));
            rows("untrue", &mut inspection.mismatches.iter().map(ToString::to_string));
        }
        rows("producers", &mut inspection.producers.iter().map(told));
        if let Some(description) = description {
            rows("summary", &mut std::iter::once(said(&description.summary)));
            rows("takes", &mut description.takes.iter().map(said));
            rows("gives", &mut description.gives.iter().map(said));
            rows("options", &mut description::option_rows(description));
        }
        if !functions.is_empty() {
            text.push_str("\nfunctions to call\n\n");
            text.push_str(&functions.listing());
        }
        text
    }
}
