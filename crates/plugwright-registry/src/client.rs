//! A registry that is asked, and what it answers.

mod connection;
mod counted;
mod login;
mod pull;
mod push;
mod transport;

use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::{Builder, Runtime};

use self::connection::Connection;
use self::push::Sending;
use crate::error::RegistryError;
use crate::layout::Artifact;
use crate::reference::Reference;

pub use pull::{Limits, Pulled};
pub use push::{Pushed, Sent};

/// Asks registries. It waits where it is called.
///
/// Plain HTTP is spoken to this machine alone, and not if authorities are given.
pub struct Client {
    authorities: Vec<Vec<u8>>,
    runtime: Runtime,
    /// The last one, for what is asked of the same name again.
    connection: Mutex<Option<(String, Arc<Connection>)>>,
}

/// What a [`Client`] is made with.
#[derive(Debug, Clone, Default)]
pub struct ClientBuilder {
    authorities: Vec<Vec<u8>>,
}

/// What is said of a plugin: a file that refers to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// What it is, such as `application/vnd.in-toto+json`: the type of the artifact, and of its one layer.
    pub media_type: String,
    /// The name of the file.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl ClientBuilder {
    /// Trusts a certificate authority, as PEM, beside those of the system.
    #[must_use]
    pub fn authority(mut self, pem: Vec<u8>) -> Self {
        self.authorities.push(pem);
        self
    }

    /// Makes the client.
    ///
    /// # Errors
    ///
    /// [`RegistryError::System`] if the system gives no means to wait for a network.
    pub fn build(self) -> Result<Client, RegistryError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(RegistryError::System)?;
        Ok(Client { authorities: self.authorities, runtime, connection: Mutex::new(None) })
    }
}

impl Client {
    /// Begins to make a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Brings a plugin to a registry, and what is said of it. `told` is called with how much of that is there.
    ///
    /// # Errors
    ///
    /// Says why it is not there. What is there by then is not named by the tag.
    pub fn push(
        &self,
        reference: &Reference,
        artifact: &Artifact,
        attached: &[Attached],
        told: impl Fn(Sent<'_>) + Send + Sync + 'static,
    ) -> Result<Pushed, RegistryError> {
        if reference.digest().is_some() {
            return Err(RegistryError::NoTag { reference: reference.to_string() });
        }
        let connection = self.connection(reference)?;
        let sending = Sending::new(artifact, attached, told);
        self.runtime.block_on(push::push(&connection, reference, artifact, attached, sending))
    }

    /// The digest that the reference means now, `sha256:…`.
    ///
    /// # Errors
    ///
    /// Says why that is not known.
    pub fn resolve(&self, reference: &Reference) -> Result<String, RegistryError> {
        let connection = self.connection(reference)?;
        self.runtime.block_on(pull::resolve(&connection, reference))
    }

    /// Brings a plugin from a registry, within limits, and what is said of it, of these kinds: types of artifacts. `told` is
    /// called with how many bytes of the component are here, and how many there are.
    ///
    /// # Errors
    ///
    /// Says why it is not here.
    pub fn pull(
        &self,
        reference: &Reference,
        kinds: &[&str],
        limits: &Limits,
        told: &dyn Fn(u64, u64),
    ) -> Result<Pulled, RegistryError> {
        let connection = self.connection(reference)?;
        self.runtime.block_on(pull::pull(&connection, reference, kinds, limits, told))
    }

    /// Brings what is said now of the plugin of this digest, `sha256:…`, as [`pull`](Self::pull) does.
    ///
    /// # Errors
    ///
    /// Says why that is not known.
    pub fn attached(
        &self,
        reference: &Reference,
        digest: &str,
        kinds: &[&str],
        limits: &Limits,
    ) -> Result<Vec<Attached>, RegistryError> {
        let connection = self.connection(reference)?;
        self.runtime.block_on(pull::attached(&connection, reference, digest, kinds, limits))
    }

    fn connection(&self, reference: &Reference) -> Result<Arc<Connection>, RegistryError> {
        let name = format!("{}/{}", reference.host(), reference.name());
        let mut last = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((of, connection)) if *of == name => Ok(Arc::clone(connection)),
            _ => {
                let connection = Arc::new(Connection::open(reference, &self.authorities)?);
                *last = Some((name, Arc::clone(&connection)));
                Ok(connection)
            }
        }
    }
}
