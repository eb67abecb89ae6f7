//! `plugwright pull`: pulls a plugin from a registry, with its provenance, bill of materials and signature.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::exit::Failed;
use crate::permissions::LimitOptions;
use crate::registry;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The reference to pull: `oci://HOST/NAME:TAG` or `oci://HOST/NAME@sha256:DIGEST`
    reference: String,

    /// Writes the plugin to FILE, and its other files beside FILE [default: NAME.wasm]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,

    #[command(flatten)]
    limits: LimitOptions,
}

#[cfg(not(feature = "registry"))]
pub(crate) fn pull(_: &Arguments, _: plugwright::HostBuilder) -> Result<(), Failed> {
    Err(registry::absent())
}

#[cfg(feature = "registry")]
pub(crate) fn pull(arguments: &Arguments, host: plugwright::HostBuilder) -> Result<(), Failed> {
    use std::fs;

    use anyhow::anyhow;
    use plugwright::registry::{PAPERS, Reference, papers, papers_beside};
    use plugwright::{FileKind, ForeignText, Limit, Unverified, name_of};
    use plugwright_registry::Limits;

    use crate::{exit, output};

    // The limit already applied when the plugin was pulled.
    const PULLED: FileKind = FileKind::new("pulled plugin", u64::MAX);

    let reference: Reference = arguments.reference.parse().map_err(exit::usage)?;
    let name = reference.name().rsplit('/').next().unwrap_or_default();
    let file = arguments.output.clone().unwrap_or_else(|| format!("{name}.wasm").into());
    // Several files are written, each to a temporary file that then replaces the target.
    if fs::symlink_metadata(&file).is_ok_and(|found| !found.is_file()) {
        let file = ForeignText::of_path(&file);
        return Err(exit::usage(anyhow!("`{file}` exists and is not a file: name another file")));
    }
    // `pull` compiles nothing, so it needs no cache.
    let host = host.no_cache().limits(arguments.limits.limits()?).build().map_err(exit::load)?;
    let limits = host.limits().get(Limit::ComponentSize);
    let limits = Limits { component: limits.unwrap_or(u64::MAX), ..Limits::default() };
    let client = registry::client()?;
    let pull = |told: &(dyn Fn(u64, u64) + Sync)| client.pull(&reference, &PAPERS, &limits, told);
    let pulled = registry::pulling(&reference, pull).map_err(registry::failed)?;
    // File names come from `file`: the registry's names are not used here.
    let papers = papers(&file, &pulled.attached);
    let signature =
        papers.iter().find(|(path, _)| path.extension().is_some_and(|it| it == "minisig"));
    let signature = signature.map(|(_, bytes)| String::from_utf8_lossy(bytes));
    let component = PULLED.read(pulled.component.path()).map_err(exit::load)?;
    let plugin = Unverified::new(name_of(&file), component);
    host.verify_agreed(plugin.with_signature(signature.as_deref()))?;
    for (_, path) in papers_beside(&file) {
        let written = match papers.iter().find(|(of, _)| *of == path) {
            Some((_, bytes)) => output::write_beside(&path, bytes),
            // An existing file belongs to another plugin.
            None => output::remove(&path),
        };
        written.map_err(exit::usage)?;
    }
    output::copy_beside(pulled.component.path(), &file).map_err(exit::usage)?;
    output::tell(&format!("{}\n", reference.at(&pulled.digest))).map_err(exit::usage)
}
