//! Tests plugins with cases that are files. Each case is run, and its outcome is kept as a snapshot.
//!
//! This is the whole test of a project, the file `tests/plugins.rs`:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! fn main() -> ExitCode {
//!     plugwright_test::run()
//! }
//! ```
//!
//! `Cargo.toml` declares this test without the standard harness:
//!
//! ```toml
//! [[test]]
//! name = "plugins"
//! harness = false
//! ```
//!
//! Now `cargo test` runs all cases. The command `plugwright test` does the same for projects without Rust.
//!
//! # Folders
//!
//! The project's folder is the nearest folder that contains `tests/cases`, from the current folder upward. It contains:
//!
//! - `tests/cases/<plugin>/`: each file is a [`Case`] for the plugin of this name.
//! - `dist/`, or the folder that `PLUGWRIGHT_DIST` names: the plugins, with the list `plugins.json`.
//! - `tests/snapshots/<plugin>/<case>.snap`: the tests write these files, and people review them with `cargo insta review`.
//!
//! # Tests
//!
//! Each case is a test. It runs twice, and both runs must have the same outcome. Some [forms](Form) of cases run in
//! further ways, which must have this outcome, too. The outcome must be of the kind that the case expects, and must
//! match its snapshot. The runner adds more tests:
//!
//! - The WIT of each plugin is a snapshot, too.
//! - Each grant that a plugin asks for must change the outcome of at least one case.
//! - Every plugin has a case, every folder of cases has a plugin, every case has a snapshot, and every snapshot has a test.
//!
//! # Cases
//!
//! A file `NAME.calls` is a [`Script`]. It calls the plugin's functions by name, and answers the functions that the
//! plugin imports. Scripts work for any contract. The outcome is a [`Transcript`] of all calls, answers and log lines:
//!
//! ```text
//! > words.greet(ada)
//!   host.log(info, "greeting", [{key: "first-name", value: "Ada"}])
//! < ok("Hello, Ada Lovelace!")
//! ```
//!
//! With [`run_with`] in place of [`run`], the application's own host functions answer the plugin's imports.
//!
//! For other files, a [`Form`] decides which functions are called, and [`Runner::form`] adds it. The crate
//! `plugwright-contract` has a form for documents, with its feature `cases`. [`run_by`] runs the tests of a runner that
//! the project makes:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use plugwright_test::Runner;
//!
//! fn main() -> ExitCode {
//!     // Add forms, host functions or further tests to the runner here.
//!     plugwright_test::run_by(|project| Ok(Runner::new(project)?))
//! }
//! ```

// As in the host, code must not panic over files that people write and texts that plugins return.
#![cfg_attr(
    not(test),
    warn(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unwrap_used
    )
)]

mod anew;
mod calls;
mod case;
mod case_error;
mod change;
mod check;
mod denied;
mod form;
mod front;
mod guards;
mod mask;
mod outcome;
mod program;
mod project;
mod runner;
mod script;
mod snapshot_file;
mod subject;
mod telling;
mod trial;
mod unused;

pub use calls::{Calls, CallsOf};
pub use case::{Case, Found};
pub use case_error::CaseError;
pub use change::{Change, Update};
pub use check::{Check, Checked, Verdict};
pub use form::{Form, Forms, Loaded, Loading};
pub use front::Expectation;
pub use mask::{standard_library_masked, wasi_versions_masked};
pub use outcome::{Heard, Outcome, bytes_as_text};
pub use program::{run, run_by, run_with};
pub use project::{Project, ProjectError};
pub use runner::Runner;
pub use script::Script;
pub use script::error::ScriptError;
pub use script::recording::RecordError;
pub use script::statement::Statement;
pub use script::trace::Trace;
pub use script::transcript::{Ending, Entry, EntryKind, Transcript};
pub use subject::{Plugins, Subject};
pub use telling::{Telling, Told};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
