//! How deep a filter's calls of itself go: each takes stack, of which there is so much and no more.

use std::cell::Cell;

use jaq_core::Error;

use crate::value::{Val, error};

/// How much stack calls can take, in bytes. The plugin has one for its variables, which is eight times as
/// large, and the host another for the rest: of the 512 KiB that this has if nothing else is said, calls
/// have taken some 400 then.
const STACK: usize = 500 << 10;

thread_local! {
    /// Where the stack was when the filter began.
    static BEGIN: Cell<usize> = const { Cell::new(0) };
}

/// Notes how much of the stack is in use as the filter begins.
pub(super) fn begin() {
    let here = 0_u8;
    BEGIN.set((&raw const here).addr());
}

/// Refuses a call that is too deep.
pub(crate) fn enter() -> Result<(), Error<Val>> {
    let here = 0_u8;
    if BEGIN.get().saturating_sub((&raw const here).addr()) > STACK {
        return Err(error("too many calls of filters within calls"));
    }
    Ok(())
}
