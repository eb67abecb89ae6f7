//! How the process takes signals that would end it in the middle of its work, or keep it from hearing of its own
//! processes, whatever it was started with.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGCHLD, SIGXFSZ};
use signal_hook::flag;

/// Takes care of signals, before the command does anything.
pub(crate) fn prepare() {
    // With a handler, a file that would be longer than the process may write is an error of writing, and what was
    // begun goes. To ignore the signal there is only a call that is unsafe.
    hear(SIGXFSZ);
    // Where it is ignored, the system keeps no process of ours until it is asked how that ended.
    hear(SIGCHLD);
}

/// Hears the signal, and does nothing. Programs that are started from here have what the system does by itself.
fn hear(signal: i32) {
    // If that fails, all is as it was.
    let _ = flag::register(signal, Arc::new(AtomicBool::new(false)));
}

/// Says whether the process was begun with the signal ignored, as far as the system tells. Linux does so in a
/// file; elsewhere there is only a call that is unsafe, and the signal counts as one that is not ignored.
pub(crate) fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
