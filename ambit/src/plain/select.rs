//! One typed receive over several sources.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::handle::protocol::Message;
use crate::plain::inbox::Inbox;
use crate::plain::inbox_event::InboxEvent;
use crate::process::clock::ready_now;
use crate::process::current_system;
use crate::retry::policy::rest;

/// A source of selected values. Without a context, its wait ends.
type Source<'a, T> = Box<dyn FnMut(Option<&mut Context<'_>>) -> Poll<T> + Send + 'a>;

/// Merges inboxes, pending answers and monitors into one receive of `T`. (Gleam: `process.Selector`.)
///
/// Sources are polled in the order in which they were added: if several are ready, the earliest one is selected. An
/// inbox yields its events one by one; a future yields its output once.
///
/// # Cancel safety
/// Dropping a `select()` loses nothing: values that were not selected stay in their sources.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::process::Selector;
/// #[derive(Debug, PartialEq)]
/// enum Got { Text(String), Number(u8), Gone }
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<String>) {
///     let mut numbers = inbox.open::<u8>();
///     let worker = ambit::spawn(|mut inbox: Inbox<()>| async move { inbox.recv().await; });
///     numbers.subject().send(7).await.unwrap();
///     let mut selector = Selector::new()
///         .message(&mut inbox, Got::Text)
///         .message(&mut numbers, Got::Number)
///         .future(worker.monitor(), |_| Got::Gone);
///     assert_eq!(selector.select().await, Got::Number(7));
///     worker.stop().await.unwrap();
///     assert_eq!(selector.select().await, Got::Gone);
/// }
/// ```
#[must_use = "a selector selects nothing until `select` is awaited"]
pub struct Selector<'a, T> {
    sources: Vec<Source<'a, T>>,
}

impl<'a, T> Selector<'a, T> {
    /// Creates a selector without sources, which never yields a value.
    #[expect(
        clippy::new_without_default,
        reason = "a default that waits forever would surprise"
    )]
    pub fn new() -> Self {
        Self {
            sources: Vec::new(),
        }
    }

    fn with_inbox<M: Message>(
        mut self,
        inbox: &'a mut Inbox<M>,
        mut poll: impl FnMut(&mut Inbox<M>, &mut Context<'_>) -> Poll<T> + Send + 'a,
    ) -> Self {
        self.sources.push(Box::new(move |cx| match cx {
            Some(cx) => poll(inbox, cx),
            None => {
                inbox.end_wait();
                Poll::Pending
            }
        }));
        self
    }

    /// Adds an inbox: every event is passed to `map`, whose result is the selected value.
    pub fn event<M: Message>(
        self,
        inbox: &'a mut Inbox<M>,
        mut map: impl FnMut(InboxEvent<M>) -> T + Send + 'a,
    ) -> Self {
        self.with_inbox(inbox, move |inbox, cx| inbox.poll_next(cx).map(&mut map))
    }

    /// Adds the messages of an inbox, converted by `map`; its `Exit` and `Down` events stay queued.
    pub fn message<M: Message>(
        self,
        inbox: &'a mut Inbox<M>,
        mut map: impl FnMut(M) -> T + Send + 'a,
    ) -> Self {
        self.with_inbox(inbox, move |inbox, cx| inbox.poll_message(cx).map(&mut map))
    }

    /// Adds a future, for example a pending answer, a monitor or a sleep; its output, converted by `map`, is selected
    /// once.
    pub fn future<F: Future + Send + 'a>(
        mut self,
        future: F,
        map: impl FnOnce(F::Output) -> T + Send + 'a,
    ) -> Self {
        let mut waiting: Option<(Pin<Box<F>>, _)> = Some((Box::pin(future), map));
        self.sources.push(Box::new(move |cx| {
            let (Some(cx), Some((future, _))) = (cx, &mut waiting) else {
                return Poll::Pending;
            };
            let output = ready!(future.as_mut().poll(cx));
            match waiting.take() {
                Some((_, map)) => Poll::Ready(map(output)),
                None => Poll::Pending,
            }
        }));
        self
    }

    /// Returns the next value of the first ready source. Waits forever if no source can yield another value. A `stop()`
    /// request to the process of an added inbox ends that process, as in [`Inbox::next`].
    ///
    /// # Cancel safety
    /// Dropping the future loses no value; the sources remain in the selector.
    pub async fn select(&mut self) -> T {
        let select = Select(self);
        poll_fn(|cx| select.0.poll_select(cx)).await
    }

    /// Like [`select`](Self::select), but returns `None` if no source yields a value within `time`, counted from the
    /// first poll.
    ///
    /// # Cancel safety
    /// Like [`select`](Self::select).
    pub async fn select_within(&mut self, time: Duration) -> Option<T> {
        let mut late = Box::pin(rest(current_system::current_or_new(), time));
        let select = Select(self);
        poll_fn(|cx| match select.0.poll_select(cx) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending => {
                ready!(late.as_mut().poll(cx));
                Poll::Ready(ready_now(cx, |cx| select.0.poll_select(cx)))
            }
        })
        .await
    }

    fn poll_select(&mut self, cx: &mut Context<'_>) -> Poll<T> {
        let mut all = self.sources.iter_mut().map(|source| source(Some(cx)));
        all.find(Poll::is_ready).unwrap_or(Poll::Pending)
    }
}

/// A receive in progress. Its end, with or without a value, ends the waits for all inboxes.
struct Select<'s, 'a, T>(&'s mut Selector<'a, T>);

impl<T> Drop for Select<'_, '_, T> {
    fn drop(&mut self) {
        for source in &mut self.0.sources {
            let _ended = source(None);
        }
    }
}

impl<T> fmt::Debug for Selector<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Selector")
            .field("sources", &self.sources.len())
            .finish()
    }
}
