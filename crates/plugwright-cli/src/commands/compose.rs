//! `plugwright compose`: wraps a plugin in a component that WebAssembly engines run.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::completion;

#[derive(Debug, Args)]
#[command(after_help = "\
The result is a component of the world `wasi:http/proxy`. `wasmtime serve FILE` runs it, and so should other
engines. `POST /` takes a document, with the plugin's options in the query, and responds with the plugin's
result. `GET /` responds with the plugin's description.")]
pub(crate) struct Arguments {
    /// The plugin, which must transform documents: a name in the folder of built plugins, a file, or `oci://…`
    #[arg(value_name = "PLUGIN", value_hint = ValueHint::FilePath, add = completion::plugins())]
    plugin: OsString,

    /// Makes the component answer HTTP requests
    #[arg(long, required = true)]
    http: bool,

    /// Writes the component to FILE, or to standard output if FILE is `-`
    #[arg(short, long, value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    output: PathBuf,

    /// The folder of the HTTP adapters, which `just build http` in a clone of Plugwright builds [default: the folder
    /// where `just install` puts them, or `http` in the folder of built plugins]
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
        "this `plugwright` was built without `compose`: run `just install` in a clone of Plugwright, or build it with \
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

    /// An adapter component: 8 MiB at most.
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
        // A file that is not a plugin, or that needs more than its manifest asks for, must not be served.
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
            log::show_text(&format!("`{name}` gets these from the engine: {}\n", shown.join(", ")));
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

    /// Returns the folder of the adapters: the one given, the one beside an installed command, or the one they are
    /// built to.
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
                "there are no adapters in {}: build them with `just build http` in a clone of Plugwright, or take them \
                 from a release archive, and name their folder with `--adapters`",
                shown.join(" or ")
            ))
        })
    }
}
