//! What a forwarder imports: functions, and aliases of resources.

use wit_parser::{Function, WorldKey};

/// A function that the plugin imports.
pub(crate) struct Forwarded {
    /// The interface of the function, or `None` if it belongs to the world.
    pub(crate) interface: Option<String>,
    /// The name in the linker: `[method]brush.width`.
    pub(crate) name: String,
}

/// An alias under which the forwarder imports a resource.
pub(crate) struct ForwardedResource {
    pub(crate) name: String,
    /// The interface that defines the resource, and the resource's name there.
    pub(crate) interface: String,
    pub(crate) resource: String,
}

/// An imported function, and the interface that it is imported from.
pub(super) struct Import {
    pub(super) key: Option<WorldKey>,
    pub(super) function: Function,
}
