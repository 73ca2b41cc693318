//! The two halves of a stream.
//!
//! They are polled, because a boxed future per message would cost more than the message. Code without poll functions
//! uses [`write`](SendHalf#method.write) and [`read`](ReceiveHalf#method.read).

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;

use super::error::Closed;
use crate::wire::CloseCode;

/// A boxed future that may be sent to another thread.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The maximum number of bytes that one read returns: 64 KiB.
pub const MAX_CHUNK: usize = 64 * 1024;

/// The sending half of a stream. Dropping it finishes the stream.
pub trait SendHalf: fmt::Debug + Send + 'static {
    /// Takes as many bytes from the front of `bytes` as there is capacity for, and is ready once that is at least one.
    /// If `bytes` is empty, it is ready at once.
    ///
    /// # Errors
    ///
    /// Fails with a [`WriteError`], which reports the side that ended the stream; every cause is permanent.
    fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &mut Bytes,
    ) -> Poll<Result<(), WriteError>>;

    /// Sets the priority of the stream. It starts at 0, and streams with a higher priority are written first.
    fn set_priority(&self, priority: i32);

    /// Finishes the stream: nothing more will be written. Written data still arrives.
    fn finish(&mut self);

    /// Resets the stream: written data that has not arrived may be lost.
    fn reset(&mut self, code: CloseCode);
}

impl dyn SendHalf {
    /// Writes all of these bytes, and waits while the other side does not read.
    ///
    /// # Errors
    ///
    /// Fails with a [`WriteError`], which reports the side that ended the stream; every cause is permanent.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, an unknown part has been written. `write_some` is safe.
    pub async fn write(&mut self, mut bytes: Bytes) -> Result<(), WriteError> {
        while !bytes.is_empty() {
            self.write_some(&mut bytes).await?;
        }
        Ok(())
    }

    /// Takes as many bytes from the front as there is capacity for, at least one.
    ///
    /// # Errors
    ///
    /// Fails with a [`WriteError`], which reports the side that ended the stream; every cause is permanent.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, nothing has been written.
    pub async fn write_some(&mut self, bytes: &mut Bytes) -> Result<(), WriteError> {
        poll_fn(|cx| self.poll_write(cx, bytes)).await
    }
}

/// The receiving half of a stream. Dropping it stops the stream.
pub trait ReceiveHalf: fmt::Debug + Send + 'static {
    /// Returns the next bytes in order, between 1 and [`MAX_CHUNK`](super::MAX_CHUNK); `None` after the last. The
    /// boundaries between chunks have no meaning.
    ///
    /// # Errors
    ///
    /// Fails with a [`ReadError`], which reports the side that ended the stream; every cause is permanent.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, ReadError>>;

    /// Asks the other side to write no more, and discards the data that it wrote.
    fn stop(&mut self, code: CloseCode);
}

impl dyn ReceiveHalf {
    /// Waits for the next bytes in order; `None` after the last.
    ///
    /// # Errors
    ///
    /// Fails with a [`ReadError`], which reports the side that ended the stream; every cause is permanent.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, no bytes are lost.
    pub async fn read(&mut self) -> Result<Option<Bytes>, ReadError> {
        poll_fn(|cx| self.poll_read(cx)).await
    }
}

/// Why nothing more can be written to a stream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The reader stopped the stream; the connection stays open.
    #[error("the reader stopped the stream: {0}")]
    Stopped(CloseCode),
    /// The connection has ended, and with it the stream.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// This side has already finished, reset or stopped using the stream.
    #[error("the stream is finished: open another one")]
    Finished,
}

/// Why nothing more can be read from a stream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The writer reset the stream; the connection stays open.
    #[error("the writer reset the stream: {0}")]
    Reset(CloseCode),
    /// The connection has ended, and with it the stream.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// This side has already stopped the stream.
    #[error("the stream is stopped: nothing more is read from it")]
    Stopped,
}
