//! What the suites share: cases, their outcomes, and the plugins and programs under test.
//!
//! A case is a file in `cases/<plugin>/`. Its extension says what it is for a plugin of the world
//! `prettify`: `.person` is a first and a last name, each on a line, for `greet`; anything else is
//! words. For a plugin of the world `transformer` or `streamer` it is a document, and its name may set options:
//! `raw-html@unsafe-html=true.md`.

mod case;
mod command;
mod fixture;
mod outcome;
mod paths;
mod plugins;

pub use case::{Case, cases};
pub use command::{Output, just, plugwright, program};
pub use fixture::{Wit, around, component, contract, trapping};
pub use outcome::Outcome;
pub use paths::{
    cache_folder, dist, dist_folder, folder_names, host, plugin_crates, root, target_folder,
    wit_files,
};
pub use plugins::{checksum, load, markdown};
