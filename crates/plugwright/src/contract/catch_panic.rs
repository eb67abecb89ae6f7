//! Libraries that break off where they should give an error.

use std::cell::Cell;
use std::panic::{self, UnwindSafe};
use std::sync::Once;

use crate::text::foreign_text::ForeignText;

thread_local! {
    /// Whether a panic on this thread is reported to the caller only.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Does `work`.
///
/// The first call replaces the process's panic hook by one that passes on to it all panics but those that are caught
/// here. A program that is built with `panic = "abort"` ends at a panic all the same: this needs unwinding.
///
/// # Errors
///
/// What it says if it panics, which is then written nowhere.
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
        text.unwrap_or("it does not say why").into()
    })
}
