//! The targets of `just fuzz`: for each target, its seeds, and the property that must hold for every input.
//!
//! A target panics if its property does not hold. That ends the run and keeps the input.

pub mod cache;
pub mod compare;
pub mod contract;
pub mod difference;
pub mod documents;
mod feedback;
pub mod load;
#[cfg(feature = "libfuzzer")]
mod made_up;
pub mod manifest;
mod memory;
pub mod mutate;
mod part;
pub mod pipeline;
mod seeds;
pub mod size;
pub mod statements;
pub mod symbols;

pub use seeds::begin;
