//! The files that people write for the `plugwright` command, and how they are read.

pub mod pipeline;
