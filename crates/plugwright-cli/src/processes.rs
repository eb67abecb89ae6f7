//! Programs that run for this process: each has a group of its own, with all that it starts, which ends when a signal ends
//! this process.

use std::collections::BTreeMap;
use std::io;
#[cfg(unix)]
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

/// Those that are running now, and how long each has to end when it is told to.
static RUNNING: Mutex<BTreeMap<u32, Duration>> = Mutex::new(BTreeMap::new());

/// So often it is looked whether they have ended.
const TICK: Duration = Duration::from_millis(10);

/// So long it is waited for those that cannot but end.
const KILLED: Duration = Duration::from_millis(200);

/// A program that is running.
pub(crate) struct Running(Child);

/// Runs the command in a group of its own. Once it is told to end, it has as long as `patience`.
pub(crate) fn spawn(command: &mut Command, patience: Duration) -> io::Result<Running> {
    #[cfg(unix)]
    command.process_group(0);
    // Whoever ends all of them holds it, so that none is begun meanwhile.
    let mut running = running();
    let child = command.spawn()?;
    running.insert(child.id(), patience);
    Ok(Running(child))
}

/// Ends all of them, with what they started: those that do not want to, too. As long as what this gives is held, none begins.
pub(crate) fn end_all() -> MutexGuard<'static, BTreeMap<u32, Duration>> {
    let running = running();
    let group = |id: &u32| i32::try_from(*id).ok().and_then(Pid::from_raw);
    let mut left: Vec<(Pid, Duration)> =
        running.iter().filter_map(|(id, patience)| Some((group(id)?, *patience))).collect();
    // One that has ended already is what is wanted.
    left.retain(|(id, _)| kill_process_group(*id, Signal::TERM).is_ok());
    let begin = Instant::now();
    while !left.is_empty() {
        thread::sleep(TICK);
        left.retain(|(id, patience)| {
            let is_there = test_kill_process_group(*id).is_ok();
            if is_there && begin.elapsed() > *patience {
                let _ = kill_process_group(*id, Signal::KILL);
            }
            // Ended ones of which nobody asks how they did are there for as long as the system likes.
            is_there && begin.elapsed() < patience.saturating_add(KILLED)
        });
    }
    running
}

impl Running {
    /// The program itself.
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
