//! The two directions between a session and the `h2` connection that it drives.

use bytes::{Buf, BytesMut};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

#[derive(Debug, Default)]
struct Buffers {
    input: BytesMut,
    eof: bool,
    output: Vec<u8>,
    max_output: usize,
    /// A write was held back: `h2` has more for us once output was taken.
    blocked: bool,
}

/// One end is given to `h2`, a clone stays with the session. The lock is never contended: both
/// ends are used by whoever drives the session.
#[derive(Clone, Debug)]
pub(super) struct Pipe(Arc<Mutex<Buffers>>);

impl Pipe {
    pub fn new(max_output: usize) -> Self {
        Self(Arc::new(Mutex::new(Buffers { max_output: max_output.max(1), ..Buffers::default() })))
    }

    fn buffers(&self) -> MutexGuard<'_, Buffers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn push(&self, data: &[u8]) {
        self.buffers().input.extend_from_slice(data);
    }

    pub fn close_input(&self) {
        self.buffers().eof = true;
    }

    /// Drops what was not read yet, and all that may come.
    pub fn discard_input(&self) {
        let mut buffers = self.buffers();
        buffers.input = BytesMut::new();
        buffers.eof = true;
    }

    /// Moves the output behind `out`. True when a write was held back meanwhile.
    pub fn take_output(&self, out: &mut Vec<u8>) -> bool {
        let mut buffers = self.buffers();
        if out.is_empty() {
            std::mem::swap(out, &mut buffers.output);
        } else {
            out.append(&mut buffers.output);
        }
        std::mem::take(&mut buffers.blocked)
    }

    pub fn has_output(&self) -> bool {
        !self.buffers().output.is_empty()
    }

    /// True while `h2` could write all it had: what it wrote ends with a whole frame.
    pub fn is_aligned(&self) -> bool {
        !self.buffers().blocked
    }

    /// Writes a frame of our own between those of `h2`.
    pub fn append(&self, frame: &[u8]) {
        self.buffers().output.extend_from_slice(frame);
    }
}

impl AsyncRead for Pipe {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut buffers = self.buffers();
        let len = buffers.input.len().min(into.remaining());
        if len > 0 {
            into.put_slice(&buffers.input[..len]);
            buffers.input.advance(len);
            return Poll::Ready(Ok(()));
        }
        // No waker is kept: the session polls after each push.
        if buffers.eof { Poll::Ready(Ok(())) } else { Poll::Pending }
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(data)])
    }

    fn poll_write_vectored(self: Pin<&mut Self>, _: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let mut buffers = self.buffers();
        if buffers.output.len() >= buffers.max_output {
            buffers.blocked = true;
            return Poll::Pending;
        }
        let before = buffers.output.len();
        parts.iter().for_each(|part| buffers.output.extend_from_slice(part));
        Poll::Ready(Ok(buffers.output.len() - before))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
