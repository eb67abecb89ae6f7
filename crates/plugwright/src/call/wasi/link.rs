//! Links what a plugin imports of WASI.

use std::collections::BTreeSet;

use wasmtime::Result;
use wasmtime::component::{HasData, Linker, LinkerInstance, ResourceTable};
use wasmtime_wasi::WasiView as _;
use wasmtime_wasi::cli::{WasiCli, WasiCliView as _};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView as _};
use wasmtime_wasi::p2::bindings::{cli, clocks, filesystem, io, random};
use wasmtime_wasi::random::{WasiRandom, WasiRandomCtx};
use wasmtime_wasi_http::p2::bindings::http;
use wasmtime_wasi_http::{WasiHttp, WasiHttpView as _};

use super::files::HasFiles;
use super::on_runtime::Io;
use super::{directory, link_http, sizes};
use crate::call::state::State;
use crate::permission::wasi_names::name;

/// Links the interfaces among `imports` that [the host offers](crate::wasi_names::offer).
pub(crate) fn link<D: Send + 'static>(
    imports: &[String],
    linker: &mut Linker<State<D>>,
) -> Result<()> {
    // If an interface is imported in two versions, it is linked once.
    let names: BTreeSet<&str> = imports.iter().filter_map(|import| name(import)).collect();
    names.into_iter().try_for_each(|name| link_one(name, linker))
}

fn link_one<D: Send + 'static>(name: &str, l: &mut Linker<State<D>>) -> Result<()> {
    match name {
        "wasi:cli/environment" => cli::environment::add_to_linker::<_, WasiCli>(l, State::cli),
        "wasi:cli/exit" => cli::exit::add_to_linker::<_, WasiCli>(l, State::cli),
        "wasi:cli/stderr" => cli::stderr::add_to_linker::<_, WasiCli>(l, State::cli),
        "wasi:cli/stdin" => cli::stdin::add_to_linker::<_, WasiCli>(l, State::cli),
        "wasi:cli/stdout" => cli::stdout::add_to_linker::<_, WasiCli>(l, State::cli),
        "wasi:cli/terminal-input" => {
            cli::terminal_input::add_to_linker::<_, WasiCli>(l, State::cli)
        }
        "wasi:cli/terminal-output" => {
            cli::terminal_output::add_to_linker::<_, WasiCli>(l, State::cli)
        }
        "wasi:cli/terminal-stderr" => {
            cli::terminal_stderr::add_to_linker::<_, WasiCli>(l, State::cli)
        }
        "wasi:cli/terminal-stdin" => {
            cli::terminal_stdin::add_to_linker::<_, WasiCli>(l, State::cli)
        }
        "wasi:cli/terminal-stdout" => {
            cli::terminal_stdout::add_to_linker::<_, WasiCli>(l, State::cli)
        }
        "wasi:clocks/monotonic-clock" => {
            clocks::monotonic_clock::add_to_linker::<_, WasiClocks>(l, State::clocks)
        }
        "wasi:clocks/wall-clock" => {
            clocks::wall_clock::add_to_linker::<_, WasiClocks>(l, State::clocks)
        }
        "wasi:filesystem/preopens" => {
            filesystem::preopens::add_to_linker::<_, HasFiles>(l, State::files)
        }
        "wasi:filesystem/types" => {
            let mut types = shadowing(l, "wasi:filesystem/types@0.2.0")?;
            filesystem::types::add_to_linker_instance::<_, HasFiles>(&mut types, State::files)?;
            directory::link(&mut types)
        }
        "wasi:http/outgoing-handler" => {
            let mut handler = shadowing(l, "wasi:http/outgoing-handler@0.2.0")?;
            link_http::link_handler(&mut handler)
        }
        "wasi:http/types" => {
            let options = http::types::LinkOptions::default();
            let mut types = shadowing(l, "wasi:http/types@0.2.0")?;
            http::types::add_to_linker_instance::<_, WasiHttp>(&mut types, &options, State::http)?;
            link_http::link_types(&mut types)
        }
        "wasi:io/error" => {
            let mut error = shadowing(l, "wasi:io/error@0.2.0")?;
            io::error::add_to_linker_instance::<_, Errors>(&mut error, Errors::of)?;
            sizes::link_error(&mut error)
        }
        "wasi:io/poll" => io::poll::add_to_linker::<_, Io>(l, Io::of),
        "wasi:io/streams" => io::streams::add_to_linker::<_, Io>(l, Io::of),
        "wasi:random/insecure" => {
            let mut insecure = shadowing(l, "wasi:random/insecure@0.2.0")?;
            random::insecure::add_to_linker_instance::<_, WasiRandom>(&mut insecure, of_random)?;
            sizes::link_insecure(&mut insecure)
        }
        "wasi:random/insecure-seed" => {
            random::insecure_seed::add_to_linker::<_, WasiRandom>(l, of_random)
        }
        "wasi:random/random" => {
            let mut secure = shadowing(l, "wasi:random/random@0.2.0")?;
            random::random::add_to_linker_instance::<_, WasiRandom>(&mut secure, of_random)?;
            sizes::link_random(&mut secure)
        }
        _ => Ok(()),
    }
}

/// Returns the interface `name`, in which functions can be replaced. The version does not matter: the linker treats all
/// versions 0.2 as the same.
fn shadowing<'l, D: 'static>(
    linker: &'l mut Linker<State<D>>,
    name: &str,
) -> Result<LinkerInstance<'l, State<D>>> {
    linker.allow_shadowing(true).instance(name)
}

fn of_random<D: Send>(state: &mut State<D>) -> &mut WasiRandomCtx {
    state.ctx().ctx.random()
}

/// Provides the table of errors to `wasi:io/error`.
struct Errors;

impl Errors {
    fn of<D>(state: &mut State<D>) -> &mut ResourceTable {
        &mut state.resources
    }
}

impl HasData for Errors {
    type Data<'a> = &'a mut ResourceTable;
}
