//! Reads the bytes of a component, and limits how much of them is read.

pub(crate) mod compile_cost;
pub(crate) mod composition;
pub(crate) mod difference;
pub(crate) mod frame;
pub(crate) mod stack;
pub(crate) mod structure;
pub(crate) mod symbols;
