//! Streams as input of a server.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;

use futures_core::Stream;

use crate::error::CastError;
use crate::handle::recipient::Recipient;
use crate::handle::reserve::CapacityWait;
use crate::rt::{AbortHandle, FAR};
use crate::server::context::Context;
use crate::server::gen_server::GenServer;
use crate::server::info_bounds::{Handles, InfoOf};

/// The identifier of an attached stream. Each call of [`Context::attach`] creates a new reference.
///
/// [`Context::attach_to_end`] has an example with two streams.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamRef(u64);

impl fmt::Debug for StreamRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamRef({})", self.0)
    }
}

/// A stream that feeds a server, created by [`Context::attach`].
///
/// Its items are delivered to the server's mailbox, so dropping this value does not detach the stream. The stream is
/// read until it ends, until [`detach`](Self::detach) is called, or until its server ends.
///
/// ```
/// # use ambit::prelude::*;
/// # use ambit::server::Attached;
/// # use tokio::sync::mpsc;
/// # use tokio_stream::wrappers::ReceiverStream;
/// struct Feed(Attached);
/// #[gen_server]
/// impl Feed {
///     #[init] fn init(ctx: &mut Context<Self>, numbers: mpsc::Receiver<u64>) -> Self {
///         Self(ctx.attach(ReceiverStream::new(numbers)))
///     }
///     #[info] fn number(&mut self, _n: u64) {}
///     #[cast] fn unsubscribe(&mut self) { self.0.detach() }
/// }
/// # #[ambit::main]
/// # async fn main() {
/// # let (numbers, receiver) = mpsc::channel(4);
/// # let feed = Feed::start(receiver).await.unwrap();
/// feed.unsubscribe().await.unwrap();
/// // The stream, and the receiver in it, are dropped.
/// numbers.closed().await;
/// # }
/// ```
#[derive(Clone)]
pub struct Attached {
    reference: StreamRef,
    task: Option<AbortHandle>,
}

impl Attached {
    /// Returns the reference of the stream, which its [`StreamEnd`] also carries.
    #[must_use]
    pub fn reference(&self) -> StreamRef {
        self.reference
    }

    /// Stops reading and drops the stream. Items that are already queued are still delivered.
    pub fn detach(&self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }

    /// Returns true if the stream is no longer read: it has ended, was detached, or its server has ended. After
    /// [`detach`](Self::detach) it may take a short time until this returns true.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.task.as_ref().is_none_or(AbortHandle::is_finished)
    }
}

impl fmt::Debug for Attached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attached")
            .field("stream", &self.reference)
            .field("done", &self.is_done())
            .finish()
    }
}

/// The message at the end of a stream that was attached with [`Context::attach_to_end`].
///
/// ```
/// # use ambit::prelude::*;
/// # use ambit::server::StreamEnd;
/// struct Sum(u64);
/// #[gen_server]
/// impl Sum {
///     #[init] fn init(ctx: &mut Context<Self>, numbers: Vec<u64>) -> Self {
///         ctx.attach_to_end(tokio_stream::iter(numbers));
///         Self(0)
///     }
///     #[info] fn number(&mut self, n: u64) { self.0 += n }
///     #[info] fn end(&mut self, ctx: &mut Context<Self>, _end: StreamEnd) {
///         ctx.stop(if self.0 == 6 { ExitReason::Normal } else { ExitReason::Shutdown })
///     }
/// }
/// # #[ambit::main]
/// # async fn main() {
/// let sum = Sum::start(vec![1, 2, 3]).await.unwrap();
/// assert_eq!(sum.closed().await, ExitReason::Normal);
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamEnd {
    /// The [`reference`](Attached::reference) of the stream that ended.
    pub stream: StreamRef,
}

/// A server with an `#[info]` method for [`StreamEnd`], which may call [`Context::attach_to_end`]. Implemented for each
/// server that is [`Handles<StreamEnd>`](Handles); never implement it manually.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::server::{Handles, HandlesStreamEnd, StreamEnd};
/// fn feed<S: HandlesStreamEnd + Handles<u64>>(ctx: &mut Context<S>, numbers: Vec<u64>) {
///     ctx.attach_to_end::<u64>(tokio_stream::iter(numbers));
/// }
/// struct Reader;
/// #[gen_server]
/// impl Reader {
///     #[init] fn init(ctx: &mut Context<Self>) -> Self { feed(ctx, vec![1, 2]); Self }
///     #[info] fn number(&mut self, _n: u64) {}
///     #[info] fn end(&mut self, ctx: &mut Context<Self>, _end: StreamEnd) { ctx.stop(ExitReason::Shutdown) }
/// }
/// # #[ambit::main]
/// # async fn main() {
/// let reader = Reader::start().await.unwrap();
/// assert_eq!(reader.closed().await, ExitReason::Shutdown);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `StreamEnd`; add `#[info] fn on_stream_end(&mut self, _end: StreamEnd)` \
               to its `#[gen_server]` block",
    label = "a `StreamEnd` is sent after the last item",
    note = "for a state machine, add it to the `#[state_machine]` block; for a server written by hand, \
            implement `Handles<StreamEnd>`"
)]
pub trait HandlesStreamEnd: Handles<StreamEnd> {}

#[diagnostic::do_not_recommend]
impl<S: Handles<StreamEnd>> HandlesStreamEnd for S {}

