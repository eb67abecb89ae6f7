//! The bytes of a component: what is in them, and within which bounds they are looked at.

pub(crate) mod compile_cost;
pub(crate) mod composition;
pub(crate) mod difference;
pub(crate) mod frame;
pub(crate) mod stack;
pub(crate) mod structure;
pub(crate) mod symbols;
