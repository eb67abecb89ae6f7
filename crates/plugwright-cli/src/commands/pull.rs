//! `plugwright pull`: a plugin from a registry, with what is said of it.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::exit::Failed;
use crate::permissions::LimitOptions;
use crate::registry;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Where it is: `oci://HOST/NAME:TAG`, or `oci://HOST/NAME@sha256:DIGEST`
    reference: String,

    /// Where it is put; what is said of it goes beside it [default: NAME.wasm]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,

    #[command(flatten)]
    network: registry::Arguments,

    #[command(flatten)]
    limits: LimitOptions,
}

#[cfg(not(feature = "registry"))]
pub(crate) fn pull(_: &Arguments) -> Result<(), Failed> {
    Err(registry::absent())
}

#[cfg(feature = "registry")]
pub(crate) fn pull(arguments: &Arguments) -> Result<(), Failed> {
    use plugwright::Limit;
    use plugwright::registry::{Reference, papers_beside};
    use plugwright_registry::Limits;

    use crate::{exit, output};

    let reference: Reference = arguments.reference.parse().map_err(exit::usage)?;
    let name = reference.name().rsplit('/').next().unwrap_or_default();
    let file = arguments.output.clone().unwrap_or_else(|| format!("{name}.wasm").into());
    let limits = arguments.limits.limits()?.get(Limit::ComponentSize);
    let limits = Limits { component: limits.unwrap_or(u64::MAX), ..Limits::default() };
    let client = arguments.network.client()?;
    let pulled = registry::pulling(&reference, |told| client.pull(&reference, &limits, told));
    let pulled = pulled.map_err(registry::failed)?;
    // What it is called there is the registry's to say, and not what it is called here.
    for (media_type, beside) in papers_beside(&file) {
        let written = match pulled.attached.iter().find(|it| it.media_type == media_type) {
            Some(attached) => output::write_beside(&beside, &attached.bytes),
            // One that is there is of another plugin.
            None => output::remove(&beside),
        };
        written.map_err(exit::usage)?;
    }
    output::copy_beside(pulled.component.path(), &file).map_err(exit::usage)?;
    output::tell(&format!("{}\n", reference.at(&pulled.digest))).map_err(exit::usage)
}
