//! A connection to one registry, with its credentials.

use std::sync::Arc;

use bytes::Bytes;
use oci_client::secrets::RegistryAuth;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Body, Certificate, Method, Response, StatusCode, Url};
use tokio::sync::OnceCell;

use super::counted::{Counted, Telling};
use super::login::{self, Access, Login};
use super::transport::Transport;
use crate::credentials;
use crate::error::RegistryError;
use crate::reference::Reference;

pub(super) struct Connection {
    pub(super) transport: Transport,
    auth: RegistryAuth,
    /// The logins for reading and for writing, each made once for all requests.
    read: OnceCell<Login>,
    write: OnceCell<Login>,
}

/// A request to a registry.
pub(super) struct Ask<'a> {
    pub(super) method: Method,
    /// The path after the plugin's name, or a whole address that the registry gave.
    pub(super) at: At<'a>,
    /// The media type of the wanted answer or of the body.
    pub(super) media_type: &'a str,
    pub(super) body: Bytes,
    /// Gets the number of bytes of the body that were sent. Such a body is not sent again after a redirect.
    pub(super) telling: Option<Telling>,
    /// The greatest length of the answer in bytes, if it is known.
    pub(super) most: u64,
}

/// The address of a request.
pub(super) enum At<'a> {
    Path(&'a str),
    Url(Url),
}

impl Connection {
    pub(super) fn open(
        reference: &Reference,
        authorities: &[Certificate],
    ) -> Result<Self, RegistryError> {
        let transport = Transport::open(reference, authorities)?;
        let auth = credentials::of(transport.host())?;
        Ok(Self { transport, auth, read: OnceCell::new(), write: OnceCell::new() })
    }

    /// Gets `path` below the plugin's name. Absent if the registry does not have it.
    pub(super) async fn get(
        &self,
        reference: &Reference,
        path: &str,
        accept: &str,
        most: u64,
    ) -> Result<Option<Response>, RegistryError> {
        let ask = Ask {
            method: Method::GET,
            at: At::Path(path),
            media_type: accept,
            body: Bytes::new(),
            telling: None,
            most,
        };
        let response = self.ask(reference, Access::Read, &ask).await?;
        match response.status() {
            StatusCode::OK => Ok(Some(response)),
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(self.wrong(&format!("`{path}` is {status}"))),
        }
    }

    /// As [`Connection::get`], but reads the whole answer, up to `most` bytes.
    pub(super) async fn get_bytes(
        &self,
        reference: &Reference,
        path: &str,
        accept: &str,
        most: usize,
    ) -> Result<Option<Vec<u8>>, RegistryError> {
        match self.get(reference, path, accept, most as u64).await? {
            Some(response) => self.transport.whole(path, response, most).await.map(Some),
            None => Ok(None),
        }
    }

    /// Sends a request, and repeats it while the registry is busy. A refused login is an error. All other answers are
    /// returned.
    pub(super) async fn ask(
        &self,
        reference: &Reference,
        access: Access,
        ask: &Ask<'_>,
    ) -> Result<Response, RegistryError> {
        let cell = if access == Access::Read { &self.read } else { &self.write };
        let (transport, auth) = (&self.transport, &self.auth);
        let log_in = || login::log_in(transport, reference, access, auth);
        let login = cell.get_or_try_init(log_in).await?;
        let base = transport.base();
        let (url, is_own) = match &ask.at {
            At::Path(path) => {
                let path = format!("{}/{path}", reference.name());
                (base.join(&path).map_err(|error| self.wrong(&error.to_string()))?, true)
            }
            At::Url(url) => (url.clone(), url.origin() == base.origin()),
        };
        let bytes = ask.most.max(ask.body.len() as u64);
        let response = transport
            .send(&ask.method, &url, bytes, |request| {
                let request = match (ask.body.is_empty(), &ask.telling) {
                    (true, _) => request.header(ACCEPT, ask.media_type),
                    (false, telling) => {
                        let (body, request) =
                            (ask.body.clone(), request.header(CONTENT_TYPE, ask.media_type));
                        match telling {
                            None => request.body(body),
                            Some(telling) => {
                                request.body(Body::wrap(Counted::new(body, Arc::clone(telling))))
                            }
                        }
                    }
                };
                // Other hosts get no password and no token.
                if is_own { login.allow(request) } else { request }
            })
            .await?;
        match response.status() {
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                Err(transport.denied(status.to_string()))
            }
            _ => Ok(response),
        }
    }

    pub(super) fn wrong(&self, why: &str) -> RegistryError {
        self.transport.wrong(why)
    }
}
