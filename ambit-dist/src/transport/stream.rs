//! The two halves of a stream.
//!
//! The traits have poll functions, because a boxed future per message would cost more than the message. Async code uses
//! [`write`](SendHalf#method.write) and [`read`](ReceiveHalf#method.read).

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;

use super::error::Closed;
use crate::wire::CloseCode;

/// A boxed future that is `Send`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The maximum number of bytes that one read returns: 64 KiB.
pub const MAX_CHUNK: usize = 64 * 1024;

/// The sending half of a stream. Dropping it finishes the stream.
///
/// ```
/// # use ambit_dist::transport::{Dial, Memory, Transport};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let (a, b) = (network.bind("10.0.0.1:1".parse()?)?, network.bind("10.0.0.2:1".parse()?)?);
/// # let dial = Dial { address: b.local_addr(), server_name: "b.test.ambit".to_owned() };
/// # let accepting = async { b.accept().await.expect("open").finish().await };
/// # let (dialled, accepted) = tokio::join!(a.dial(dial), accepting);
/// # let (dialled, accepted) = (dialled?, accepted?);
/// use ambit_dist::transport::{ReceiveHalf, SendHalf};
///
/// let mut sender: Box<dyn SendHalf> = dialled.open_uni().await?;
/// sender.set_priority(1);
/// sender.write("hello".into()).await?;
/// sender.finish();
///
/// let mut receiver: Box<dyn ReceiveHalf> = accepted.accept_uni().await?;
/// assert_eq!(receiver.read().await?.as_deref(), Some(&b"hello"[..]));
/// assert_eq!(receiver.read().await?, None, "the stream is finished");
/// # Ok(())
/// # }
/// ```
pub trait SendHalf: fmt::Debug + Send + 'static {
    /// Writes as many bytes from the front of `bytes` as the stream has capacity for, and removes them from `bytes`.
    /// Returns `Pending` while there is capacity for none. If `bytes` is empty, returns `Ready` at once.
    ///
    /// # Errors
    ///
    /// Fails with a [`WriteError`], which shows the side that ended the stream. Every later call fails too.
    fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &mut Bytes,
    ) -> Poll<Result<(), WriteError>>;

    /// Sets the priority of the stream; 0 initially. Streams with a higher priority are written first.
    fn set_priority(&self, priority: i32);

    /// Finishes the stream: nothing more can be written. Data that was already written still arrives.
    fn finish(&mut self);

    /// Resets the stream with this code. Data that was written and has not arrived may be lost.
    fn reset(&mut self, code: CloseCode);
}

impl dyn SendHalf {
    /// Writes all bytes. Waits while the other side does not read.
    ///
    /// # Errors
    ///
    /// Fails with a [`WriteError`], which shows the side that ended the stream. Every later call fails too.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, an unknown part of the bytes has been written. Use `write_some`
    /// where the future may be dropped.
    pub async fn write(&mut self, mut bytes: Bytes) -> Result<(), WriteError> {
        while !bytes.is_empty() {
            self.write_some(&mut bytes).await?;
        }
        Ok(())
    }

    /// Writes as many bytes from the front of `bytes` as the stream has capacity for, at least one, and removes them
    /// from `bytes`. Waits while there is capacity for none.
    ///
    /// # Errors
    ///
    /// Fails with a [`WriteError`], which shows the side that ended the stream. Every later call fails too.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, nothing has been written.
    pub async fn write_some(&mut self, bytes: &mut Bytes) -> Result<(), WriteError> {
        poll_fn(|cx| self.poll_write(cx, bytes)).await
    }
}

/// The receiving half of a stream. Dropping it stops the stream, as [`stop`](Self::stop) does.
///
/// [`SendHalf`] has an example.
pub trait ReceiveHalf: fmt::Debug + Send + 'static {
    /// Returns the next bytes in order, between 1 and [`MAX_CHUNK`](super::MAX_CHUNK) of them, or `None` at the end of
    /// the stream. The boundaries between chunks have no meaning.
    ///
    /// # Errors
    ///
    /// Fails with a [`ReadError`], which shows the side that ended the stream. Every later call fails too.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, ReadError>>;

    /// Discards the data that has not been read, and sends the code to the other side, whose writes then fail with
    /// [`WriteError::Stopped`].
    fn stop(&mut self, code: CloseCode);
}

impl dyn ReceiveHalf {
    /// Waits for the next bytes in order. Returns `None` at the end of the stream.
    ///
    /// # Errors
    ///
    /// Fails with a [`ReadError`], which shows the side that ended the stream. Every later call fails too.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, no bytes are lost.
    pub async fn read(&mut self) -> Result<Option<Bytes>, ReadError> {
        poll_fn(|cx| self.poll_read(cx)).await
    }
}

/// The error of a stream to which nothing more can be written.
///
/// ```
/// # use ambit_dist::transport::{Dial, Memory, Transport};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let (a, b) = (network.bind("10.0.0.1:1".parse()?)?, network.bind("10.0.0.2:1".parse()?)?);
/// # let dial = Dial { address: b.local_addr(), server_name: "b.test.ambit".to_owned() };
/// # let accepting = async { b.accept().await.expect("open").finish().await };
/// # let (dialled, accepted) = tokio::join!(a.dial(dial), accepting);
/// # let (dialled, accepted) = (dialled?, accepted?);
/// use ambit_dist::transport::WriteError;
/// use ambit_dist::wire::CloseCode;
///
/// let mut sender = dialled.open_uni().await?;
/// sender.write("hello".into()).await?;
/// accepted.accept_uni().await?.stop(CloseCode::Overloaded);
/// let refused = sender.write("again".into()).await;
/// assert_eq!(refused, Err(WriteError::Stopped(CloseCode::Overloaded)));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The reader stopped the stream; the connection stays open.
    #[error("the reader stopped the stream: {0}")]
    Stopped(CloseCode),
    /// The connection of the stream has ended.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// This side has already finished or reset the stream.
    #[error("the stream is finished: open another one")]
    Finished,
}

/// The error of a stream from which nothing more can be read.
///
/// ```
/// # use ambit_dist::transport::{Dial, Memory, Transport};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let (a, b) = (network.bind("10.0.0.1:1".parse()?)?, network.bind("10.0.0.2:1".parse()?)?);
/// # let dial = Dial { address: b.local_addr(), server_name: "b.test.ambit".to_owned() };
/// # let accepting = async { b.accept().await.expect("open").finish().await };
/// # let (dialled, accepted) = tokio::join!(a.dial(dial), accepting);
/// # let (dialled, accepted) = (dialled?, accepted?);
/// use ambit_dist::transport::ReadError;
/// use ambit_dist::wire::CloseCode;
///
/// let mut sender = dialled.open_uni().await?;
/// sender.write("hello".into()).await?;
/// let mut receiver = accepted.accept_uni().await?;
/// receiver.read().await?;
/// sender.reset(CloseCode::Internal);
/// assert_eq!(receiver.read().await, Err(ReadError::Reset(CloseCode::Internal)));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The writer reset the stream; the connection stays open.
    #[error("the writer reset the stream: {0}")]
    Reset(CloseCode),
    /// The connection of the stream has ended.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// This side has already stopped the stream.
    #[error("the stream is stopped: nothing more is read from it")]
    Stopped,
}
