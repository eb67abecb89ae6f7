//! Tests of `just release`: the checks, the files, and an installation from the archive.

mod changelog;
mod contents;
mod environment;
mod installed;
mod licences;
mod packaged;
mod parts;
mod prepared;
mod refused;
mod repository;
mod whole;
mod workflow;
