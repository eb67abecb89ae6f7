//! The body of a request, as it comes.

use crate::Stop;
use crate::bindings::wasi::http::types::{IncomingBody, IncomingRequest, InputStream};
use crate::bindings::wasi::io::streams::StreamError;

/// How much is asked for at once, in bytes.
const PIECE: u64 = 128 << 10;

/// The body of a request.
#[derive(Debug)]
pub struct Body {
    // Before what it is a part of: fields are dropped in this order.
    stream: InputStream,
    _whole: IncomingBody,
    /// How long it says it is.
    length: usize,
}

impl Body {
    pub(crate) fn of(request: &IncomingRequest, length: usize) -> Result<Self, Stop> {
        let whole = request.consume().map_err(|()| Stop::Gone)?;
        let stream = whole.stream().map_err(|()| Stop::Gone)?;
        Ok(Self { stream, _whole: whole, length })
    }

    /// The next piece, none at the end.
    ///
    /// # Errors
    ///
    /// Says that the rest does not come.
    pub fn next(&self) -> Result<Option<Vec<u8>>, Stop> {
        match self.stream.blocking_read(PIECE) {
            Ok(piece) => Ok(Some(piece)),
            Err(StreamError::Closed) => Ok(None),
            Err(StreamError::LastOperationFailed(_)) => Err(Stop::Gone),
        }
    }

    /// All of it.
    ///
    /// # Errors
    ///
    /// Says that the rest does not come.
    pub fn all(self) -> Result<Vec<u8>, Stop> {
        let mut all = Vec::new();
        // What it says can be a lie: then it grows as it comes.
        let _ = all.try_reserve_exact(self.length);
        while let Some(piece) = self.next()? {
            all.extend_from_slice(&piece);
        }
        Ok(all)
    }
}
