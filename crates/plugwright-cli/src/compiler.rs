//! The options for where plugins are compiled, and for the limits of compiling.

use anyhow::{Context as _, anyhow};
use clap::{Args, ValueEnum};
use plugwright::{Compiler, HostBuilder, TextError};

use crate::exit::{self, Failed};

/// The compiler options of all commands.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Where to compile plugins: in a separate `process`, which is ended if it exceeds its limits, or `here`, in this
    /// process and without limits
    #[arg(
        long = "compiler",
        global = true,
        value_name = "WHERE",
        env = "PLUGWRIGHT_COMPILER",
        default_value = "process"
    )]
    place: Place,

    /// Sets a limit for compiling a plugin in a separate process, written as for `--limit`: time, cpu-time, memory or
    /// code-size
    // The name `limits` is taken by an option of some commands.
    #[arg(long = "compiler-limit", global = true, value_name = "NAME=VALUE", value_parser = limit)]
    compiler_limits: Vec<String>,
}

/// Where plugins are compiled.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Place {
    Process,
    Here,
}

impl Options {
    /// Sets the compiler of the host as these options say.
    pub(crate) fn apply(&self, host: HostBuilder) -> Result<HostBuilder, Failed> {
        if matches!(self.place, Place::Here) && !self.compiler_limits.is_empty() {
            return Err(exit::usage(anyhow!(
                "`--compiler here` compiles without limits: leave out `--compiler-limit`, or use \
                 `--compiler process`"
            )));
        }
        let compiler = match self.place {
            Place::Process => Compiler::this_program()
                .context("cannot find the file of this program: add `--compiler here`")
                .map_err(exit::load)?,
            Place::Here => Compiler::in_process(),
        };
        let compiler =
            self.compiler_limits.iter().try_fold(compiler, |it, text| it.with_text(text));
        Ok(host.compiler(compiler.map_err(exit::usage)?))
    }
}

/// Returns the text of the limit, after checking that it is valid.
fn limit(text: &str) -> Result<String, TextError> {
    Compiler::in_process().with_text(text).map(|_| text.to_owned())
}
