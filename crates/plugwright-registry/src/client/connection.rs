//! One registry: how it is reached, who asks, and answers of bounded length.

use std::time::Duration;

use oci_client::client::{Certificate, CertificateEncoding, ClientConfig, ClientProtocol};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, RegistryOperation};
use reqwest::header::{ACCEPT, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use tokio::sync::OnceCell;

use crate::credentials;
use crate::error::RegistryError;
use crate::reference::Reference;

/// How long it may take until a registry is reached, and until it goes on.
const CONNECT: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(30);

/// How often something is tried that the registry has no time for.
const TRIES: u32 = 5;
/// How long is waited after the first try. It doubles.
const WAIT: Duration = Duration::from_millis(200);
/// The longest that is waited because the registry asks for it.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

pub(super) struct Connection {
    pub(super) oci: Client,
    http: reqwest::Client,
    scheme: &'static str,
    auth: RegistryAuth,
    /// What whoever logged in to read has got, once for all that is asked for.
    token: OnceCell<Option<String>>,
    host: String,
}

impl Connection {
    pub(super) fn open(
        reference: &Reference,
        authorities: &[Vec<u8>],
    ) -> Result<Self, RegistryError> {
        let host = reference.host().to_owned();
        let unusable = |why: String| RegistryError::Unreachable { host: host.clone(), why };
        // Another one may have been chosen by the application.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let is_plain = reference.is_on_this_machine() && authorities.is_empty();
        let mut http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .https_only(!is_plain)
            .user_agent(concat!("plugwright/", env!("CARGO_PKG_VERSION")));
        for pem in authorities {
            let certificate = reqwest::Certificate::from_pem(pem);
            let certificate = certificate.map_err(|error| unusable(chain(&error)))?;
            http = http.add_root_certificate(certificate);
        }
        let http = http.build().map_err(|error| unusable(chain(&error)))?;
        let config = ClientConfig {
            protocol: if is_plain { ClientProtocol::Http } else { ClientProtocol::Https },
            extra_root_certificates: authorities
                .iter()
                .map(|pem| Certificate { encoding: CertificateEncoding::Pem, data: pem.clone() })
                .collect(),
            connect_timeout: Some(CONNECT),
            read_timeout: Some(SILENCE),
            ..ClientConfig::default()
        };
        let oci = Client::try_from(config).map_err(|error| unusable(chain(&error)))?;
        let (scheme, auth) = (if is_plain { "http" } else { "https" }, credentials::of(&host)?);
        Ok(Self { oci, http, scheme, auth, token: OnceCell::new(), host })
    }

    /// Logs in, so that what comes next may be done.
    pub(super) async fn log_in(
        &self,
        reference: &Reference,
        operation: RegistryOperation,
    ) -> Result<Option<String>, RegistryError> {
        self.again(|| self.oci.auth(reference.inner(), &self.auth, operation)).await
    }

    /// Asks for what is at `path` below the plugin's name. Absent if the registry has no such thing.
    pub(super) async fn get(
        &self,
        reference: &Reference,
        path: &str,
        accept: &str,
    ) -> Result<Option<Response>, RegistryError> {
        let log_in = || self.log_in(reference, RegistryOperation::Pull);
        let token = self.token.get_or_try_init(log_in).await?;
        let url = format!("{}://{}/v2/{}/{path}", self.scheme, self.host, reference.name());
        let mut wait = WAIT;
        for tried in 1.. {
            let mut request = self.http.get(&url).header(ACCEPT, accept);
            match (token, &self.auth) {
                (Some(token), _) => request = request.bearer_auth(token),
                (None, RegistryAuth::Basic(name, password)) => {
                    request = request.basic_auth(name, Some(password));
                }
                _ => {}
            }
            let response = match request.send().await {
                Ok(response) => response,
                Err(error) if tried < TRIES && (error.is_connect() || error.is_timeout()) => {
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                    continue;
                }
                Err(error) => return Err(self.unreachable(&error)),
            };
            let status = response.status();
            if tried < TRIES && is_passing(status) {
                tokio::time::sleep(asked_wait(&response).unwrap_or(wait)).await;
                wait *= 2;
                continue;
            }
            return match status {
                StatusCode::OK => Ok(Some(response)),
                StatusCode::NOT_FOUND => Ok(None),
                status if is_denied(status) => {
                    Err(RegistryError::Denied { host: self.host.clone(), why: status.to_string() })
                }
                status => Err(self.wrong(format!("`{path}` is {status}"))),
            };
        }
        Ok(None)
    }

    /// As [`Connection::get`], the whole of it, up to so many bytes.
    pub(super) async fn get_bytes(
        &self,
        reference: &Reference,
        path: &str,
        accept: &str,
        most: usize,
    ) -> Result<Option<Vec<u8>>, RegistryError> {
        let Some(mut response) = self.get(reference, path, accept).await? else { return Ok(None) };
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            if bytes.len() + chunk.len() > most {
                return Err(self.wrong(format!("`{path}` has more than {most} bytes")));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Some(bytes))
    }

    /// Does something that a registry may have no time for at once.
    pub(super) async fn again<T, F>(&self, work: impl Fn() -> F) -> Result<T, RegistryError>
    where
        F: Future<Output = oci_client::errors::Result<T>>,
    {
        let mut wait = WAIT;
        let mut tried = 1;
        loop {
            match work().await {
                Ok(done) => return Ok(done),
                Err(error) if tried < TRIES && is_passing_error(&error) => {
                    tokio::time::sleep(wait).await;
                    (wait, tried) = (wait * 2, tried + 1);
                }
                Err(error) => return Err(self.told(&error)),
            }
        }
    }

    pub(super) fn missing(&self, reference: &Reference) -> RegistryError {
        let what = format!("{}:{}", reference.name(), reference.version());
        RegistryError::Missing { host: self.host.clone(), what }
    }

    pub(super) fn wrong(&self, why: String) -> RegistryError {
        RegistryError::Answer { host: self.host.clone(), why }
    }

    pub(super) fn unreachable(&self, error: &reqwest::Error) -> RegistryError {
        RegistryError::Unreachable { host: self.host.clone(), why: chain(error) }
    }

    fn told(&self, error: &oci_client::errors::OciDistributionError) -> RegistryError {
        use oci_client::errors::OciDistributionError as Error;
        let (host, why) = (self.host.clone(), chain(error));
        match error {
            Error::AuthenticationFailure(_) | Error::UnauthorizedError { .. } => {
                RegistryError::Denied { host, why }
            }
            Error::RequestError(error) => match error.status() {
                Some(status) if is_denied(status) => {
                    RegistryError::Denied { host, why: status.to_string() }
                }
                Some(_) => RegistryError::Answer { host, why },
                None => self.unreachable(error),
            },
            _ => RegistryError::Answer { host, why },
        }
    }
}

fn is_denied(status: StatusCode) -> bool {
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}

fn is_passing(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}

fn is_passing_error(error: &oci_client::errors::OciDistributionError) -> bool {
    use oci_client::errors::{OciDistributionError as Error, OciErrorCode};
    match error {
        Error::RequestError(error) => {
            error.is_connect() || error.is_timeout() || error.status().is_some_and(is_passing)
        }
        Error::ServerError { code, .. } => *code == 429 || *code >= 500,
        Error::RegistryError { envelope, .. } => {
            envelope.errors.iter().any(|error| error.code == OciErrorCode::Toomanyrequests)
        }
        _ => false,
    }
}

/// How long the registry asks to wait.
fn asked_wait(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}

/// The error with all that caused it, which tells what really happened.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !text.contains(&more) {
            text += &format!(": {more}");
        }
        source = error.source();
    }
    text
}
