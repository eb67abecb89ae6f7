//! An HTTP client.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime;
use tokio::time::timeout;

/// A response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: HeaderMap,
}

impl Answer {
    /// Returns the text of a header, or an empty text without it.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// Returns the whole response as text, without what differs each time.
    pub(crate) fn shown(&self) -> String {
        let shown = |headers: &HeaderMap| -> String {
            let headers = headers.iter().filter(|(name, _)| *name != "date");
            headers
                .map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap_or("?")))
                .collect()
        };
        let (head, end) = (shown(&self.headers), shown(&self.trailers));
        format!("{}\n{head}\n{}{end}", self.status, String::from_utf8_lossy(&self.body))
    }
}

/// Sends a request for `target` to `address`.
///
/// # Errors
///
/// Fails if the response is incomplete.
pub(crate) fn ask(
    address: &str,
    method: Method,
    target: &str,
    headers: &[(HeaderName, String)],
    body: Vec<u8>,
) -> Result<Answer, String> {
    let mut request = Request::new(Full::new(Bytes::from(body)));
    (*request.method_mut(), *request.uri_mut()) = (method, target.parse().expect("a target"));
    request.headers_mut().insert("host", HeaderValue::from_str(address).expect("an address"));
    request.headers_mut().insert("te", HeaderValue::from_static("trailers"));
    for (name, value) in headers {
        request.headers_mut().append(name, HeaderValue::from_str(value).expect("a header"));
    }
    let answered = async {
        let stream = TcpStream::connect(address).await.map_err(|it| it.to_string())?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|it| it.to_string())?;
        tokio::spawn(connection);
        let response = sender.send_request(request).await.map_err(|it| it.to_string())?;
        let (head, body) = response.into_parts();
        let whole = body.collect().await.map_err(|it| it.to_string())?;
        let trailers = whole.trailers().cloned().unwrap_or_default();
        let (status, headers) = (head.status.as_u16(), head.headers);
        Ok(Answer { status, headers, body: whole.to_bytes().to_vec(), trailers })
    };
    let runtime = runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let late = |_| "there is no answer for a minute".to_owned();
    runtime.block_on(async { timeout(Duration::from_secs(60), answered).await.map_err(late)? })
}

/// Sends a document without attributes to `address`.
///
/// # Errors
///
/// As [`ask`].
pub(crate) fn post(
    address: &str,
    target: &str,
    body: impl Into<Vec<u8>>,
) -> Result<Answer, String> {
    ask(address, Method::POST, target, &[], body.into())
}
