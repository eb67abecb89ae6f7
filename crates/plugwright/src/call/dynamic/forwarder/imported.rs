//! What a forwarder imports: functions, and names of resources.

use wit_parser::{Function, WorldKey};

/// A function that the plugin imports.
pub(crate) struct Forwarded {
    /// Its interface, absent if it is the world's own.
    pub(crate) interface: Option<String>,
    /// As the linker has it: `[method]brush.width`.
    pub(crate) name: String,
}

/// A name that the forwarder imports a resource by, which is another's.
pub(crate) struct ForwardedResource {
    pub(crate) name: String,
    /// The interface that has it, and what it is called there.
    pub(crate) interface: String,
    pub(crate) resource: String,
}

/// An imported function, and the interface that it is imported from.
pub(super) struct Import {
    pub(super) key: Option<WorldKey>,
    pub(super) function: Function,
}
