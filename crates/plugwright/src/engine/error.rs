//! Why there is no engine, or none with such limits.

use crate::text::amount::{self, Unit};
use crate::text::foreign_text::ForeignText;

/// Why a [`Host`](crate::Host) cannot be made.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The engine cannot run on this machine with these settings.
    #[error("the engine cannot run on this machine: {reason}")]
    Engine {
        /// What the engine says.
        reason: ForeignText,
    },
    /// There are grants for all plugins, and a policy that says what each is granted.
    #[error(
        "a host has a policy or grants: with `HostBuilder::policy`, leave out `HostBuilder::grants`"
    )]
    PolicyAndGrants,
}

/// Why limits cannot be set for one plugin or one call.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LimitsError {
    /// The code of the plugins does not count fuel.
    #[error("this host does not count fuel: give it a limit of fuel with `HostBuilder::limits`")]
    FuelNotCounted,
    /// The stack is that of the host.
    #[error(
        "all plugins of a host have the same stack, here of {}: set it with `HostBuilder::limits`",
        amount::told(*stack, Unit::Bytes)
    )]
    StackOfHost {
        /// The size of the stack in bytes.
        stack: u64,
    },
}
