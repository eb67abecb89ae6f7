//! The host, the command, the pipeline and the documents.

mod backtraces;
mod build;
mod cache;
mod command;
mod dev;
mod documents;
mod guards;
mod load;
mod session;
mod watch;
