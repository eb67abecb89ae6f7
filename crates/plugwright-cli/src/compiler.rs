//! The options that say who compiles plugins, and what that may use.

use anyhow::{Context as _, anyhow};
use clap::{Args, ValueEnum};
use plugwright::{Compiler, HostBuilder, TextError};

use crate::exit::{self, Failed};

/// Who compiles plugins, for all commands.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Where plugins are compiled: in a `process` of their own, which is ended when it goes beyond its limits, or
    /// `here`, without limits
    #[arg(
        long = "compiler",
        global = true,
        value_name = "WHERE",
        env = "PLUGWRIGHT_COMPILER",
        default_value = "process"
    )]
    place: Place,

    /// Sets what compiling a plugin in a process of its own may use, as `--limit` does: time, cpu-time, memory or
    /// code-size
    // Commands have `limits` of their own.
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
    /// Has the host's plugins compiled as these options say.
    pub(crate) fn apply(&self, host: HostBuilder) -> Result<HostBuilder, Failed> {
        if matches!(self.place, Place::Here) && !self.compiler_limits.is_empty() {
            return Err(exit::usage(anyhow!(
                "with `--compiler here` nothing limits compiling: leave out `--compiler-limit`, or say \
                 `--compiler process`"
            )));
        }
        let compiler = match self.place {
            Place::Process => Compiler::this_program()
                .context("the system does not say which program this is: add `--compiler here`")
                .map_err(exit::load)?,
            Place::Here => Compiler::in_process(),
        };
        let compiler =
            self.compiler_limits.iter().try_fold(compiler, |it, text| it.with_text(text));
        Ok(host.compiler(compiler.map_err(exit::usage)?))
    }
}

/// The limit, once it is known to be one.
fn limit(text: &str) -> Result<String, TextError> {
    Compiler::in_process().with_text(text).map(|_| text.to_owned())
}
