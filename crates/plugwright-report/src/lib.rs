//! Renders a report on plugins: a [`Report`] becomes one HTML page, or a Markdown summary.
//!
//! ```no_run
//! use std::fs;
//!
//! use plugwright_report::{Report, conclusion, html, markdown};
//!
//! # fn main() -> std::io::Result<()> {
//! let report = Report { folder: "dist".to_owned(), ..Report::default() };
//! fs::write("report.html", html(&report))?;
//! fs::write("summary.md", markdown(&report))?;
//! println!("{}", conclusion(&report));
//! # Ok(())
//! # }
//! ```
//!
//! # Input
//!
//! The caller collects all facts and puts them into the [`Report`], mainly as a [`Plugin`] with [`Facts`] for each
//! plugin, and a [`Contract`] for each contract. This crate reads no files and runs no plugins. From the facts it
//! derives the findings, whose [`Kind`] says what they are about.
//!
//! # Foreign texts
//!
//! Many texts come from plugins and files that anybody may have written. This crate escapes them, so that none of them
//! becomes markup. The caller must escape control characters before, and cut long texts.
//!
//! # Output
//!
//! The same report always gives the same bytes. The page refers to nothing outside the file: no scripts, styles,
//! pictures or links.

mod contract;
mod finding;
mod html;
mod item;
mod kind;
mod markdown;
mod measured;
mod plugin;
mod report;
mod verdict;
mod words;

pub use contract::{Change, Contract, Definition, Interface, World};
pub use html::html;
pub use item::{Item, Mark};
pub use kind::Kind;
pub use markdown::markdown;
pub use measured::{Measured, MeasuredError, Times};
pub use plugin::{Case, Facts, Material, Origin, Outcome, Part, Plugin, Signature, Size, Unread};
pub use report::Report;
pub use verdict::conclusion;
