//! Child processes. Each runs with its own children in a process group, which ends when a signal ends this process.

use std::collections::BTreeMap;
use std::io;
#[cfg(unix)]
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

/// The running child processes, by id, each with the time that it has to end after a signal.
static RUNNING: Mutex<BTreeMap<u32, Duration>> = Mutex::new(BTreeMap::new());

/// The time between two checks whether the processes have ended.
const TICK: Duration = Duration::from_millis(10);

/// The time to wait for processes after they were killed.
const KILLED: Duration = Duration::from_millis(200);

/// A running child process.
pub(crate) struct Running(Child);

/// Starts the command in a new process group. After a signal, it has the time `patience` to end.
pub(crate) fn spawn(command: &mut Command, patience: Duration) -> io::Result<Running> {
    #[cfg(unix)]
    command.process_group(0);
    // `end_all` holds this lock, so that no process starts while all are ended.
    let mut running = running();
    let child = command.spawn()?;
    running.insert(child.id(), patience);
    Ok(Running(child))
}

/// Ends all child processes with their own children, and kills those that do not end in time. While the returned lock
/// is held, no new process starts.
pub(crate) fn end_all() -> MutexGuard<'static, BTreeMap<u32, Duration>> {
    let running = running();
    let group = |id: &u32| i32::try_from(*id).ok().and_then(Pid::from_raw);
    let mut left: Vec<(Pid, Duration)> =
        running.iter().filter_map(|(id, patience)| Some((group(id)?, *patience))).collect();
    // A process that has already ended needs no signal.
    left.retain(|(id, _)| kill_process_group(*id, Signal::TERM).is_ok());
    let begin = Instant::now();
    while !left.is_empty() {
        thread::sleep(TICK);
        left.retain(|(id, patience)| {
            let is_there = test_kill_process_group(*id).is_ok();
            if is_there && begin.elapsed() > *patience {
                let _ = kill_process_group(*id, Signal::KILL);
            }
            // Ended processes that nobody waits for exist for as long as the system likes, so do not wait for them
            // forever.
            is_there && begin.elapsed() < patience.saturating_add(KILLED)
        });
    }
    running
}

impl Running {
    /// Returns the child process.
    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        running().remove(&self.0.id());
    }
}

fn running() -> MutexGuard<'static, BTreeMap<u32, Duration>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}
