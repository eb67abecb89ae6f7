//! `plugwright compose`: a component that engines run, around a plugin.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::completion;

#[derive(Debug, Args)]
#[command(after_help = "\
What comes out is a component of the world `wasi:http/proxy`: `wasmtime serve FILE` runs it, as other engines should. `POST /` with a document gives what the plugin makes of it, with options as the query, and `GET /` gives the
plugin's description.")]
pub(crate) struct Arguments {
    /// The plugin, one that turns documents into others: its name in the folder of built plugins, a file, or `oci://…`
    #[arg(value_name = "PLUGIN|FILE", value_hint = ValueHint::FilePath, add = completion::plugins())]
    plugin: OsString,

    /// Has it answer HTTP
    #[arg(long, required = true)]
    http: bool,

    /// Writes the component to FILE, or to standard output if it is `-`
    #[arg(short, long, value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    output: PathBuf,

    /// The folder of the adapters, which are the plugins `http` of Plugwright itself [default: where the command is
    /// installed, or `http` in the folder of built plugins]
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    adapters: Option<PathBuf>,
}

#[cfg(not(feature = "compose"))]
pub(crate) fn compose(
    _: &Arguments,
    _: &std::path::Path,
    _: &crate::wit::Options,
    _: plugwright::HostBuilder,
) -> Result<(), crate::exit::Failed> {
    Err(crate::exit::usage(anyhow::anyhow!(
        "this command is built without `compose`: install one that has it, as `just install` does, or build it with \
         `--features compose`"
    )))
}

#[cfg(feature = "compose")]
pub(crate) use there::compose;

#[cfg(feature = "compose")]
mod there {
    use std::env;
    use std::path::{Path, PathBuf};

    use anyhow::anyhow;
    use plugwright::{FileKind, ForeignText, HostBuilder};
    use plugwright_http::{Adapters, Served, serve};

    use super::Arguments;
    use crate::commands::size::Causes;
    use crate::commands::{check, install};
    use crate::exit::{self, Failed};
    use crate::{log, output, plugin_argument, wit};

    /// A part of what is composed.
    const ADAPTER: FileKind = FileKind::new("adapter", 8 << 20);

    pub(crate) fn compose(
        Arguments { plugin, http: _, output: to, adapters }: &Arguments,
        dist: &Path,
        wit: &wit::Options,
        host: HostBuilder,
    ) -> Result<(), Failed> {
        let host = host.build().map_err(exit::load)?;
        let read = plugin_argument::read(plugin, Path::new(""), dist, host.limits())?;
        let candidate = host.verify_agreed(read)?;
        // What is no plugin, or asks for what it does not say, is put behind no HTTP.
        let known = wit.known([dist])?;
        let inspection = candidate.inspect(known.all())?;
        let causes = Causes { symbols: None, before: None };
        check::world(&host, &candidate, &inspection, &known, &causes, false)?;
        let adapters = of_folder(&folder(adapters.as_deref(), dist)?)?;
        let name = ForeignText::from(candidate.name());
        let served = serve(candidate.bytes(), &adapters);
        let Served { component, beyond } =
            served.map_err(|error| exit::load(anyhow!("`{name}`: {error}")))?;
        if !beyond.is_empty() {
            let shown: Vec<_> =
                beyond.iter().map(|it| format!("`{}`", ForeignText::from(&**it))).collect();
            log::show_text(&format!("`{name}` gets what the engine has of {}\n", shown.join(", ")));
        }
        let to = Some(&**to).filter(|to| *to != Path::new("-"));
        output::write(to, &component).map_err(exit::usage)
    }

    fn of_folder(folder: &Path) -> Result<Adapters, Failed> {
        let (_, [transformer, streamer, host]) = install::ADAPTERS;
        let read = |name: &str| ADAPTER.read(folder.join(name)).map_err(exit::usage);
        Ok(Adapters {
            transformer: read(transformer)?,
            streamer: read(streamer)?,
            host: read(host)?,
        })
    }

    /// Where the adapters are: where somebody says, or beside an installed command, or where they are built.
    fn folder(named: Option<&Path>, dist: &Path) -> Result<PathBuf, Failed> {
        if let Some(named) = named {
            return Ok(named.to_owned());
        }
        let (below, [name, ..]) = install::ADAPTERS;
        let this = env::current_exe().ok();
        let installed = this.and_then(|it| Some(it.parent()?.parent()?.join(below)));
        let places: Vec<_> = installed.into_iter().chain([dist.join("http")]).collect();
        let found = places.iter().find(|it| it.join(name).is_file());
        found.cloned().ok_or_else(|| {
            let shown: Vec<_> =
                places.iter().map(|it| format!("`{}`", ForeignText::of_path(it))).collect();
            exit::file(anyhow!(
                "there are no adapters in {}: `just build http` in a clone of Plugwright builds them, and `--adapters` names \
                 their folder",
                shown.join(" or ")
            ))
        })
    }
}
