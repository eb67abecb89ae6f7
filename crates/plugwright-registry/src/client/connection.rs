//! One registry, and who asks it.

use std::sync::Arc;

use bytes::Bytes;
use oci_client::secrets::RegistryAuth;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Body, Method, Response, StatusCode, Url};
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
    /// How whoever reads is let in, once for all that is asked for, and how whoever writes is.
    read: OnceCell<Login>,
    write: OnceCell<Login>,
}

/// What is asked of a registry.
pub(super) struct Ask<'a> {
    pub(super) method: Method,
    /// What comes after the plugin's name, or a whole address that the registry gave.
    pub(super) at: At<'a>,
    /// The type of what is wanted, or of the body.
    pub(super) media_type: &'a str,
    pub(super) body: Bytes,
    /// Who hears how many bytes of the body went. A body that is told of is not sent again to where a redirection leads.
    pub(super) telling: Option<Telling>,
    /// The most that comes back, in bytes, as far as it is known.
    pub(super) most: u64,
}

/// Where something is.
pub(super) enum At<'a> {
    Path(&'a str),
    Url(Url),
}

impl Connection {
    pub(super) fn open(
        reference: &Reference,
        authorities: &[Vec<u8>],
    ) -> Result<Self, RegistryError> {
        let transport = Transport::open(reference, authorities)?;
        let auth = credentials::of(transport.host())?;
        Ok(Self { transport, auth, read: OnceCell::new(), write: OnceCell::new() })
    }

    /// Asks for what is at `path` below the plugin's name. Absent if the registry has no such thing.
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

    /// As [`Connection::get`], the whole of it, up to so many bytes.
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

    /// Asks until the registry has time. Who is not let in is an error, and all other answers are given.
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
                // Others get no password and no token.
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
