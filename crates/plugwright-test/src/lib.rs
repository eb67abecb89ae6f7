//! Tests plugins by cases that are files. Each case is run, and its outcome is kept as a snapshot.
//!
//! The whole test of a project is one file, `tests/plugins.rs`. Its `[[test]]` has `harness = false`:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! fn main() -> ExitCode {
//!     plugwright_test::run()
//! }
//! ```
//!
//! # Folders
//!
//! The project's folder is the first one, from the current folder upward, that holds `tests/cases`. In it are
//!
//! - `tests/cases/<plugin>/`: each file is a [`Case`] for the plugin of that name;
//! - `dist/`, or the folder that `PLUGWRIGHT_DIST` names: the plugins, with the list `plugins.json`;
//! - `tests/snapshots/<plugin>/<case>.snap`: the tests write these files, and people review them with `cargo insta review`.
//!
//! The command `plugwright test` does the same for projects without Rust. Its [tests tell](Telling) what changed.
//!
//! # Tests
//!
//! Each case is a test. It runs twice and must come out the same. So must the other ways that its [`Form`] knows to do the same. The
//! outcome must be what the case expects, and what its snapshot says. There are further tests:
//!
//! - Each plugin's WIT is a snapshot, too.
//! - Each grant that a plugin asks for must make a difference to one of its cases.
//! - There is no plugin without a case, no folder of cases without a plugin, no case without a snapshot, and no snapshot
//!   without a test.
//!
//! # Cases
//!
//! A file `NAME.calls` is a [`Script`]: calls of the plugin by name, and answers to what it imports, in text. Its outcome is a
//! [`Transcript`] of all that was called, asked, answered and logged. A script works for any contract. With
//! `plugwright_test::run_with::<World>(|case| data)` as the whole test, the application's own host functions answer.
//!
//! The runner knows nothing of other files. A [`Form`] says what is called with a case's file, and a [`Runner`] takes it. The crate
//! `plugwright-contract` has a form for documents, with its feature `cases`.

// What people write and plugins say is never taken for what it should be, as in the host.
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
