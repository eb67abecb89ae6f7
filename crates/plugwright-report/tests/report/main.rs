//! The page of plugins, as `plugwright report` writes it.

mod bad_input;
mod cases;
mod command;
mod compared;
mod contract;
mod guide;
mod hostile;
mod own;
mod page;
mod samples;
mod signed;
