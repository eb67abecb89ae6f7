//! A plugin's calls of the application's own host functions, as an observer sees them.

use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use wasmtime::component::{ResourceAny, Val};
use wasmtime::{Error, Result};

use crate::call::dynamic::function_name::FunctionName;

/// A finished call of one of the application's own host functions. The observer of
/// [`Plugin::with_observer`](crate::Plugin::with_observer) gets it.
pub struct Observed<'a> {
    pub(crate) function: &'a FunctionName,
    pub(crate) arguments: &'a [Val],
    pub(crate) result: std::result::Result<Option<&'a Val>, &'a Error>,
    pub(crate) handles: &'a [KnownHandle],
    /// The names of resources, by number.
    pub(crate) resources: &'a [String],
}

/// A handle to a resource of the host, with the number of the resource and the number of the handle.
pub(crate) struct KnownHandle {
    pub(crate) handle: ResourceAny,
    pub(crate) resource: u32,
    pub(crate) number: u32,
}

/// The function that observes calls.
#[derive(Clone)]
pub(crate) struct Observer(pub(crate) Arc<dyn Fn(&Observed<'_>) + Send + Sync>);

impl Observed<'_> {
    /// Returns the function that was called.
    pub fn function(&self) -> &FunctionName {
        self.function
    }

    /// Returns the arguments. The first argument of a method is its handle.
    pub fn arguments(&self) -> &[Val] {
        self.arguments
    }

    /// Returns the result, if the function has one.
    ///
    /// # Errors
    ///
    /// The error that the function returned instead. It ends the plugin's call.
    pub fn result(&self) -> std::result::Result<Option<&Val>, &Error> {
        self.result
    }

    /// Returns the resource's name and the handle's number, for one of the handles in the arguments and the result. The
    /// handles of each resource are numbered from 1, in the order in which the plugin gets them.
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
    /// Calls the observer.
    ///
    /// # Errors
    ///
    /// An error if the observer panicked. It ends this call of the plugin and no other.
    pub(crate) fn tell(&self, observed: &Observed<'_>) -> Result<()> {
        panic::catch_unwind(AssertUnwindSafe(|| (self.0)(observed)))
            .map_err(|_| Error::msg("the observer of the plugin's calls panicked"))
    }
}
