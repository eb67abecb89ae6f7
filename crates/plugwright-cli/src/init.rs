//! A new repository: the files that `plugwright init` writes, and where they go.

pub(crate) mod contract;
pub(crate) mod file;
pub(crate) mod files;
pub(crate) mod license;
pub(crate) mod place;
pub(crate) mod source;
