//! Responses.

use std::mem;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use plugwright_guest::{debug, error, warn};
use serde_json::Value;

use crate::Stop;
use crate::asked::ATTRIBUTE;
use crate::bindings::plugwright::plugin::transform::Attribute;
use crate::bindings::wasi::http::types::{
    Fields, OutgoingBody, OutgoingResponse, OutputStream, ResponseOutparam,
};
use crate::problem::Problem;

/// How many bytes of a body are held back. Up to this length, an error can set the status, and attributes that are
/// known only at the end can be headers.
const HELD: usize = 256 << 10;

/// The greatest size of all headers, in bytes: three quarters of what wasmtime accepts.
const MOST: usize = 96 << 10;

/// The characters that are percent-encoded: all except the unreserved ones of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

type Headers = Vec<(String, Vec<u8>)>;

/// The answer to a request.
#[derive(Debug)]
pub struct Answer {
    out: Option<ResponseOutparam>,
    held: Vec<u8>,
    sending: Option<Sending>,
}

/// The head of a document: everything except its body.
#[derive(Debug)]
pub struct Known {
    /// The document's name.
    pub name: String,
    /// The document's media type.
    pub media_type: String,
    /// The document's attributes.
    pub attributes: Vec<Attribute>,
}

/// A body that is being sent.
#[derive(Debug)]
struct Sending {
    // Fields are dropped in this order, and the stream must go before the body that it belongs to.
    stream: OutputStream,
    body: OutgoingBody,
}

impl Answer {
    pub(crate) fn new(out: ResponseOutparam) -> Self {
        Self { out: Some(out), held: Vec::new(), sending: None }
    }

    /// Takes the part of the document's body that is ready. When too much is held back, the response begins with the
    /// headers of `known`.
    ///
    /// # Errors
    ///
    /// Fails if the client no longer reads, or if the plugin's media type is not valid in a header.
    pub fn push(&mut self, bytes: Vec<u8>, known: impl FnOnce() -> Known) -> Result<(), Stop> {
        if let Some(sending) = &self.sending {
            return sending.write(&bytes);
        }
        self.hold(bytes);
        if self.held.len() <= HELD {
            return Ok(());
        }
        let mut headers = known().to_headers();
        headers.push(("trailer".to_owned(), ATTRIBUTE.into()));
        let sending = self.begin(200, &headers)?;
        self.sending.insert(sending).write(&mem::take(&mut self.held))
    }

