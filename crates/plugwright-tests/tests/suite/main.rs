//! The host, the command, the pipeline and the documents.

mod backtraces;
mod build;
mod cache;
mod command;
mod commonmark;
mod concurrency;
mod curious;
mod dev;
mod documents;
mod grants;
mod guide;
mod hostile;
mod http;
mod laws;
mod limits;
mod load;
mod manifest;
mod new;
mod permissions;
mod pipelines;
mod provenance;
mod repository;
mod session;
mod signing;
mod size;
mod watch;
