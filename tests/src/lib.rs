//! Code that the test suites share: the forms of cases, and the plugins and programs under test.
//!
//! The crate `plugwright-test` reads and runs cases.

mod cases;
mod command;
mod fixture;
mod guest;
mod paths;
mod plugins;
mod snapshots;
mod structures;
pub mod terminal;

pub use cases::{cases, cases_in, forms, known, outcome, project, subject};
pub use command::{Output, just, kill, mkfifo, plugwright, plugwright_path, program, which};
pub use fixture::{
    Wit, around, component, component_around, contract, released, trapping, with_section,
};
pub use guest::{Guest, guests, guests_dist};
pub use paths::{
    cache_folder, copy_built, dist, dist_folder, folder_names, host, plugin_crates, root,
    target_folder, wit_files,
};
pub use plugins::{candidate, checksum, load, manifest, markdown, streamer, transformer};
pub use snapshots::snapshots;
pub use structures::{STRUCTURES, Structure};
