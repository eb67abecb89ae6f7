//! Plugins that change.

pub(crate) mod file_watch;
pub(crate) mod watched;
