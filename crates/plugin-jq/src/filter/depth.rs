//! Limits the depth of a filter's recursive calls, because each call needs stack.

use std::cell::Cell;

use jaq_core::Error;

use crate::value::{Val, error};

/// How many bytes of stack calls can take. The plugin's own stack for variables is eight times as large. The rest is on
/// the host's stack. Of its default of 512 KiB, calls have taken some 400 KiB then.
const STACK: usize = 500 << 10;

thread_local! {
    /// Where the stack was when the filter began.
    static BEGIN: Cell<usize> = const { Cell::new(0) };
}

/// Records how much of the stack is in use when the filter begins.
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
