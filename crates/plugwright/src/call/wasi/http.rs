//! Outgoing HTTP, only to origins that were granted.

use std::io;
use std::net::{Ipv4Addr, ToSocketAddrs as _};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use wasmtime_wasi_http::p2::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpHooks, default_send_request,
};

use super::http_memory::{CHUNK, FIELDS, HttpMemory, Sending};
use crate::call::budget::Held;
use crate::call::identity::Identity;
use crate::call::meter::SharedMeter;
use crate::permission::limits::Limit;
use crate::permission::origin::Origin;
use crate::text::foreign_text::shown;

/// The HTTP state of a call.
pub(crate) struct Http {
    pub(crate) context: WasiHttpCtx,
    pub(crate) hooks: Hooks,
    pub(crate) memory: HttpMemory,
}

/// Controls a plugin's access to the network.
pub(crate) struct Hooks {
    identity: Arc<Identity>,
    meter: Arc<SharedMeter>,
    /// What the next request holds when it is sent.
    pub(crate) next: Option<Sending>,
    /// Whether a denied request was reported already, so that a plugin cannot fill the host's log.
    told: bool,
}

impl Http {
    pub(crate) fn new(identity: &Arc<Identity>, meter: &Arc<SharedMeter>) -> Self {
        let held = || Held::nothing(Limit::HostMemory, meter, &identity.budget);
        let memory = HttpMemory::new(held(), held());
        let (identity, meter) = (Arc::clone(identity), Arc::clone(meter));
        let hooks = Hooks { identity, meter, next: None, told: false };
        let mut context = WasiHttpCtx::new();
        context.set_field_size_limit(FIELDS);
        Self { context, hooks, memory }
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
                tracing::warn!(%plugin, "a request to `{}` was denied: the origin is not granted", shown(&origin.to_string()));
            }
            return Err(Error::HttpRequestDenied);
        }
        // If the limit is exceeded, the call ends with the limit's error as soon as the plugin returns.
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
        let (allowed, sending) = (self.allow(request.uri()), self.next.take());
        let (meter, identity) = (Arc::clone(&self.meter), Arc::clone(&self.identity));
        Box::new(async move {
            allowed?;
            find(&identity, request.uri()).await?;
            let (response, connection) = default_send_request(request, options).await?;
            let also = sending.clone();
            let response = response
                .map(|body| Metered { body: Box::pin(body), meter, _sending: also }.boxed_unsync());
            let connection = async move {
                let _sending = sending;
                // wasmtime-wasi-http would write the error to the host's log, which a plugin could fill that way.
                if let Err(error) = connection.await {
                    tracing::debug!("an HTTP connection failed: {error:?}");
                }
                Ok(())
            };
            Ok((response, Box::new(connection) as Done))
        })
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        CHUNK
    }

    fn p2_outgoing_body_buffer_chunks(&mut self) -> usize {
        1
    }

    // By default, wasmtime-wasi-http writes these errors to the host's log, which a plugin could fill that way.

    fn p2_error_from_hyper(&mut self, error: &hyper::Error) -> ErrorCode {
        tracing::debug!("an HTTP request failed: {error}");
        ErrorCode::HttpProtocolError
    }

    fn p2_error_from_connect(&mut self, error: &io::Error) -> ErrorCode {
        tracing::debug!("an HTTP request could not connect: {error}");
        match error.kind() {
            io::ErrorKind::ConnectionRefused => ErrorCode::ConnectionRefused,
            io::ErrorKind::TimedOut => ErrorCode::ConnectionTimeout,
            _ => ErrorCode::DestinationUnavailable,
        }
    }

    fn p2_error_from_tls(&mut self, error: &io::Error) -> ErrorCode {
        tracing::debug!("TLS of an HTTP request failed: {error}");
        ErrorCode::TlsProtocolError
    }
}

/// Checks that the host has an address. wasmtime-wasi-http looks up addresses on threads that all plugins share, and
/// nothing ends such a lookup. So the lookup is done first on the plugin's own threads, where it may take any time.
async fn find(identity: &Identity, url: &Uri) -> Result<(), Error> {
    let host = url.host().unwrap_or_default().to_owned();
    if host.starts_with('[') || host.parse::<Ipv4Addr>().is_ok() {
        return Ok(());
    }
    let find = move || (host, 0).to_socket_addrs().map(drop);
    identity.threads.run(find).await.map_err(|_| Error::DnsTimeout)?.map_err(Error::Connect)
}

/// The body of a response, whose bytes are counted.
struct Metered<B> {
    body: Pin<Box<B>>,
    meter: Arc<SharedMeter>,
    _sending: Option<Sending>,
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
