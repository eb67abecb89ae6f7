//! A shop whose prices are made by plugins of a contract of its own.
//!
//! `contract.rs` makes the contract in `wit/` known to the host library, `catalogue.rs` has the host
//! function, `shop.rs` the typed call. The rest is the shop's.

mod catalogue;
mod contract;
mod shop;
mod till;

pub use catalogue::Catalogue;
pub use contract::Pricing;
pub use contract::exports::shop::pricing::rules::{Cart, Line, Quote, Refusal};
pub use shop::Shop;
pub use till::{answer, cart};
