//! Who asks: what `docker login` and its like wrote.

use std::env;
use std::path::PathBuf;

use docker_credential::{CredentialRetrievalError, DockerCredential};
use oci_client::secrets::RegistryAuth;

use crate::error::RegistryError;

/// Docker's own registry, and what its login is called in the configuration.
const HUB: &str = "index.docker.io";
const HUB_LOGIN: &str = "https://index.docker.io/v1/";

/// The credentials for a registry, from Docker's configuration and the programs that it names, or nobody's.
pub(crate) fn of(host: &str) -> Result<RegistryAuth, RegistryError> {
    if !has_configuration() {
        return Ok(RegistryAuth::Anonymous);
    }
    let wrong = |why: String| RegistryError::Credentials { host: host.to_owned(), why };
    match docker_credential::get_credential(if host == HUB { HUB_LOGIN } else { host }) {
        Ok(DockerCredential::UsernamePassword(name, password)) => {
            Ok(RegistryAuth::Basic(name, password))
        }
        // It would have to be exchanged for one of access, for which there is no standard.
        Ok(DockerCredential::IdentityToken(_)) => Err(wrong(
            "it is an identity token, which is good for Docker alone: log in with a name and a password or an access \
             token"
                .to_owned(),
        )),
        Err(
            CredentialRetrievalError::ConfigNotFound
            | CredentialRetrievalError::NoCredentialConfigured,
        ) => Ok(RegistryAuth::Anonymous),
        Err(error) => Err(wrong(error.to_string())),
    }
}

/// Says whether there is a configuration of Docker's, which need not be.
fn has_configuration() -> bool {
    let own = env::var_os("DOCKER_CONFIG").map(PathBuf::from);
    let folder = own.or_else(|| Some(env::home_dir()?.join(".docker")));
    folder.is_some_and(|folder| folder.join("config.json").exists())
}
