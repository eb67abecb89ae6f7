//! `plugwright push`: a plugin to a registry, with what is said of it.

use std::ffi::OsString;
use std::path::Path;

use clap::{Args, ValueHint};

use crate::exit::Failed;
use crate::{completion, registry};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The plugin: its name in the folder of built plugins, or a file
    #[arg(value_name = "PLUGIN|FILE", value_hint = ValueHint::FilePath, add = completion::plugins())]
    plugin: OsString,

    /// Where it is put: `oci://HOST/NAME:TAG`
    reference: String,

    #[command(flatten)]
    network: registry::Arguments,
}

#[cfg(not(feature = "registry"))]
pub(crate) fn push(_: &Arguments, _: &Path) -> Result<(), Failed> {
    Err(registry::absent())
}

#[cfg(feature = "registry")]
pub(crate) fn push(arguments: &Arguments, dist: &Path) -> Result<(), Failed> {
    use std::collections::BTreeMap;

    use plugwright::{ForeignText, Limits, Trust};
    use plugwright_registry::{Artifact, Reference};

    use crate::{exit, output, plugin_argument, progress};

    let reference: Reference = arguments.reference.parse().map_err(exit::usage)?;
    let read = plugin_argument::read(&arguments.plugin, Path::new(""), dist, &Limits::none())?;
    let file = read.file().unwrap_or(Path::new(read.name())).to_owned();
    // Whoever pushes says what it is; but it is to be a component.
    let candidate = read.verify(&Trust::anybody())?;
    let inspection = candidate.inspect(&[])?;
    let names = |names: Vec<ForeignText>| names.into_iter().map(ForeignText::into_exact).collect();
    let annotations =
        [("title", Some(ForeignText::from(candidate.name()))), ("version", inspection.version)];
    let annotations = annotations.into_iter().filter_map(|(key, value)| {
        Some((format!("org.opencontainers.image.{key}"), value?.into_exact()))
    });
    let artifact = Artifact {
        component: candidate.bytes().to_vec(),
        exports: names(inspection.exports),
        imports: names(inspection.imports),
        annotations: annotations.collect::<BTreeMap<_, _>>(),
    };
    let attached = registry::beside(&file)?;
    let client = arguments.network.client()?;
    let what = format!("pushing {}", ForeignText::from(candidate.name()));
    let pushed = progress::during(what, || client.push(&reference, &artifact, &attached, &|_| ()));
    let pushed = pushed.map_err(registry::failed)?;
    output::tell(&format!("{}\n", pushed.reference)).map_err(exit::usage)
}
