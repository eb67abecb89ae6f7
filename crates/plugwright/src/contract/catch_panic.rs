//! Catches panics of libraries that panic where they should return an error.

use std::cell::Cell;
use std::panic::{self, UnwindSafe};
use std::sync::Once;

use crate::text::foreign_text::ForeignText;

thread_local! {
    /// Whether a panic on this thread is reported only to the caller.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Does `work`, and catches a panic in it.
///
/// The first call replaces the process's panic hook with one that passes on all panics except those that are caught
/// here. This needs unwinding: a program that is built with `panic = "abort"` still ends.
///
/// # Errors
///
/// The message of the panic, which is not written anywhere else.
pub(crate) fn catch_panic<R>(work: impl FnOnce() -> R + UnwindSafe) -> Result<R, ForeignText> {
    static HOOKED: Once = Once::new();
    HOOKED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                before(panic);
            }
        }));
    });
    let was_quiet = QUIET.replace(true);
    let done = panic::catch_unwind(work);
    QUIET.set(was_quiet);
    done.map_err(|said| {
        let text = said.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| said.downcast_ref::<&str>().copied());
        text.unwrap_or("the panic has no message").into()
    })
}
