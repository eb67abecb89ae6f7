//! Tests of `just release`: the checks, the files, and an installation from the archive.

mod installed;
mod parts;
mod prepared;
mod refused;
mod repository;
mod whole;
mod workflow;
