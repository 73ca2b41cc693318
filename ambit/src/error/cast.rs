//! The error of a cast.

use thiserror::Error;

/// The error of a cast: the message was not queued.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let sink = Subject::<u8>::named("sink");
///     assert_eq!(sink.send(1).await, Err(CastError::NoProcess));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CastError {
    /// No such process: it has ended, or no process is registered under the name. Nothing was sent; retry when the
    /// process is back.
    #[error(
        "there is no such process: it has ended, or its name is free; start it, or wait for it with `wait_for`"
    )]
    NoProcess,
    /// The mailbox is full, and the way of sending or the overflow policy does not allow waiting. The message is not
    /// handled; retry later.
    #[error("the mailbox is full: retry later, or await the cast, which waits for capacity")]
    Full,
    /// The mailbox had no capacity within the deadline. The server is still running; the message was withdrawn and is
    /// not handled.
    #[error(
        "the mailbox had no free slot within the deadline; the message was withdrawn: retry later, or give it more time with `.timeout(..)`"
    )]
    Timeout,
    /// The node of the server is unreachable. Nothing was sent; retry when the node is back.
    #[error(
        "no connection to the node of the server; nothing was sent: retry when the node is back"
    )]
    NoConnection,
    /// `.blocking()` was called on a thread that drives a runtime. Nothing was sent; await the cast, or use `.now()`.
    #[error(
        "blocking here would stop the runtime this thread drives: await the cast or use `.now()`"
    )]
    BlocksRuntime,
    /// The server is on a node whose program defines this method differently. Nothing was sent; do not retry.
    #[error(
        "the other node declares `{method}` differently: {differs}. Update the older program, or give the changed method a new name"
    )]
    Incompatible {
        /// The method, prefixed with the name of its protocol: `shop.counter::add`.
        method: String,
        /// A description of the difference, with the node of each definition: "argument `by`: was `u32` and is `u64`".
        differs: Box<str>,
    },
    /// The message exceeds the size limit that the two nodes agreed on. Nothing was sent; do not retry. Send the data
    /// in parts, or raise the limit on both nodes.
    #[error(
        "the message is larger than the {limit} bytes that the two nodes allow: send it in parts"
    )]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The message cannot be sent to another node. Nothing was sent; do not retry.
    #[error("the message cannot be sent to another node: {why}")]
    Unsendable {
        /// The reason.
        why: String,
    },
}

impl CastError {
    /// Returns true if the message was certainly not queued and may be accepted later: the process did not exist, there
    /// was no capacity, or its node was unreachable.
    ///
    /// ```
    /// use ambit::error::CastError;
    /// assert!(CastError::Full.is_transient());
    /// assert!(!CastError::TooLarge { limit: 1024 }.is_transient());
    /// ```
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::NoProcess | Self::Full | Self::Timeout | Self::NoConnection
        )
    }
}
