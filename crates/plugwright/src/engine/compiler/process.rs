//! The host's side of a process that compiles: it is started, asked once, and ended.

use std::ffi::OsString;
use std::io::{self, BufRead, ErrorKind, PipeReader, Read, Write};
use std::mem;
use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::ioctl_fionbio;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::CompilerLimits;
use super::confine::OwnLimits;
use super::protocol::{Answer, Orders, VARIABLE};
use crate::engine::compiler_error::{CompilerError, CompilerLimit};
use crate::engine::seal::Sealer;

/// What is kept of what the process says on standard error.
const SAID: usize = 4096;

/// How the program is called in lists of processes.
const NAME: &str = "plugwright-compiler";

/// Of the environment, what the system needs to find the program's libraries.
const KEPT: [&str; 3] = ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"];

/// A program that compiles when it is started for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) path: PathBuf,
    pub(super) arguments: Vec<OsString>,
    /// It is the one that is running.
    pub(super) is_this: bool,
}

impl Program {
    /// Starts the program, gives it the request, and takes its answer. The process is over when this
    /// returns, and it is ended at once if the other end of `until` is closed.
    pub(super) fn ask(
        &self,
        limits: &CompilerLimits,
        mut request: impl BufRead,
        until: Option<&PipeReader>,
    ) -> Result<Vec<u8>, CompilerError> {
        let began = Instant::now();
        let broken = |source| CompilerError::Broken { program: self.path.clone(), source };
        let mut process = self.start(limits)?;
        let mut stdin = process.child.stdin.take();
        let mut stdout = process.child.stdout.take();
        let mut stderr = process.child.stderr.take();
        let pipes = [
            stdin.as_ref().map(AsFd::as_fd),
            stdout.as_ref().map(AsFd::as_fd),
            stderr.as_ref().map(AsFd::as_fd),
        ];
        for pipe in pipes.into_iter().flatten() {
            ioctl_fionbio(pipe, true).map_err(|error| broken(error.into()))?;
        }
        let most = limits
            .get(CompilerLimit::CodeSize)
            .saturating_add((Answer::HEAD + Sealer::SEAL) as u64);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let (mut answer, mut said) = (Vec::new(), Vec::new());
        while stdout.is_some() || stderr.is_some() {
            let left = limits.left(began)?;
            let is_open = {
                let mut events: Vec<PollFd<'_>> = Vec::with_capacity(4);
                events.extend(stdin.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::OUT)));
                events.extend(stdout.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
                events.extend(stderr.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
                events.extend(until.map(|pipe| PollFd::new(pipe, PollFlags::IN)));
                match poll(&mut events, Some(&timeout(left))) {
                    Err(rustix::io::Errno::INTR) => continue,
                    polled => polled.map_err(|error| broken(error.into()))?,
                };
                until.is_none() || events.last().is_some_and(|it| it.revents().is_empty())
            };
            if !is_open {
                return Err(CompilerError::Dropped);
            }
            // Which of them is ready does not matter: none of this waits.
            if let Some(pipe) = &mut stdin
                && fed(pipe, &mut request)
            {
                stdin = None;
            }
            if let Some(pipe) = &mut stdout
                && drained(pipe, &mut answer, most.saturating_add(1)).map_err(broken)?
            {
                stdout = None;
            }
            if !Answer::may_begin(&answer) {
                return Err(self.garbled("it is no answer"));
            }
            if answer.len() > most {
                return Err(limits.exceeded(CompilerLimit::CodeSize));
            }
            if let Some(pipe) = &mut stderr
                && drained(pipe, &mut said, SAID).map_err(broken)?
            {
                stderr = None;
            }
        }
        let status = process.end(limits, began, until).map_err(broken)??;
        if status.success() { Ok(answer) } else { Err(crashed(limits, status, &said)) }
    }

    /// The error of an answer that is not used.
    pub(super) fn garbled(&self, reason: impl Into<String>) -> CompilerError {
        CompilerError::Garbled { program: self.path.clone(), reason: reason.into() }
    }

