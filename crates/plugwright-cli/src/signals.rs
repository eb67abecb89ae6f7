//! Handles signals that would end the process in the middle of its work, or keep it from learning that its child
//! processes have ended, whatever signal settings it inherited.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGCHLD, SIGXFSZ};
use signal_hook::flag;

/// Sets up signals. This must run before the command does anything.
pub(crate) fn prepare() {
    // With a handler, exceeding the file size limit is a write error, after which temporary files are removed. Ignoring
    // the signal would need an unsafe call.
    hear(SIGXFSZ);
    // If the signal is ignored, the system discards the exit status of child processes.
    hear(SIGCHLD);
}

/// Installs a handler for the signal that does nothing. Child processes get the default handling.
fn hear(signal: i32) {
    // If this fails, the old handling stays.
    let _ = flag::register(signal, Arc::new(AtomicBool::new(false)));
}

/// Returns whether the process was started with the signal ignored. Linux tells in a file. Elsewhere this would need an
/// unsafe call, so the signal counts as not ignored.
pub(crate) fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
