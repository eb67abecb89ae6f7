//! The verbs of the command, each in its own file.

pub(crate) mod add;
pub(crate) mod build;
pub(crate) mod cache;
pub(crate) mod call;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod compose;
pub(crate) mod contract;
pub(crate) mod help;
pub(crate) mod index;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod install;
pub(crate) mod key;
pub(crate) mod man;
pub(crate) mod new;
pub(crate) mod pull;
pub(crate) mod push;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod sign;
pub(crate) mod size;
pub(crate) mod stamp;
pub(crate) mod test;
pub(crate) mod verify;
