//! Errors of creating an engine, or of setting limits that it does not support.

use crate::text::amount::{self, Unit};
use crate::text::foreign_text::ForeignText;

/// The reason why a [`Host`](crate::Host) cannot be created.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The engine cannot run on this machine with these settings.
    #[error("the engine cannot run on this machine: {reason}")]
    Engine {
        /// The engine's message.
        reason: ForeignText,
    },
    /// The host has both grants for all plugins and a policy, which decides the grants of each plugin.
    #[error(
        "a host has either a policy or grants: with `HostBuilder::policy`, leave out `HostBuilder::grants`"
    )]
    PolicyAndGrants,
}

/// The reason why limits cannot be set for one plugin or one call.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LimitsError {
    /// The compiled code of this host does not count fuel.
    #[error("this host does not count fuel: set a fuel limit with `HostBuilder::limits`")]
    FuelNotCounted,
    /// The stack can only be set for the whole host.
    #[error(
        "all plugins of a host have the same stack size, here {}: set it with `HostBuilder::limits`",
        amount::told(*stack, Unit::Bytes)
    )]
    StackOfHost {
        /// The size of the stack in bytes.
        stack: u64,
    },
}
