//! What `just fuzz` runs: for each target the inputs that it begins with, and what has to hold
//! whatever it is fed.
//!
//! A target panics if it does not hold, which ends the run and keeps the input.

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
