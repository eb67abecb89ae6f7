//! HTTP with a registry: connections, retries, and answers of bounded length. Only connections within this machine may
//! be without TLS.

use std::error::Error;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{LOCATION, RETRY_AFTER};
use reqwest::redirect::{Attempt as Redirect, Policy};
use reqwest::{Certificate, Method, RequestBuilder, Response, StatusCode, Url};

use crate::error::RegistryError;
use crate::reference::Reference;

/// The longest time until a registry is connected, and until it sends more.
const CONNECT: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(30);
/// The longest time of a whole request, and the bytes per second for which it gets additional time.
const WHOLE: Duration = Duration::from_secs(60);
const SLOWEST: u64 = 16 << 10;

/// How often a request is tried if the registry is busy.
const TRIES: u32 = 5;
/// The wait after the first try. It doubles after each further try.
const WAIT: Duration = Duration::from_millis(200);
/// The longest wait that a registry can ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// The greatest number of redirects that are followed one after the other.
const REDIRECTS: usize = 5;

/// HTTP with one registry.
pub(super) struct Transport {
    http: reqwest::Client,
    /// The registry's address, which ends in `/v2/`.
    base: Url,
    host: String,
}

impl Transport {
    pub(super) fn open(
        reference: &Reference,
        authorities: &[Certificate],
    ) -> Result<Self, RegistryError> {
        let host = reference.address().to_owned();
        // This fails if the application has already chosen another provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let base = Url::parse(&format!("https://{host}/v2/"));
        let mut base = base.map_err(|error| RegistryError::answer(&host, &error.to_string()))?;
        let is_plain = is_here(&base) && authorities.is_empty();
        if is_plain {
            // Changing `https` to `http` cannot fail.
            let _ = base.set_scheme("http");
        }
        let follow = move |redirect: Redirect<'_>| match redirect.previous().len() <= REDIRECTS
            && is_allowed(redirect.url(), is_plain)
        {
            true => redirect.follow(),
            false => redirect.stop(),
        };
        let mut http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .https_only(!is_plain)
            .redirect(Policy::custom(follow))
            .user_agent(concat!("plugwright/", env!("CARGO_PKG_VERSION")));
        for certificate in authorities {
            http = http.add_root_certificate(certificate.clone());
        }
        let unusable = |error| RegistryError::System(io::Error::other(chain(&error)));
        let http = http.build().map_err(unusable)?;
        Ok(Self { http, base, host })
    }

    /// Sends a request, and repeats it while the registry is busy. `bytes` is the length of the request or of the
    /// answer, for the time limit.
    pub(super) async fn send(
        &self,
        method: &Method,
        url: &Url,
        bytes: u64,
        with: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Response, RegistryError> {
        self.allowed(url)?;
        self.again(|| with(self.http.request(method.clone(), url.clone())).timeout(time(bytes)))
            .await
    }

    /// Reads a whole answer, up to `most` bytes.
    pub(super) async fn whole(
        &self,
        what: &str,
        mut response: Response,
        most: usize,
    ) -> Result<Vec<u8>, RegistryError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.chunk(&mut response).await? {
            if bytes.len() + chunk.len() > most {
                return Err(self.wrong(&format!("`{what}` has more than {most} bytes")));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    /// Reads the next piece of an answer.
    pub(super) async fn chunk(
        &self,
        response: &mut Response,
    ) -> Result<Option<Bytes>, RegistryError> {
        match tokio::time::timeout(SILENCE, response.chunk()).await {
            Ok(chunk) => chunk.map_err(|error| self.unreachable(&error)),
            Err(_) => Err(self.silent()),
        }
    }

    /// Returns the address for an upload that the registry gave, if it is allowed.
    pub(super) fn location(&self, response: &Response) -> Result<Url, RegistryError> {
        let location = response.headers().get(LOCATION).and_then(|it| it.to_str().ok());
        let url = location.and_then(|it| response.url().join(it).ok());
        let url = url.ok_or_else(|| self.wrong("it gives no address for the upload"))?;
        self.allowed(&url)?;
        Ok(url)
    }

    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn missing(&self, reference: &Reference) -> RegistryError {
        let separator = if reference.digest().is_some() { '@' } else { ':' };
        let what = format!("{}{separator}{}", reference.name(), reference.version());
        RegistryError::Missing { host: self.host.clone(), what }
    }

    pub(super) fn wrong(&self, why: &str) -> RegistryError {
        RegistryError::answer(&self.host, why)
    }

    pub(super) fn denied(&self, why: String) -> RegistryError {
        RegistryError::Denied { host: self.host.clone(), why }
    }

    /// Refuses an address that is not allowed.
    fn allowed(&self, url: &Url) -> Result<(), RegistryError> {
        match is_allowed(url, self.base.scheme() == "http") {
            true => Ok(()),
            false => Err(self.wrong(&format!("it leads to `{url}`, which does not use TLS"))),
        }
    }

    /// Sends a request, and repeats it while the registry is busy. Returns the last answer, whatever it is.
    async fn again(&self, request: impl Fn() -> RequestBuilder) -> Result<Response, RegistryError> {
        let (mut wait, mut tries) = (WAIT, 1..TRIES);
        loop {
            let sent = request().send().await;
            let is_last = tries.next().is_none();
            let asked = match &sent {
                Ok(response) if is_passing(response.status()) && !is_last => asked_wait(response),
                // A timeout is not repeated, because it is likely to happen again.
                Err(error) if error.is_connect() && !error.is_timeout() && !is_last => {
                    if let error @ RegistryError::Untrusted { .. } = self.unreachable(error) {
                        return Err(error);
                    }
                    None
                }
                _ => return sent.map_err(|error| self.unreachable(&error)),
            };
            tokio::time::sleep(asked.unwrap_or(wait)).await;
            wait *= 2;
        }
    }

    fn unreachable(&self, error: &reqwest::Error) -> RegistryError {
        let (host, why) = (self.host.clone(), chain(error));
        match is_untrusted(error) {
            true => RegistryError::Untrusted { host, why },
            false => RegistryError::Unreachable { host, why },
        }
    }

    fn silent(&self) -> RegistryError {
        let why = format!("it sent nothing for {} seconds", SILENCE.as_secs());
        RegistryError::Unreachable { host: self.host.clone(), why }
    }
}

/// Returns the longest time for a request of this many bytes.
fn time(bytes: u64) -> Duration {
    WHOLE.saturating_add(Duration::from_secs(bytes / SLOWEST))
}

/// Returns whether an address is allowed: with TLS, or within this machine if the registry is there, too.
fn is_allowed(url: &Url, is_plain: bool) -> bool {
    url.scheme() == "https" || (is_plain && url.scheme() == "http" && is_here(url))
}

fn is_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Returns whether TLS failed, such as for a wrong certificate.
fn is_untrusted(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let inner = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>());
        if error.is::<rustls::Error>() || inner.is_some() {
            return true;
        }
        cause = error.source();
    }
    false
}

fn is_passing(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}

/// Returns how long the registry asks to wait.
fn asked_wait(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}

/// Returns the error with its causes, which have the details.
fn chain(error: &dyn Error) -> String {
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
