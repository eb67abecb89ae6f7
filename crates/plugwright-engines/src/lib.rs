//! Holds plugins to what they do in wasmtime in other engines: what happened there is done once more, value by value, and
//! whatever comes out otherwise is told.

mod driven;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use plugwright_test::Trace;

pub use driven::Driven;

/// Folders that are granted, by what the plugin calls them.
pub type Folders = BTreeMap<String, PathBuf>;

/// An engine that has a plugin.
pub trait Engine {
    /// Does what is in the trace, in as many instances, which see these folders, by their names there. What takes longer than
    /// `patience` is ended, and the engine with it.
    ///
    /// # Errors
    ///
    /// Says where something else came out, that it took too long, or that the engine has ended.
    fn replay(
        &mut self,
        trace: &Trace,
        folders: &Folders,
        patience: Duration,
    ) -> Result<(), String>;
}
