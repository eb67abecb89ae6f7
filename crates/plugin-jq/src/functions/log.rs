//! `debug` and `stderr`, which go to the host's log.

use jaq_core::native::Fun;
use jaq_json::Val;

use super::{Data, message, native};
use crate::plugwright::plugin::host::{self, Field, Level};

pub(super) fn natives() -> Vec<Fun<Data>> {
    vec![
        native("debug_empty", 0, |call| {
            log(Level::Debug, "debug", &call.1);
            Box::new(std::iter::empty())
        }),
        native("stderr_empty", 0, |call| {
            log(Level::Info, "stderr", &call.1);
            Box::new(std::iter::empty())
        }),
    ]
}

fn log(level: Level, name: &str, value: &Val) {
    let field = Field { key: "value".to_owned(), value: message(value) };
    host::log(level, name, &[field]);
}
