//! Shows what is known of plugins, in one file for people: a [`Report`] as HTML, or its summary as Markdown.
//!
//! What is shown is given: nothing is read or run here. Texts are of plugins and files that anybody may have written. They are
//! escaped, so that none of them is markup; whoever gives them has made visible what steers, and cut what is long.
//!
//! The same report gives the same bytes. Nothing in it leads elsewhere: no script, no style, picture or link that is not in the
//! file itself.

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
