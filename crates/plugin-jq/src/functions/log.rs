//! `debug` and `stderr`, which write to the host's log.

use jaq_core::native::Fun;
use plugwright_guest::{debug, info};

use super::{Data, message, of_input};
use crate::value::Val;

pub(super) fn natives() -> Vec<Fun<Data>> {
    of_input! {
        "debug" => |value: Val| {
            debug!("debug", value = message(&value));
            Ok(value)
        },
        "stderr" => |value: Val| {
            info!("stderr", value = message(&value));
            Ok(value)
        },
    }
}
