//! `plugwright push`: pushes a plugin to a registry, with its provenance, bill of materials and signature.

use std::ffi::OsString;
use std::path::Path;

use clap::{Args, ValueHint};

use crate::exit::Failed;
use crate::{completion, registry};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The plugin: a name in the folder of built plugins, or a file
    #[arg(value_name = "PLUGIN", value_hint = ValueHint::FilePath, add = completion::plugins())]
    plugin: OsString,

    /// The reference to push to: `oci://HOST/NAME:TAG`
    reference: String,

    /// Adds an OCI annotation, such as `source=https://example.org/plugins`; a KEY without a dot gets the prefix
    /// `org.opencontainers.image.`
    #[arg(long, value_name = "KEY=VALUE", value_parser = annotation)]
    annotation: Vec<(String, String)>,
}

/// The prefix of the annotations that OCI defines.
const IMAGE: &str = "org.opencontainers.image.";

/// Parses an annotation.
fn annotation(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if key.contains('.') => Ok((key.to_owned(), value.to_owned())),
        Some((key, value)) if !key.is_empty() => Ok((format!("{IMAGE}{key}"), value.to_owned())),
        _ => Err("an annotation has the form KEY=VALUE".to_owned()),
    }
}

#[cfg(not(feature = "registry"))]
pub(crate) fn push(_: &Arguments, _: &Path, _: &plugwright::Trust) -> Result<(), Failed> {
    Err(registry::absent())
}

#[cfg(feature = "registry")]
pub(crate) fn push(
    arguments: &Arguments,
    dist: &Path,
    trust: &plugwright::Trust,
) -> Result<(), Failed> {
    use std::collections::BTreeMap;

    use plugwright::{ForeignText, Limits};
    use plugwright_registry::{Artifact, Reference};

    use crate::statement::Statement;
    use crate::{exit, output, plugin_argument, progress};

    let reference: Reference = arguments.reference.parse().map_err(exit::usage)?;
    let read = plugin_argument::read(&arguments.plugin, Path::new(""), dist, &Limits::none())?;
    let file = read.file().unwrap_or(Path::new(read.name())).to_owned();
    let candidate = read.verify(trust)?;
    let inspection = candidate.inspect(&[])?;
    let names = |names: Vec<ForeignText>| names.into_iter().map(ForeignText::into_exact).collect();
    let statement = Statement::read(output::folder_of(&file), candidate.name(), &inspection.sha256);
    let known = [
        ("title", Some(ForeignText::from(candidate.name()))),
        ("version", inspection.version),
        ("revision", statement.ok().and_then(|it| it.commit())),
    ];
    let known = known.into_iter().filter_map(|(key, value)| Some((key, value?.into_exact())));
    let known = known.map(|(key, value)| (format!("{IMAGE}{key}"), value));
    let annotations = known.chain(arguments.annotation.iter().cloned());
    let artifact = Artifact {
        component: candidate.bytes().to_vec(),
        exports: names(inspection.exports),
        imports: names(inspection.imports),
        annotations: annotations.collect::<BTreeMap<_, _>>(),
    };
    let attached = registry::beside(&file)?;
    let client = registry::client()?;
    let what = format!("pushing {}", ForeignText::from(candidate.name()));
    let pushed = progress::of_bytes(&what, |bytes| {
        let bytes = bytes.clone();
        client.push(&reference, &artifact, &attached, move |sent| {
            bytes.begin(sent.what);
            bytes.tell(sent.done, sent.all);
        })
    });
    let pushed = pushed.map_err(registry::failed)?;
    output::tell(&format!("{}\n", pushed.reference)).map_err(exit::usage)
}
