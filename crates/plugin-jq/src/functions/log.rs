//! `debug` and `stderr`, which go to the host's log.

use jaq_core::native::Fun;
use plugwright_guest::{debug, info};

use super::{Data, message, native};

pub(super) fn natives() -> Vec<Fun<Data>> {
    vec![
        native("debug_empty", 0, |call| {
            debug!("debug", value = message(&call.1));
            Box::new(std::iter::empty())
        }),
        native("stderr_empty", 0, |call| {
            info!("stderr", value = message(&call.1));
            Box::new(std::iter::empty())
        }),
    ]
}
