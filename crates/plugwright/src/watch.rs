//! Plugins and files that are watched for changes.

pub(crate) mod file_watch;
pub(crate) mod watched;
