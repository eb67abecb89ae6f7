//! A shop whose prices come from plugins with a custom contract.
//!
//! `contract.rs` makes the contract in `wit/` known to the host library, `catalogue.rs` has the host function,
//! and `shop.rs` has the typed call. Everything else is the shop's own.

mod catalogue;
mod contract;
mod shop;
mod till;

pub use catalogue::Catalogue;
pub use contract::Pricing;
pub use contract::exports::shop::pricing::rules::{Cart, Line, Quote, Refusal};
pub use shop::Shop;
pub use till::{answer, cart};
