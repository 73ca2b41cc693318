//! The two halves of a stream.
//!
//! They are polled, because a future behind a pointer for each message would cost more than the message. Whoever does
//! not write polls of his own uses [`write`](SendHalf#method.write) and [`read`](ReceiveHalf#method.read).

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;

use super::error::Closed;
use crate::wire::CloseCode;

/// A future behind a pointer, which may be sent to another thread.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The most bytes that one read gives: 64 KiB.
pub const MAX_CHUNK: usize = 64 * 1024;

/// The half of a stream that is written to. Dropping it finishes the stream.
pub trait SendHalf: fmt::Debug + Send + 'static {
    /// Takes as many bytes from the front of `bytes` as there is room for, and is ready once that is at least one.
    /// With nothing to write it is ready at once.
    ///
    /// # Errors
    ///
    /// [`WriteError`] says who ended the stream; none of its reasons goes away.
    fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &mut Bytes,
    ) -> Poll<Result<(), WriteError>>;

    /// Says how urgent the stream is; 0 is what it begins with, and what is greater goes first.
    fn set_priority(&self, priority: i32);

    /// Says that nothing more will be written. What was written still arrives.
    fn finish(&mut self);

    /// Gives the stream up: what was written and has not arrived may never do so.
    fn reset(&mut self, code: CloseCode);
}

impl dyn SendHalf {
    /// Writes all of these bytes, and waits while the other side does not read.
    ///
    /// # Errors
    ///
    /// [`WriteError`] says who ended the stream; none of its reasons goes away.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, an unknown part has been written. `write_some` is safe.
    pub async fn write(&mut self, mut bytes: Bytes) -> Result<(), WriteError> {
        while !bytes.is_empty() {
            self.write_some(&mut bytes).await?;
        }
        Ok(())
    }

    /// Takes what there is room for from the front of these bytes, at least one.
    ///
    /// # Errors
    ///
    /// [`WriteError`] says who ended the stream; none of its reasons goes away.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, nothing has been written.
    pub async fn write_some(&mut self, bytes: &mut Bytes) -> Result<(), WriteError> {
        poll_fn(|cx| self.poll_write(cx, bytes)).await
    }
}

/// The half of a stream that is read from. Dropping it stops the stream.
pub trait ReceiveHalf: fmt::Debug + Send + 'static {
    /// The next bytes in order, between 1 and [`MAX_CHUNK`](super::MAX_CHUNK); `None` after the last. Where one chunk
    /// ends and the next begins means nothing.
    ///
    /// # Errors
    ///
    /// [`ReadError`] says who ended the stream; none of its reasons goes away.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, ReadError>>;

    /// Asks the other side to write no more, and throws away what it wrote.
    fn stop(&mut self, code: CloseCode);
}

impl dyn ReceiveHalf {
    /// Waits for the next bytes in order; `None` after the last.
    ///
    /// # Errors
    ///
    /// [`ReadError`] says who ended the stream; none of its reasons goes away.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, no bytes are lost.
    pub async fn read(&mut self) -> Result<Option<Bytes>, ReadError> {
        poll_fn(|cx| self.poll_read(cx)).await
    }
}

/// Why nothing more can be written to a stream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The reader wants no more of this stream; the connection lives on.
    #[error("the reader stopped the stream: {0}")]
    Stopped(CloseCode),
    /// The connection has ended, and with it the stream.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// This side has finished, reset or stopped using the stream before.
    #[error("the stream is finished: open another one")]
    Finished,
}

/// Why nothing more can be read from a stream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The writer gave the stream up; the connection lives on.
    #[error("the writer gave the stream up: {0}")]
    Reset(CloseCode),
    /// The connection has ended, and with it the stream.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// This side has stopped the stream before.
    #[error("the stream is stopped: nothing more is read from it")]
    Stopped,
}
