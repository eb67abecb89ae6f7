//! Compiles plugins: in this process, or in a separate process that can be ended.

pub(crate) mod confine;
pub(crate) mod process;
pub(crate) mod protocol;
pub(crate) mod worker;

use std::ffi::OsString;
use std::io::{self, PipeReader};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::engine::compiler_error::{CompilerError, CompilerLimit};
use crate::engine::seal::{Code, Key, Sealer};
use crate::text::text_error::TextError;
use crate::text::{amount, foreign_text};
use process::Program;
use protocol::{Answer, Request};

/// Selects where the plugins of a host are compiled, and the limits of compiling.
///
/// The cost of compiling a function is not known in advance: a function of a few kilobytes can take minutes and
/// gigabytes. In the [process of the host](Compiler::in_process) nothing stops this. A [separate
/// process](Compiler::process) is ended when it exceeds a limit, and however it fails, the host gets an error and
/// continues.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Compiler {
    program: Option<Program>,
    limits: CompilerLimits,
}

impl Compiler {
    /// Compiles in the process of the host, without limits. This is the default.
    pub fn in_process() -> Self {
        Self { program: None, limits: CompilerLimits::default() }
    }

    /// Compiles in a separate process of `program`. A process is started for each component that must be compiled,
    /// reads the component from its standard input, and ends.
    ///
    /// The program must call [`compile_worker`](crate::compile_worker) at the beginning of `main`, and must be built
    /// with the same version of this library. It ends when the process that started it ends, and this process must be
    /// the host: a script in between must `exec` the program, and the program cannot run in a PID namespace of its own.
    /// An environment variable tells the program what to do. It gets no other variables of the host except library
    /// search paths.
    ///
    /// On Linux, the process gives up what it does not need: it cannot open files, use the network, start programs or
    /// reach other processes, as far as the kernel has Landlock and seccomp. A `tracing` event at the level `debug`
    /// says which of them were available. On other systems, it has only limits of time, and the rights of its user.
    pub fn process(program: impl Into<PathBuf>) -> Self {
        Self::of(program.into(), false)
    }

    /// Compiles in a separate process of the running program, as [`Compiler::process`] does. On Linux this is the same
    /// program even if its file was replaced or removed since.
    ///
    /// # Errors
    ///
    /// The system's error, if it cannot tell which program is running.
    pub fn this_program() -> io::Result<Self> {
        let same = Path::new("/proc/self/exe");
        if cfg!(target_os = "linux") && same.exists() {
            return Ok(Self::of(same.to_owned(), true));
        }
        std::env::current_exe().map(|path| Self::of(path, true))
    }

    fn of(path: PathBuf, is_this: bool) -> Self {
        let program = Program { path, arguments: Vec::new(), is_this };
        Self { program: Some(program), ..Self::in_process() }
    }

