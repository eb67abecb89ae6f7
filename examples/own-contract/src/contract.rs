//! The shop's contract, made known to the host library.
#![expect(missing_docs, reason = "what wasmtime generates, and the contract has the words")]

use std::sync::Arc;

use crate::Catalogue;

plugwright::world!(Pricing, PricingPre = "pricing" in "wit", data = Arc<Catalogue>);
