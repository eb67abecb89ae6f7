//! The client of registries.

mod authority;
mod connection;
mod counted;
mod login;
mod pull;
mod push;
mod transport;

use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Certificate;
use tokio::runtime::{Builder, Runtime};

use self::connection::Connection;
use self::push::Sending;
use crate::error::RegistryError;
use crate::layout::Artifact;
use crate::reference::Reference;

pub use pull::{Limits, Pulled};
pub use push::{Pushed, Sent};

/// A client of OCI registries. Its functions block until they are done.
///
/// The client uses TLS. Only for a registry on this machine does it use plain HTTP, unless the builder got certificate
/// authorities.
pub struct Client {
    authorities: Vec<Certificate>,
    runtime: Runtime,
    /// The last connection with the name that it is for, to use it again.
    connection: Mutex<Option<(String, Arc<Connection>)>>,
}

/// Builds a [`Client`].
#[derive(Debug, Clone, Default)]
pub struct ClientBuilder {
    authorities: Vec<Certificate>,
}

/// A file that refers to a plugin in a registry, such as its provenance, its bill of materials or its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// The media type of the file, such as `application/vnd.in-toto+json`. It is the type of the artifact and of its
    /// only layer.
    pub media_type: String,
    /// The name of the file.
    pub name: String,
    /// The contents of the file.
    pub bytes: Vec<u8>,
}

impl ClientBuilder {
    /// Trusts the certificate authorities in `pem`, in addition to those of the system.
    ///
    /// # Errors
    ///
    /// [`RegistryError::Authority`] if `pem` has no certificates in PEM, or an invalid one.
    pub fn authority(mut self, pem: &[u8]) -> Result<Self, RegistryError> {
        self.authorities.extend(authority::certificates(pem)?);
        Ok(self)
    }

    /// Makes the client.
    ///
    /// # Errors
    ///
    /// Returns [`RegistryError::System`] if the network cannot be set up.
    pub fn build(self) -> Result<Client, RegistryError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(RegistryError::System)?;
        Ok(Client { authorities: self.authorities, runtime, connection: Mutex::new(None) })
    }
}

impl Client {
    /// Returns a builder for a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Pushes a plugin and the files that refer to it. `told` is called with the progress.
    ///
    /// # Errors
    ///
    /// Returns why the push failed. The tag does not name the plugin then, even if a part of it is in the registry.
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

    /// Returns the digest that the reference has now, `sha256:…`.
    ///
    /// # Errors
    ///
    /// Fails if the registry cannot be asked, or does not have the plugin.
    pub fn resolve(&self, reference: &Reference) -> Result<String, RegistryError> {
        let connection = self.connection(reference)?;
        self.runtime.block_on(pull::resolve(&connection, reference))
    }

    /// Pulls a plugin within limits, together with the files that refer to it. `kinds` are the media types of these
    /// files. `told` is called with the number of bytes of the component that have arrived, and the number of all its
    /// bytes.
    ///
    /// # Errors
    ///
    /// Returns why the pull failed.
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

    /// Pulls the files that now refer to the plugin with this digest, `sha256:…`, as [`pull`](Self::pull) does.
    ///
    /// # Errors
    ///
    /// Returns why the files cannot be pulled.
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
