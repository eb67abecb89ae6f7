//! What reads and compares files of others for the `plugwright` command, apart from it so that it can be
//! tried on its own.

pub mod contract;
pub mod pipeline;
