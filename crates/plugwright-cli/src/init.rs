//! The new repository of `plugwright init`: its files, and where they go.

pub(crate) mod contract;
pub(crate) mod file;
pub(crate) mod files;
pub(crate) mod license;
pub(crate) mod place;
pub(crate) mod source;
