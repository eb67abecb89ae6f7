//! The host, the command, the pipeline and the documents.

mod backtraces;
mod build;
mod cache;
mod command;
mod concurrency;
mod dev;
mod documents;
mod grants;
mod guards;
mod limits;
mod load;
mod session;
mod watch;
