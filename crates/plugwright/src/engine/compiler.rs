//! Who compiles plugins: this process, or one that can be ended.

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

/// Who compiles the plugins of a host, and what that may use.
///
/// What a function costs to compile is not known before it is compiled: one of some kilobytes can take minutes and
/// gigabytes. In the host's own [process](Compiler::in_process) nothing ends that. A [process of its
/// own](Compiler::process) is ended when it takes more than it may, and whatever becomes of it, the host gets an
/// error and goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Compiler {
    program: Option<Program>,
    limits: CompilerLimits,
}

impl Compiler {
    /// Compiles in the process of the host, without limits: what a library does unless it is told otherwise.
    pub fn in_process() -> Self {
        Self { program: None, limits: CompilerLimits::default() }
    }

    /// Compiles in a process of `program`, which is started for each component that has to be compiled, is given the
    /// component by its standard input, and ends.
    ///
    /// The program has to call [`compile_worker`](crate::compile_worker) first thing in `main`, and be built with the same version of this
    /// library. It ends with the process that starts it, so that has to be the host: a script in between has to `exec`
    /// it, and it cannot be put into a PID namespace of its own. It is told by its environment what it is to do, and
    /// gets nothing else of the host's environment. On Linux it gives up what it does not need: it can open no file,
    /// use no network, start no program and reach no other process, as far as the kernel has Landlock and seccomp; an
    /// event of `tracing` at the level `debug` says what of it there was. Elsewhere it has limits of time alone, and
    /// the rights of its user.
    pub fn process(program: impl Into<PathBuf>) -> Self {
        Self::of(program.into(), false)
    }

    /// Compiles in a process of the program that is running now, as [`Compiler::process`] does. On Linux this is the
    /// very same program, also when its file was replaced or removed since.
    ///
    /// # Errors
    ///
    /// The system's, if it does not say which program that is.
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

    /// Starts the program with this argument, after those that were given before.
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        if let Some(program) = &mut self.program {
            program.arguments.push(argument.into());
        }
        self
    }

    /// Sets how long compiling a component may take, whatever else the machine does; 5 minutes by default.
    pub fn time(self, time: Duration) -> Self {
        self.with(CompilerLimit::Time, u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }

    /// Sets for how long all threads of the process may compute together; 2 minutes by default. It is rounded up to
    /// whole seconds, which is what the system counts.
    pub fn cpu_time(self, time: Duration) -> Self {
        self.with(CompilerLimit::CpuTime, u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }

    /// Sets the bytes of memory that the process may write to; 2 GiB by default. On Linux only. A host has a process
    /// for each core at most, and each may take as much: no [budget](crate::HostBuilder::memory_budget) counts it.
    pub fn memory(self, bytes: u64) -> Self {
        self.with(CompilerLimit::Memory, bytes)
    }

    /// Sets the bytes of what a component is compiled to; 512 MiB by default.
    pub fn code_size(self, bytes: u64) -> Self {
        self.with(CompilerLimit::CodeSize, bytes)
    }

    /// Sets one limit, in the unit that [`CompilerLimit`] names. Only a process of its own heeds it.
    #[expect(clippy::indexing_slicing, reason = "there is a value for each limit")]
    pub fn with(mut self, limit: CompilerLimit, value: u64) -> Self {
        self.limits.0[limit as usize] = match limit {
            // The system has no time of no seconds, and takes it for one.
            CompilerLimit::CpuTime => value.div_ceil(1000).max(1).saturating_mul(1000),
            _ => value,
        };
        self
    }

    /// Sets the limit that a text says, `NAME=VALUE`, as [`Limits::with_text`](crate::Limits::with_text) does.
    ///
    /// # Errors
    ///
    /// [`TextError`] if it is not of that form.
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

    /// What is left of the time.
    fn left(&self, began: Instant) -> Result<Duration, CompilerError> {
        let time = Duration::from_millis(self.get(CompilerLimit::Time));
        let left = time.checked_sub(began.elapsed());
        left.ok_or_else(|| self.exceeded(CompilerLimit::Time))
    }
}

/// Why there is no code.
#[derive(Debug)]
pub(crate) enum NotCompiled {
    /// The compiler does not take the component, for this reason.
    Refused(String),
    /// The process that was to compile it did not.
    Compiler(CompilerError),
}

/// The compiler of one host.
#[derive(Debug)]
pub(crate) struct Compiling {
    compiler: Compiler,
    counts_fuel: bool,
    /// A process for each core.
    processes: Semaphore,
}

impl Compiling {
    /// The compiler for engines that count fuel or not.
    pub(crate) fn new(compiler: Compiler, counts_fuel: bool) -> Self {
        Self { compiler, counts_fuel, processes: Semaphore::new(cores()) }
    }

    /// What `engine` makes of `wasm`, and the code of that. If the other end of `until` is closed meanwhile, nobody
    /// waits for it any more.
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

    /// The code, or why the compiler does not take the component.
    fn ask(
        &self,
        program: &Program,
        engine: &Engine,
        plugin: &str,
        wasm: &[u8],
        until: Option<&PipeReader>,
    ) -> Result<Result<Code, String>, CompilerError> {
        // Otherwise a program that starts itself would go on doing so, and do all else that it does once more.
        let is_forgotten = program.is_this && !worker::was_called();
        if is_forgotten || std::env::var_os(protocol::VARIABLE).is_some() {
            return Err(CompilerError::Uncalled);
        }
        // It is never closed.
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
            Answer::read(answer).ok_or_else(|| program.garbled("it is no answer"))?;
        if cfg!(target_os = "linux") && !confinement.is_whole() {
            static TOLD: Once = Once::new();
            TOLD.call_once(|| {
                tracing::warn!(
                    "plugins are compiled in processes {confinement}: this system does not deny them all that \
                     they do not need"
                );
            });
        }
        tracing::debug!(
            "`{}` was compiled in a process of its own, {confinement}",
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

/// How many components are compiled at once.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}
