//! Compares plugins in other engines with what they do in wasmtime. A trace of a run in wasmtime is replayed value by
//! value, and every difference is reported.

mod driven;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use plugwright_test::Trace;

pub use driven::Driven;

/// Granted folders, by their names in the plugin.
pub type Folders = BTreeMap<String, PathBuf>;

/// An engine with a plugin.
pub trait Engine {
    /// Replays the trace, in as many instances as the trace has. The instances see these folders. If the replay takes
    /// longer than `patience`, it is ended, and the engine with it.
    ///
    /// # Errors
    ///
    /// Returns where the outcome differs, or that the replay took too long, or that the engine has ended.
    fn replay(
        &mut self,
        trace: &Trace,
        folders: &Folders,
        patience: Duration,
    ) -> Result<(), String>;
}
