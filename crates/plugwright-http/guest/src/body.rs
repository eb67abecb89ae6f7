//! The body of a request, piece by piece.

use crate::Stop;
use crate::bindings::wasi::http::types::{IncomingBody, IncomingRequest, InputStream};
use crate::bindings::wasi::io::streams::StreamError;

/// How many bytes are read at once.
const PIECE: u64 = 128 << 10;

/// The body of a request.
#[derive(Debug)]
pub struct Body {
    // Fields are dropped in this order, and the stream must go before the body that it belongs to.
    stream: InputStream,
    _whole: IncomingBody,
    /// The length that the request declares.
    length: usize,
}

impl Body {
    pub(crate) fn of(request: &IncomingRequest, length: usize) -> Result<Self, Stop> {
        let whole = request.consume().map_err(|()| Stop::Gone)?;
        let stream = whole.stream().map_err(|()| Stop::Gone)?;
        Ok(Self { stream, _whole: whole, length })
    }

    /// Reads the next piece. Absent at the end.
    ///
    /// # Errors
    ///
    /// Fails if the client does not send the rest.
    pub fn next(&self) -> Result<Option<Vec<u8>>, Stop> {
        match self.stream.blocking_read(PIECE) {
            Ok(piece) => Ok(Some(piece)),
            Err(StreamError::Closed) => Ok(None),
            Err(StreamError::LastOperationFailed(_)) => Err(Stop::Gone),
        }
    }

    /// Reads the whole body.
    ///
    /// # Errors
    ///
    /// Fails if the client does not send the rest.
    pub fn all(self) -> Result<Vec<u8>, Stop> {
        let mut all = Vec::new();
        // The declared length may be wrong. Then the vector grows as data arrives.
        let _ = all.try_reserve_exact(self.length);
        while let Some(piece) = self.next()? {
            all.extend_from_slice(&piece);
        }
        Ok(all)
    }
}
