//! What a plugin calls of the application's own host functions, as an observer sees it.

use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use wasmtime::component::{ResourceAny, Val};
use wasmtime::{Error, Result};

use crate::call::dynamic::function_name::FunctionName;

/// A call of one of the application's own host functions, which is over: what the observer of
/// [`Plugin::with_observer`](crate::Plugin::with_observer) gets.
pub struct Observed<'a> {
    pub(crate) function: &'a FunctionName,
    pub(crate) arguments: &'a [Val],
    pub(crate) result: std::result::Result<Option<&'a Val>, &'a Error>,
    pub(crate) handles: &'a [KnownHandle],
    /// The names of resources, by number.
    pub(crate) resources: &'a [String],
}

/// A handle to a resource of the host's: the number of its resource, and its own.
pub(crate) struct KnownHandle {
    pub(crate) handle: ResourceAny,
    pub(crate) resource: u32,
    pub(crate) number: u32,
}

/// What observes calls.
#[derive(Clone)]
pub(crate) struct Observer(pub(crate) Arc<dyn Fn(&Observed<'_>) + Send + Sync>);

impl Observed<'_> {
    /// Which function was called.
    pub fn function(&self) -> &FunctionName {
        self.function
    }

    /// The arguments. That of a method's handle is the first one.
    pub fn arguments(&self) -> &[Val] {
        self.arguments
    }

    /// The result, if the function has one.
    ///
    /// # Errors
    ///
    /// What the function gave in its place, which ends the plugin's call.
    pub fn result(&self) -> std::result::Result<Option<&Val>, &Error> {
        self.result
    }

    /// The name and the number of what is behind one of the handles among the arguments and in the result. Handles are
    /// numbered for each resource from 1 on, in the order in which the plugin is given them.
    pub fn handle(&self, handle: &ResourceAny) -> Option<(&str, u32)> {
        let known = self.handles.iter().find(|known| known.handle == *handle)?;
        let name = self.resources.get(usize::try_from(known.resource).ok()?)?;
        Some((name, known.number))
    }
}

impl fmt::Debug for Observed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { function, arguments, result, .. } = self;
        f.debug_struct("Observed")
            .field("function", &function.whole())
            .field("arguments", arguments)
            .field("result", result)
            .finish()
    }
}

impl Observer {
    /// Tells it of a call.
    ///
    /// # Errors
    ///
    /// Says that it panicked, for which the plugin's call ends and no other.
    pub(crate) fn tell(&self, observed: &Observed<'_>) -> Result<()> {
        panic::catch_unwind(AssertUnwindSafe(|| (self.0)(observed)))
            .map_err(|_| Error::msg("the observer of the plugin's calls panicked"))
    }
}
