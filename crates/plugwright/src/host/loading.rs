//! Loading without holding up whoever waits for it.

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
    /// Loads the plugin in the file `path` as [`Host::load`] does, on a thread of its own. Other tasks get their
    /// turn while the plugin is read, compiled and tried out.
    ///
    /// As many loads run at once as there are cores; others wait for their turn. Dropping a load ends the process
    /// that compiles for it, if there is one: see [`HostBuilder::compiler`](crate::HostBuilder::compiler). Any
    /// runtime will do.
    ///
    /// # Errors
    ///
    /// As [`Host::load`], and [`LoadError::Thread`] if the system gives no thread for it.
    pub async fn load_async<W: World>(
        &self,
        path: impl Into<PathBuf>,
    ) -> Result<Plugin<W>, LoadError> {
        let path: PathBuf = path.into();
        apart(self, &name_of(&path), move |host| host.load(&path)).await
    }

    /// Loads the plugin `bytes` under the name `plugin` as [`Host::load_bytes`] does, in the way of
    /// [`Host::load_async`].
    ///
    /// # Errors
    ///
    /// As [`Host::load_bytes`] and [`Host::load_async`].
    pub async fn load_bytes_async<W: World>(
        &self,
        plugin: &str,
        bytes: impl Into<Vec<u8>>,
    ) -> Result<Plugin<W>, LoadError> {
        let (name, bytes) = (plugin.to_owned(), bytes.into());
        apart(self, plugin, move |host| host.load_bytes(&name, &bytes)).await
    }

    /// Loads the plugin of that name by `load`, on a thread of its own, as [`Host::load_async`] does. It is for
    /// contracts that load in ways of their own. `load` gets this host.
    ///
    /// # Errors
    ///
    /// Those of `load`, and [`LoadError::Thread`].
    pub fn load_with_async<R: Send + 'static>(
        &self,
        plugin: impl Into<String>,
        load: impl FnOnce(&Self) -> Result<R, LoadError> + Send + 'static,
    ) -> impl Future<Output = Result<R, LoadError>> + Send {
        let (host, plugin) = (self.clone(), plugin.into());
        async move { apart(&host, &plugin, load).await }
    }
}

/// Does `load` on a thread of its own, once it is its turn.
async fn apart<R: Send + 'static>(
    host: &Host,
    plugin: &str,
    load: impl FnOnce(&Host) -> Result<R, LoadError> + Send + 'static,
) -> Result<R, LoadError> {
    // It is never closed.
    let turn = Arc::clone(&host.turns).acquire_owned().await;
    let no_thread = |source| LoadError::Thread { plugin: plugin.into(), source };
    // The end of whoever waits closes one end of a pipe, which the thread sees while it waits for something itself.
    let (until, _waits) = io::pipe().map_err(no_thread)?;
    let host = host.until(until);
    let (sender, answer) = oneshot::channel();
    let load = here(move || {
        let _turn = turn;
        // Nobody may wait for it any more.
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
