//! Tests plugins by cases that are files: each is run, and what comes out of it is kept as a snapshot.
//!
//! The whole test of a project is a file, `tests/plugins.rs`, whose `[[test]]` has `harness = false`:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! fn main() -> ExitCode {
//!     plugwright_test::run()
//! }
//! ```
//!
//! # Where things are
//!
//! The project's folder is the first, from the current folder upward, that holds `tests/cases`. In it are
//!
//! - `tests/cases/<plugin>/`, in which each file is a [`Case`] for the plugin of that name;
//! - `dist/`, or the folder that `PLUGWRIGHT_DIST` names: the plugins, with the list `plugins.json`;
//! - `tests/snapshots/<plugin>/<case>.snap`, which the tests write and people review, with `cargo insta review`.
//!
//! The command `plugwright test` does the same for projects that have no Rust: it has [tests that tell](Telling) what changed.
//!
//! # What is tested
//!
//! A case is a test. It is run twice and has to come out the same; so has what its [`Form`] knows as other ways to do the
//! same. What it says that it expects has to come out, and what its snapshot says. Further tests are each plugin's WIT,
//! which is a snapshot, too; each grant that a plugin asks for, which has to make a difference to one of its cases; and
//! guards: no plugin without a case, no folder of cases without a plugin, no case without a snapshot, no snapshot without a
//! test.
//!
//! # What a case is
//!
//! A file `NAME.calls` is a [`Script`]: calls of the plugin by name, and answers to what it imports, in text. What comes out
//! is a [`Transcript`] of all that was called, asked, answered and said. It needs no contract to be known. Where the
//! application's own host functions are to answer, the whole test is `plugwright_test::run_with::<World>(|case| data)`.
//!
//! Of other files the runner knows nothing. A [`Form`] says what is called with a case's file, and is given to a [`Runner`]; the
//! crate `plugwright-contract` has one for documents, with its feature `cases`.

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
