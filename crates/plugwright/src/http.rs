//! Outgoing HTTP: to origins that were granted, and to no other.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::uri::Scheme;
use http::{Request, Response, Uri};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use wasmtime_wasi_http::p2::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpHooks, default_send_request,
};

use crate::foreign_text::shown;
use crate::limits::SharedMeter;
use crate::state::Identity;

/// A scheme, a host and a port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    secure: bool,
    /// In lowercase letters; an IPv6 address is in brackets.
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of a URL, unless it is of another scheme or there is a user's name in it.
    fn of(url: &Uri) -> Option<Self> {
        let scheme = url.scheme()?;
        let secure = *scheme == Scheme::HTTPS;
        if !secure && *scheme != Scheme::HTTP {
            return None;
        }
        let authority = url.authority()?;
        let host = authority.host();
        let plain = match authority.port() {
            Some(port) => authority.as_str() == format!("{host}:{port}"),
            None => authority.as_str() == host,
        };
        let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
        (plain && !host.is_empty()).then(|| Self { secure, host: host.to_ascii_lowercase(), port })
    }
}

impl FromStr for Origin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let url: Uri = text.parse().map_err(|_| "it is no URL")?;
        if url.path_and_query().is_some_and(|rest| rest != "/") || text.contains('#') {
            return Err("there is more in it than a scheme, a host and a port");
        }
        Self::of(&url).ok_or("it is not `http://` or `https://` and a host")
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { secure, host, port } = self;
        let scheme = if *secure { "https" } else { "http" };
        write!(f, "{scheme}://{host}:{port}")
    }
}

/// What a call has of HTTP.
pub(crate) struct Http {
    pub(crate) context: WasiHttpCtx,
    pub(crate) hooks: Hooks,
}

/// What stands between a plugin and the network.
pub(crate) struct Hooks {
    identity: Arc<Identity>,
    meter: Arc<SharedMeter>,
    /// Whether it was said already that a request was denied: a plugin cannot fill the host's log.
    told: bool,
}

impl Http {
    pub(crate) fn new(identity: &Arc<Identity>, meter: &Arc<SharedMeter>) -> Self {
        let (identity, meter) = (Arc::clone(identity), Arc::clone(meter));
        let hooks = Hooks { identity, meter, told: false };
        Self { context: WasiHttpCtx::new(), hooks }
    }
}

impl Hooks {
    fn allow(&mut self, url: &Uri) -> Result<(), Error> {
        let origin = Origin::of(url);
        let granted = self.identity.grants.origins.as_ref().zip(origin.as_ref());
        if !granted.is_some_and(|(origins, origin)| origins.contains(origin)) {
            if let Some(origin) = origin.filter(|_| !self.told) {
                self.told = true;
                let plugin = shown(&self.identity.name);
                tracing::warn!(%plugin, "a request to `{}` is denied, which is not granted", shown(&origin.to_string()));
            }
            return Err(Error::HttpRequestDenied);
        }
        // The call ends with the limit's error when the plugin gives it back to the host.
        self.meter.request().map_err(|_| Error::HttpRequestDenied)
    }
}

type Done = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Done,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Done), Error>> + Send> {
        let (allowed, meter) = (self.allow(request.uri()), Arc::clone(&self.meter));
        Box::new(async move {
            allowed?;
            let (response, connection) = default_send_request(request, options).await?;
            let response =
                response.map(|body| Metered { body: Box::pin(body), meter }.boxed_unsync());
            Ok((response, Box::new(connection) as Done))
        })
    }

    // What the library does by default goes to the host's log, which a plugin could fill so.

    fn p2_error_from_hyper(&mut self, error: &hyper::Error) -> ErrorCode {
        tracing::debug!("an HTTP request failed: {error}");
        ErrorCode::HttpProtocolError
    }

    fn p2_error_from_connect(&mut self, error: &io::Error) -> ErrorCode {
        tracing::debug!("an HTTP request found no connection: {error}");
        match error.kind() {
            io::ErrorKind::ConnectionRefused => ErrorCode::ConnectionRefused,
            io::ErrorKind::TimedOut => ErrorCode::ConnectionTimeout,
            _ => ErrorCode::DestinationUnavailable,
        }
    }

    fn p2_error_from_tls(&mut self, error: &io::Error) -> ErrorCode {
        tracing::debug!("an HTTP request failed in TLS: {error}");
        ErrorCode::TlsProtocolError
    }
}

/// The body of an answer, whose bytes are counted.
struct Metered<B> {
    body: Pin<Box<B>>,
    meter: Arc<SharedMeter>,
}

impl<B: Body<Data = Bytes, Error = Error>> Body for Metered<B> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let frame = ready!(self.body.as_mut().poll_frame(context));
        if let Some(bytes) = frame.as_ref().and_then(|it| it.as_ref().ok()?.data_ref())
            && let Err(exceeded) = self.meter.download(bytes.len())
        {
            return Poll::Ready(Some(Err(Error::HttpResponseBodySize(Some(exceeded.value)))));
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