    /// Adds an argument for the program, after the ones added before.
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        if let Some(program) = &mut self.program {
            program.arguments.push(argument.into());
        }
        self
    }

    /// Sets how long compiling a component may take by the wall clock; 5 minutes by default.
    pub fn time(self, time: Duration) -> Self {
        self.with(CompilerLimit::Time, u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }

    /// Sets the CPU time of all threads of the process together; 2 minutes by default. It is rounded up to whole
    /// seconds, which is what the system counts.
    pub fn cpu_time(self, time: Duration) -> Self {
        self.with(CompilerLimit::CpuTime, u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }

    /// Sets the bytes of memory that the process may write to; 2 GiB by default. Only Linux enforces this limit. A host
    /// runs at most one process for each core, and each may use this much. It does not count towards the host's
    /// [budget](crate::HostBuilder::memory_budget).
    pub fn memory(self, bytes: u64) -> Self {
        self.with(CompilerLimit::Memory, bytes)
    }

    /// Sets the bytes of a component's compiled code; 512 MiB by default.
    pub fn code_size(self, bytes: u64) -> Self {
        self.with(CompilerLimit::CodeSize, bytes)
    }

    /// Sets one limit, in the unit that [`CompilerLimit`] names. Limits apply only to a separate process.
    #[expect(clippy::indexing_slicing, reason = "there is a value for each limit")]
    pub fn with(mut self, limit: CompilerLimit, value: u64) -> Self {
        self.limits.0[limit as usize] = match limit {
            // The system treats a limit of zero seconds as one second.
            CompilerLimit::CpuTime => value.div_ceil(1000).max(1).saturating_mul(1000),
            _ => value,
        };
        self
    }

    /// Sets a limit from the text `NAME=VALUE`, as [`Limits::with_text`](crate::Limits::with_text) does.
    ///
    /// # Errors
    ///
    /// [`TextError`] if the text does not have this form.
    pub fn with_text(self, text: &str) -> Result<Self, TextError> {
        let (all, unknown) = (CompilerLimit::ALL, "the compiler has no limit");
        let (limit, value) =
            amount::read_limit(text, all, CompilerLimit::name, CompilerLimit::unit, unknown)?;
        Ok(self.with(limit, value.unwrap_or(u64::MAX)))
    }
}

impl Default for Compiler {
    fn default() -> Self {
        Self::in_process()
    }
}

/// The values of the limits.
#[derive(Debug, Clone, PartialEq, Eq)]
struct CompilerLimits([u64; CompilerLimit::ALL.len()]);

impl Default for CompilerLimits {
    fn default() -> Self {
        Self([300_000, 120_000, 2 << 30, 512 << 20])
    }
}

impl CompilerLimits {
    #[expect(clippy::indexing_slicing, reason = "there is a value for each limit")]
    fn get(&self, limit: CompilerLimit) -> u64 {
        self.0[limit as usize]
    }

    fn exceeded(&self, limit: CompilerLimit) -> CompilerError {
        CompilerError::Exceeded { limit, value: self.get(limit) }
    }

    /// Returns the time that is left.
    fn left(&self, began: Instant) -> Result<Duration, CompilerError> {
        let time = Duration::from_millis(self.get(CompilerLimit::Time));
        let left = time.checked_sub(began.elapsed());
        left.ok_or_else(|| self.exceeded(CompilerLimit::Time))
    }
}

/// The reason why there is no code.
#[derive(Debug)]
pub(crate) enum NotCompiled {
    /// The compiler refused the component, for this reason.
    Refused(String),
    /// The compiler process failed.
    Compiler(CompilerError),
}

/// The compiler of one host.
#[derive(Debug)]
pub(crate) struct Compiling {
    compiler: Compiler,
    counts_fuel: bool,
    /// Permits for compiler processes, one for each core.
    processes: Semaphore,
}

impl Compiling {
    /// Creates the compiler for engines that do or do not count fuel.
    pub(crate) fn new(compiler: Compiler, counts_fuel: bool) -> Self {
        Self { compiler, counts_fuel, processes: Semaphore::new(cores()) }
    }

    /// Compiles `wasm`, and returns the component for `engine` and its code. Stops if the other end of `until` is
    /// closed, because then nobody waits for the result.
    pub(crate) fn compile(
        &self,
        engine: &Engine,
        plugin: &str,
        wasm: &[u8],
        until: Option<&PipeReader>,
    ) -> Result<(Component, Code), NotCompiled> {
        let refused = NotCompiled::Refused;
        let code = match &self.compiler.program {
            None => Code::compile(engine, wasm).map_err(|error| refused(format!("{error:#}")))?,
            Some(program) => self
                .ask(program, engine, plugin, wasm, until)
                .map_err(NotCompiled::Compiler)?
                .map_err(refused)?,
        };
        let component = code.component(engine).map_err(|error| refused(format!("{error:#}")))?;
        Ok((component, code))
    }

    /// Returns the code, or the reason why the compiler refused the component.
    fn ask(
        &self,
        program: &Program,
        engine: &Engine,
        plugin: &str,
        wasm: &[u8],
        until: Option<&PipeReader>,
    ) -> Result<Result<Code, String>, CompilerError> {
        // Without this check, a program that does not call `compile_worker` would start itself again and again.
        let is_forgotten = program.is_this && !worker::was_called();
        if is_forgotten || std::env::var_os(protocol::VARIABLE).is_some() {
            return Err(CompilerError::Uncalled);
        }
        // The semaphore is never closed.
        let _place = pollster::block_on(self.processes.acquire());
        let mut key = [0; Sealer::KEY];
        getrandom::fill(&mut key).map_err(|error| CompilerError::Broken {
            program: program.path.clone(),
            source: error.into(),
        })?;
        let length = wasm.len() as u64;
        let request = Request { key, counts_fuel: self.counts_fuel, length }.write();
        let limits = &self.compiler.limits;
        let answer = program.ask(limits, io::Read::chain(&*request, wasm), until)?;
        let (answer, confinement) =
            Answer::read(answer).ok_or_else(|| program.garbled("it is not an answer"))?;
        if cfg!(target_os = "linux") && !confinement.is_whole() {
            static TOLD: Once = Once::new();
            TOLD.call_once(|| {
                tracing::warn!(
                    "plugins are compiled in processes {confinement}: this system cannot fully confine \
                     them"
                );
            });
        }
        tracing::debug!(
            "compiled `{}` in a separate process, {confinement}",
            foreign_text::shown(plugin)
        );
        match answer {
            Answer::Code(sealed) => {
                let opened = Sealer::new(key).open(&Key::new(engine, wasm), sealed);
                opened.map(Ok).map_err(|error| program.garbled(error.to_string()))
            }
            Answer::Refused(reason) => Ok(Err(reason)),
            Answer::Memory => Err(limits.exceeded(CompilerLimit::Memory)),
        }
    }
}

/// Returns the number of components that are compiled at once.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}