    fn start(&self, limits: &CompilerLimits) -> Result<Process, CompilerError> {
        let orders = Orders {
            host: std::process::id(),
            limits: OwnLimits {
                cpu_time: limits.get(CompilerLimit::CpuTime).div_ceil(1000),
                memory: limits.get(CompilerLimit::Memory),
            },
        };
        let mut command = Command::new(&self.path);
        command
            .arg0(NAME)
            .args(&self.arguments)
            .env_clear()
            .env(VARIABLE, orders.write())
            .envs(KEPT.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
            // Ctrl-C is for the host, which ends the process with itself.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let child = command
            .spawn()
            .map_err(|source| CompilerError::NotStarted { program: self.path.clone(), source })?;
        Ok(Process { child, is_over: false })
    }
}

/// A process that ends when this is dropped, and leaves nothing behind.
struct Process {
    child: Child,
    is_over: bool,
}

impl Process {
    /// Waits for the end of a process whose pipes are closed.
    fn end(
        &mut self,
        limits: &CompilerLimits,
        began: Instant,
        until: Option<&PipeReader>,
    ) -> io::Result<Result<ExitStatus, CompilerError>> {
        // It is a matter of microseconds, but for one that closed its pipes and goes on.
        let soon = timeout(Duration::from_micros(100));
        loop {
            // It keeps its number until what it started is ended, too.
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            if waitid(WaitId::Pid(Pid::from_child(&self.child)), options)?.is_some() {
                return Ok(Ok(self.leave()?));
            }
            if let Err(error) = limits.left(began) {
                return Ok(Err(error));
            }
            let mut events: Vec<_> =
                until.map(|pipe| PollFd::new(pipe, PollFlags::IN)).into_iter().collect();
            match poll(&mut events, Some(&soon)) {
                Err(rustix::io::Errno::INTR) => continue,
                polled => polled?,
            };
            if events.iter().any(|it| !it.revents().is_empty()) {
                return Ok(Err(CompilerError::Dropped));
            }
        }
    }
}

impl Process {
    /// Ends it and what it started, which is in its group.
    fn leave(&mut self) -> io::Result<ExitStatus> {
        if !mem::replace(&mut self.is_over, true) {
            // It fails only where all of them are over.
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        }
        self.child.wait()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Whoever waited has been told, or nobody waits.
        let _ = self.leave();
    }
}

/// Why a process ended that did not end well.
fn crashed(limits: &CompilerLimits, status: ExitStatus, said: &[u8]) -> CompilerError {
    let said = String::from_utf8_lossy(said);
    if status.signal() == Some(Signal::XCPU.as_raw()) {
        return limits.exceeded(CompilerLimit::CpuTime);
    }
    // The standard library has no type for this.
    if said.contains("memory allocation of ") {
        return limits.exceeded(CompilerLimit::Memory);
    }
    let said = match said.trim() {
        "" => "it said nothing",
        said => said,
    };
    CompilerError::Crashed { status, said: said.into() }
}

fn timeout(left: Duration) -> Timespec {
    // A year is for ever.
    let seconds = left.as_secs().min(1 << 25);
    Timespec { tv_sec: seconds.cast_signed(), tv_nsec: left.subsec_nanos().into() }
}

/// Writes as much of the request as there is room for, and says whether that was all. A process that does not read
/// says by its end why.
fn fed(pipe: &mut impl Write, request: &mut impl BufRead) -> bool {
    loop {
        let written = match request.fill_buf() {
            Ok([]) | Err(_) => return true,
            Ok(part) => pipe.write(part),
        };
        match written {
            Ok(length) => request.consume(length),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return error.kind() != ErrorKind::WouldBlock,
        }
    }
}

/// Reads once, keeps as much of it as makes `most` bytes, and says whether it was the end.
fn drained(pipe: &mut impl Read, into: &mut Vec<u8>, most: usize) -> io::Result<bool> {
    let mut piece = [0; 64 << 10];
    match pipe.read(&mut piece) {
        Ok(0) => Ok(true),
        Ok(length) => {
            let kept = length.min(most.saturating_sub(into.len()));
            into.extend_from_slice(piece.get(..kept).unwrap_or(&piece));
            Ok(false)
        }
        Err(error) => match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::Interrupted => Ok(false),
            _ => Err(error),
        },
    }
}