    /// Takes the rest of the document's body, and its final head.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn finish(&mut self, bytes: Vec<u8>, known: &Known) -> Result<(), Stop> {
        if let Some(sending) = self.sending.take() {
            sending.write(&bytes)?;
            let attributes = known.attribute_headers();
            let fit = length(&attributes) <= MOST;
            sending.finish(if fit { Fields::from_list(&attributes).ok() } else { None });
            return Ok(());
        }
        self.hold(bytes);
        let body = mem::take(&mut self.held);
        self.whole(200, known.to_headers(), &body)
    }

    pub(crate) fn json(
        &mut self,
        status: u16,
        mut headers: Headers,
        body: &Value,
    ) -> Result<(), Stop> {
        let body = format!("{body}\n");
        if !headers.iter().any(|(name, _)| name == "content-type") {
            headers.push(("content-type".to_owned(), "application/json".into()));
        }
        self.whole(status, headers, body.as_bytes())
    }

    /// Ends without a document. If the response has begun, it is cut off, so that no client takes it for complete.
    pub(crate) fn stop(&mut self, stop: Stop) {
        let has_begun = self.out.is_none();
        let problem = match stop {
            Stop::Gone if has_begun => return debug!("the client is gone"),
            Stop::Gone => Problem::broken_off(),
            Stop::Problem(problem) => problem,
        };
        let failure = problem.failure.unwrap_or("none");
        if problem.status == 500 {
            error!("the plugin fails", detail = problem.detail);
        } else if has_begun {
            warn!("the answer breaks off", failure = failure, detail = problem.detail);
        }
        if has_begun {
            return;
        }
        self.held.clear();
        let mut headers = vec![("content-type".to_owned(), "application/problem+json".into())];
        if let Some(failure) = problem.failure {
            headers.push(("plugwright-failure".to_owned(), failure.into()));
        }
        if problem.status == 405 {
            headers.push(("allow".to_owned(), "GET, HEAD, POST".into()));
        }
        // If the client is gone, nobody is left to tell.
        let _ = self.json(problem.status, headers, &problem.to_json());
    }

    fn hold(&mut self, bytes: Vec<u8>) {
        if self.held.is_empty() {
            self.held = bytes;
        } else {
            self.held.extend_from_slice(&bytes);
        }
    }

    fn whole(&mut self, status: u16, mut headers: Headers, body: &[u8]) -> Result<(), Stop> {
        headers.push(("content-length".to_owned(), body.len().to_string().into()));
        let sending = self.begin(status, &headers)?;
        sending.write(body)?;
        sending.finish(None);
        Ok(())
    }

    fn begin(&mut self, status: u16, headers: &Headers) -> Result<Sending, Stop> {
        // Engines trap if headers are too large for them.
        if length(headers) > MOST {
            return Err(Problem::plugin(
                "the document has more attributes than fit into headers".to_owned(),
            )
            .into());
        }
        let none = |_| {
            Problem::plugin("the document's media type or name is not valid in a header".to_owned())
        };
        let response = OutgoingResponse::new(Fields::from_list(headers).map_err(none)?);
        let begun = response.set_status_code(status).and_then(|()| response.body());
        let (Ok(body), Some(out)) = (begun, self.out.take()) else {
            return Err(Stop::Gone);
        };
        ResponseOutparam::set(out, Ok(response));
        let stream = body.write().map_err(|()| Stop::Gone)?;
        Ok(Sending { stream, body })
    }
}

/// Returns the size of the headers, with some bytes that an engine needs for each.
fn length(headers: &Headers) -> usize {
    headers.iter().map(|(name, value)| name.len() + value.len() + 32).sum()
}

impl Known {
    fn to_headers(&self) -> Headers {
        let name = utf8_percent_encode(&self.name, ENCODED);
        let mut headers = vec![
            ("content-type".to_owned(), self.media_type.clone().into_bytes()),
            // As in RFC 6266 and RFC 8187.
            (
                "content-disposition".to_owned(),
                format!("attachment; filename*=UTF-8''{name}").into(),
            ),
            // A foreign page can send a browser here, and the browser must not run scripts in a document.
            ("content-security-policy".to_owned(), "sandbox; default-src 'none'".into()),
            ("x-content-type-options".to_owned(), "nosniff".into()),
        ];
        headers.extend(self.attribute_headers());
        headers
    }

    fn attribute_headers(&self) -> Headers {
        let attributes = self.attributes.iter();
        let encoded = attributes.map(|Attribute { key, value }| {
            let [key, value] = [key, value].map(|it| utf8_percent_encode(it, ENCODED));
            (ATTRIBUTE.to_owned(), format!("{key}={value}").into())
        });
        encoded.collect()
    }
}

impl Sending {
    fn write(&self, mut bytes: &[u8]) -> Result<(), Stop> {
        while !bytes.is_empty() {
            let most = self.stream.check_write().map_err(|_| Stop::Gone)?;
            if most == 0 {
                self.stream.subscribe().block();
                continue;
            }
            let most = usize::try_from(most).unwrap_or(usize::MAX).min(bytes.len());
            let (now, later) = bytes.split_at(most);
            self.stream.write(now).map_err(|_| Stop::Gone)?;
            bytes = later;
        }
        Ok(())
    }

    /// Ends the body. A client that has read the whole body may be gone already, which does no harm.
    fn finish(self, trailers: Option<Fields>) {
        let Self { stream, body } = self;
        let _ = stream.blocking_flush();
        drop(stream);
        let _ = OutgoingBody::finish(body, trailers);
    }
}
