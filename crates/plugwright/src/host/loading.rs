//! Loading without blocking the caller.

use std::io;
use std::panic;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use tokio::sync::oneshot;

use crate::admission::candidate::name_of;
use crate::admission::load_error::LoadError;
use crate::call::plugin::Plugin;
use crate::call::world::World;
use crate::component::stack::here;
use crate::host::Host;

impl Host {
    /// Loads the plugin in the file `path` as [`Host::load`] does, on a separate thread. Other tasks can run while the
    /// plugin is read, compiled and tried out.
    ///
    /// As many loads run at the same time as there are cores; other loads wait for their turn. Dropping the future ends
    /// the process that compiles for the load, if there is one: see
    /// [`HostBuilder::compiler`](crate::HostBuilder::compiler). The future runs on any runtime.
    ///
    /// # Errors
    ///
    /// The errors of [`Host::load`], and [`LoadError::Thread`] if the system could not start a thread.
    pub async fn load_async<W: World>(
        &self,
        path: impl Into<PathBuf>,
    ) -> Result<Plugin<W>, LoadError> {
        let path: PathBuf = path.into();
        apart(self, &name_of(&path), move |host| host.load(&path)).await
    }

    /// Loads the plugin `bytes` under the name `plugin` as [`Host::load_bytes`] does, without blocking, like
    /// [`Host::load_async`].
    ///
    /// # Errors
    ///
    /// The errors of [`Host::load_bytes`] and [`Host::load_async`].
    pub async fn load_bytes_async<W: World>(
        &self,
        plugin: &str,
        bytes: impl Into<Vec<u8>>,
    ) -> Result<Plugin<W>, LoadError> {
        let (name, bytes) = (plugin.to_owned(), bytes.into());
        apart(self, plugin, move |host| host.load_bytes(&name, &bytes)).await
    }

    /// Runs `load` for the plugin of that name on a separate thread, as [`Host::load_async`] does. This is for
    /// contracts that have their own functions for loading. `load` is called with this host.
    ///
    /// # Errors
    ///
    /// The errors of `load`, and [`LoadError::Thread`].
    pub fn load_with_async<R: Send + 'static>(
        &self,
        plugin: impl Into<String>,
        load: impl FnOnce(&Self) -> Result<R, LoadError> + Send + 'static,
    ) -> impl Future<Output = Result<R, LoadError>> + Send {
        let (host, plugin) = (self.clone(), plugin.into());
        async move { apart(&host, &plugin, load).await }
    }
}

/// Runs `load` on a separate thread when it is its turn.
async fn apart<R: Send + 'static>(
    host: &Host,
    plugin: &str,
    load: impl FnOnce(&Host) -> Result<R, LoadError> + Send + 'static,
) -> Result<R, LoadError> {
    // The semaphore is never closed.
    let turn = Arc::clone(&host.turns).acquire_owned().await;
    let no_thread = |source| LoadError::Thread { plugin: plugin.into(), source };
    // When the caller drops this future, one end of a pipe closes. The thread sees that while it waits for a compiler.
    let (until, _waits) = io::pipe().map_err(no_thread)?;
    let host = host.until(until);
    let (sender, answer) = oneshot::channel();
    let load = here(move || {
        let _turn = turn;
        // The caller may have dropped the future.
        let _ = sender.send(load(&host));
    });
    let thread = thread::Builder::new().name("plugwright load".to_owned());
    let thread = thread.spawn(load).map_err(no_thread)?;
    match answer.await {
        Ok(loaded) => loaded,
        Err(_) => match thread.join() {
            Err(panic) => panic::resume_unwind(panic),
            Ok(()) => unreachable!("a thread that does not panic gives an answer"),
        },
    }
}
