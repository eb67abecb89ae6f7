//! Credentials, from the configuration that `docker login` and similar programs write.

use std::env;
use std::path::PathBuf;

use docker_credential::{CredentialRetrievalError, DockerCredential};
use oci_client::secrets::RegistryAuth;

use crate::error::RegistryError;

/// Docker's own registry, and the name of its login in the configuration.
const HUB: &str = "index.docker.io";
const HUB_LOGIN: &str = "https://index.docker.io/v1/";

/// Returns the credentials for a registry, from Docker's configuration and the programs that it names. Anonymous if
/// there are none.
pub(crate) fn of(host: &str) -> Result<RegistryAuth, RegistryError> {
    if !has_configuration() {
        return Ok(RegistryAuth::Anonymous);
    }
    let wrong = |why: String| RegistryError::Credentials { host: host.to_owned(), why };
    match docker_credential::get_credential(if host == HUB { HUB_LOGIN } else { host }) {
        Ok(DockerCredential::UsernamePassword(name, password)) => {
            Ok(RegistryAuth::Basic(name, password))
        }
        // The client would have to exchange it for an access token, and there is no standard for that.
        Ok(DockerCredential::IdentityToken(_)) => Err(wrong(
            "it is an identity token, which only Docker can use: log in with a name and a password or an access \
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

/// Returns whether Docker's configuration exists.
fn has_configuration() -> bool {
    let own = env::var_os("DOCKER_CONFIG").map(PathBuf::from);
    let folder = own.or_else(|| Some(env::home_dir()?.join(".docker")));
    folder.is_some_and(|folder| folder.join("config.json").exists())
}