/// Sends every item to the server, one after the other. Returns false if the server has ended.
async fn feed<T: Send + 'static>(stream: impl Stream<Item = T>, to: &Recipient<T>) -> bool {
    let mut stream = pin!(stream);
    while let Some(item) = poll_fn(|cx| stream.as_mut().poll_next(cx)).await {
        let mut sending = to.send(item).no_timeout();
        let sent = match (&mut sending).await {
            Err(CastError::Full) => match sending.into_unsent() {
                Some(item) => send_reserved(item, to).await,
                None => Ok(()),
            },
            sent => sent,
        };
        if sent == Err(CastError::NoProcess) {
            return false;
        }
    }
    true
}

/// Sends an item to a full mailbox whose overflow policy does not let senders wait: the capacity is reserved first.
async fn send_reserved<T: Send + 'static>(item: T, to: &Recipient<T>) -> Result<(), CastError> {
    let sink = to.take().ok_or(CastError::NoProcess)?;
    let mut wait = CapacityWait::begin(sink.clone().process(), FAR)?;
    poll_fn(|cx| wait.poll(cx)).await?;
    let sent = sink.push_reserved(item);
    sent.map_err(|_| CastError::NoProcess)
}

impl<S: GenServer> Context<S> {
    /// Feeds the server from a stream: each item arrives as an info of its type. (Elixir: a simple `GenStage` consumer;
    /// actix: `add_stream`.)
    ///
    /// An item is a user message and needs capacity in the mailbox; the next item is polled only after the previous one
    /// was queued, even if the overflow policy of the server is `reject`. So a slow server slows the stream down, and no
    /// item is dropped unless the overflow policy drops it. The stream is dropped when it ends, when it is
    /// [detached](Attached::detach) or when the server ends; a panic in the stream crashes the server.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use tokio::sync::mpsc;
    /// use tokio_stream::wrappers::ReceiverStream;
    /// struct Sum(u64);
    /// #[gen_server]
    /// impl Sum {
    ///     #[init]
    ///     fn init(ctx: &mut Context<Self>, numbers: mpsc::Receiver<u64>) -> Self {
    ///         ctx.attach(ReceiverStream::new(numbers));
    ///         Self(0)
    ///     }
    ///     #[info]
    ///     fn number(&mut self, n: u64) { self.0 += n }
    ///     #[call]
    ///     fn sum(&self) -> u64 { self.0 }
    /// }
    /// #[ambit::main]
    /// async fn main() {
    ///     let (numbers, receiver) = mpsc::channel(4);
    ///     let sum = Sum::start(receiver).await.unwrap();
    ///     for n in 1..=10 { numbers.send(n).await.unwrap() }
    ///     while sum.sum().await.unwrap() < 55 { tokio::task::yield_now().await }
    /// }
    /// ```
    pub fn attach<T>(&mut self, stream: impl Stream<Item = T> + Send + 'static) -> Attached
    where
        T: InfoOf<S> + Send + 'static,
    {
        let to = self.recipient::<T>();
        let reference = self.next_stream();
        let task = self.spawn_server_task(async move {
            feed(stream, &to).await;
        });
        Attached { reference, task }
    }

    /// Like [`attach`](Self::attach), and sends a [`StreamEnd`] with the reference of the stream after its last item. A
    /// [detached](Attached::detach) stream sends no `StreamEnd`.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::server::{Attached, StreamEnd};
    /// use tokio::sync::mpsc::Receiver;
    /// use tokio_stream::wrappers::ReceiverStream;
    /// struct Merge { orders: Attached, returns: Attached }
    /// #[gen_server]
    /// impl Merge {
    ///     #[init]
    ///     fn init(ctx: &mut Context<Self>, orders: Receiver<u64>, returns: Receiver<u64>) -> Self {
    ///         Self {
    ///             orders: ctx.attach_to_end(ReceiverStream::new(orders)),
    ///             returns: ctx.attach_to_end(ReceiverStream::new(returns)),
    ///         }
    ///     }
    ///     #[info]
    ///     fn number(&mut self, _n: u64) {}
    ///     #[info]
    ///     fn end(&mut self, ctx: &mut Context<Self>, end: StreamEnd) {
    ///         if end.stream == self.orders.reference() {
    ///             self.returns.detach();
    ///             ctx.stop(ExitReason::Normal);
    ///         }
    ///     }
    /// }
    /// # #[ambit::main]
    /// # async fn main() {
    /// #     let (orders, receiver) = tokio::sync::mpsc::channel(4);
    /// #     let (_returns, others) = tokio::sync::mpsc::channel(4);
    /// #     let merge = Merge::start(receiver, others).await.unwrap();
    /// #     drop(orders);
    /// #     assert_eq!(merge.closed().await, ExitReason::Normal);
    /// # }
    /// ```
    pub fn attach_to_end<T>(&mut self, stream: impl Stream<Item = T> + Send + 'static) -> Attached
    where
        T: InfoOf<S> + Send + 'static,
        S: HandlesStreamEnd,
    {
        let (to, end) = (self.recipient::<T>(), self.recipient::<StreamEnd>());
        let reference = self.next_stream();
        let task = self.spawn_server_task(async move {
            if feed(stream, &to).await {
                let _ = end.item(StreamEnd { stream: reference });
            }
        });
        Attached { reference, task }
    }

    fn next_stream(&self) -> StreamRef {
        StreamRef(self.cell().core.system.next_ref())
    }
}
