//! The host's side of a compiler process: starts it, sends it one request, and ends it.

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

/// The most bytes that are kept of the process's standard error.
const SAID: usize = 4096;

/// The name of the process in process lists.
const NAME: &str = "plugwright-compiler";

/// The environment variables that the system needs to find the program's libraries.
const KEPT: [&str; 3] = ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"];

/// A program that compiles when a host starts it for this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) path: PathBuf,
    pub(super) arguments: Vec<OsString>,
    /// Whether this is the running program.
    pub(super) is_this: bool,
}

impl Program {
    /// Starts the program, sends it the request, and returns its answer. The process has ended when this returns. It is
    /// ended at once if the other end of `until` is closed.
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
            // All pipes are tried, ready or not, because none of these calls blocks.
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
                return Err(self.garbled("it is not an answer"));
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

    /// Returns the error for an answer that is rejected.
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
            // Ctrl-C must reach only the host. When the host ends, this process ends too.
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

/// A process that is ended, with everything that it started, when this value is dropped.
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
        // This takes microseconds, unless the process closed its pipes and continues.
        let soon = timeout(Duration::from_micros(100));
        loop {
            // The process is not reaped yet, so that its ID stays valid until its group is ended too.
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
    /// Ends the process and everything that it started, which is in its process group.
    fn leave(&mut self) -> io::Result<ExitStatus> {
        if !mem::replace(&mut self.is_over, true) {
            // This fails only if all of them have ended.
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        }
        self.child.wait()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The caller already has a result, or nobody waits for one.
        let _ = self.leave();
    }
}

/// Returns the error for a process that failed.
fn crashed(limits: &CompilerLimits, status: ExitStatus, said: &[u8]) -> CompilerError {
    let said = String::from_utf8_lossy(said);
    if status.signal() == Some(Signal::XCPU.as_raw()) {
        return limits.exceeded(CompilerLimit::CpuTime);
    }
    // A failed allocation only shows in the text that the standard library writes.
    if said.contains("memory allocation of ") {
        return limits.exceeded(CompilerLimit::Memory);
    }
    let said = match said.trim() {
        "" => "it wrote no error message",
        said => said,
    };
    CompilerError::Crashed { status, said: said.into() }
}

fn timeout(left: Duration) -> Timespec {
    // A year counts as forever.
    let seconds = left.as_secs().min(1 << 25);
    Timespec { tv_sec: seconds.cast_signed(), tv_nsec: left.subsec_nanos().into() }
}

/// Writes as much of the request as the pipe has room for, and returns whether that was all. Write errors count as the
/// end, because the exit of the process explains them.
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

/// Reads once, keeps at most `most` bytes in total, and returns whether the end was reached.
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
