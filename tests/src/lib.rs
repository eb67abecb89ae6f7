//! What the suites share: cases, their outcomes, and the plugins and programs under test.
//!
//! A case is a file in `cases/<plugin>/`. Its extension says what it is for a plugin of the world
//! `prettify`: `.person` is a first and a last name, each on a line, for `greet`; anything else is
//! words. For a plugin of the world `transformer` or `streamer` it is a document.
//!
//! A front file, `<name>.case`, is a case that says more, in TOML: which file is its `input`, what the
//! `source` of that is, and if they are other than usual its `media-type` and `attributes`, the plugin's
//! `options`, `grants` and `limits`, and what to `expect`.

mod case;
mod command;
mod fixture;
mod guest;
mod outcome;
mod paths;
mod plugins;
mod snapshots;
mod structures;

pub use case::{Case, Expectation, cases, cases_in};
pub use command::{Output, just, plugwright, plugwright_path, program};
pub use fixture::{Wit, around, component, component_around, contract, released, trapping};
pub use guest::{Guest, guests, guests_dist};
pub use outcome::{Outcome, wasi_versions_masked};
pub use paths::{
    cache_folder, dist, dist_folder, folder_names, host, plugin_crates, root, target_folder,
    wit_files,
};
pub use plugins::{candidate, checksum, load, manifest, markdown, streamer, transformer};
pub use snapshots::snapshots;
pub use structures::{STRUCTURES, Structure};
