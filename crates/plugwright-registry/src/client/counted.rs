//! A body that reports its progress.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// A function that gets the number of bytes of a body that were sent.
pub(super) type Telling = Arc<dyn Fn(u64) + Send + Sync>;

/// The number of bytes that are sent at once.
const PIECE: usize = 64 << 10;

/// A body that reports its progress whenever the connection takes more of it.
pub(super) struct Counted {
    left: Bytes,
    sent: u64,
    telling: Telling,
}

impl Counted {
    pub(super) fn new(body: Bytes, telling: Telling) -> Self {
        Self { left: body, sent: 0, telling }
    }
}

impl Body for Counted {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        // When the connection asks for more, it has sent everything before.
        (this.telling)(this.sent);
        if this.left.is_empty() {
            return Poll::Ready(None);
        }
        let piece = this.left.split_to(PIECE.min(this.left.len()));
        this.sent += piece.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.len() as u64)
    }
}
