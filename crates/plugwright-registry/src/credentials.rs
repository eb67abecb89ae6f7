//! Who asks: what `docker login` and its like wrote.

use std::env;
use std::path::PathBuf;

use docker_credential::{CredentialRetrievalError, DockerCredential};
use oci_client::secrets::RegistryAuth;

use crate::error::RegistryError;

/// The credentials for a registry, from Docker's configuration and the programs that it names, or nobody's.
pub(crate) fn of(host: &str) -> Result<RegistryAuth, RegistryError> {
    if !has_configuration() {
        return Ok(RegistryAuth::Anonymous);
    }
    match docker_credential::get_credential(host) {
        Ok(DockerCredential::UsernamePassword(name, password)) => {
            Ok(RegistryAuth::Basic(name, password))
        }
        Ok(DockerCredential::IdentityToken(token)) => Ok(RegistryAuth::Bearer(token)),
        Err(
            CredentialRetrievalError::ConfigNotFound
            | CredentialRetrievalError::NoCredentialConfigured,
        ) => Ok(RegistryAuth::Anonymous),
        Err(error) => {
            Err(RegistryError::Credentials { host: host.to_owned(), why: error.to_string() })
        }
    }
}

/// Says whether there is a configuration of Docker's, which need not be.
fn has_configuration() -> bool {
    let own = env::var_os("DOCKER_CONFIG").map(PathBuf::from);
    let folder = own.or_else(|| Some(env::home_dir()?.join(".docker")));
    folder.is_some_and(|folder| folder.join("config.json").exists())
}
