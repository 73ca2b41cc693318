//! Streams of tasks: one per element, so many at a time.

use std::collections::BTreeMap;
use std::fmt;
use std::future::{Future, poll_fn};
use std::task::{Context, Poll};
use std::time::Duration;

use crate::otp::task::bond::Bond;
use crate::otp::task::error::TaskError;
use crate::otp::task::handle::Task;
use crate::otp::task::supervisor::TaskSupervisor;

mod crew;
pub(crate) mod input;
mod row;

use crew::{Crew, Seat};
use row::Row;

/// Runs `make` on each element of `items`, each in a task of its own, some at a time; gives the outcomes in the order
/// in which the tasks end. (Elixir: `Task.async_stream/3`, there in the order of the input by default.)
///
/// ```
/// use ambit::prelude::*;
/// use ambit::task;
/// #[ambit::main]
/// async fn main() {
///     let doubled = task::stream([1, 2, 3], |n| async move { n * 2 }).ordered();
///     assert_eq!(doubled.collect().await, [Ok(2), Ok(4), Ok(6)]);
/// }
/// ```
pub fn stream<I, F, Fut>(items: I, make: F) -> TaskStream<I::IntoIter, F, Fut::Output>
where
    I: IntoIterator,
    F: FnMut(I::Item) -> Fut,
    Fut: Future<Output: Send + 'static> + Send + 'static,
{
    TaskStream::new(items.into_iter(), make, None)
}

/// A stream of tasks, made by [`stream`] or [`TaskSupervisor::stream`].
///
/// Nothing runs before it is first polled, and whoever polls it may be another process than the one that made it. The
/// input is read, and `make` called, in the polling process; only the future that `make` gives runs in the task. No
/// element is begun before there is room for its outcome: a reader that is slow, or waits for an early element of an
/// [`ordered`](Self::ordered) stream, holds up the rest.
///
/// Its tasks are linked to the process that polls it, as those of [`Task::spawn`] are: a task that crashes ends the
/// reader, unless that traps exits or the stream is [`unlinked`](Self::unlinked); then the outcome is an error in its
/// place, and the stream goes on.
///
/// Dropped before its end, it ends its tasks, which are told nothing and may not trap it, and drops its input. So
/// nothing is left behind.
///
/// # Errors
/// Each outcome is a `Result`. `Exited` is about that element alone. After `Timeout`, unless
/// [`kill_on_timeout`](Self::kill_on_timeout) says otherwise, and after `Start`, the other tasks are ended and the stream
/// is over.
///
/// # Cancel safety
/// [`next`](Self::next) can be dropped and asked again: no outcome is lost.
#[must_use = "a stream does nothing until it is polled"]
pub struct TaskStream<I: Iterator, F, T> {
    /// None once it is used up, or of no use.
    items: Option<I>,
    make: F,
    supervisor: Option<TaskSupervisor>,
    linked: bool,
    timeout: Option<Duration>,
    kill_on_timeout: bool,
    row: Row<Result<T, TaskError>>,
    crew: Crew<T>,
    /// How to keep the inputs of the elements, if they are wanted.
    copy: Option<CloneOf<I::Item>>,
    inputs: BTreeMap<u64, I::Item>,
}

/// Clones an input.
type CloneOf<I> = fn(&I) -> I;

/// An outcome, with the input if that is kept.
type Element<I, T> = (Option<I>, Result<T, TaskError>);

impl<I: Iterator, F, T> TaskStream<I, F, T> {
    pub(super) fn new(items: I, make: F, supervisor: Option<TaskSupervisor>) -> Self {
        let cores = std::thread::available_parallelism();
        Self {
            items: Some(items),
            make,
            supervisor,
            linked: true,
            timeout: None,
            kill_on_timeout: false,
            row: Row::new(cores.map_or(1, usize::from)),
            crew: Crew::default(),
            copy: None,
            inputs: BTreeMap::new(),
        }
    }

    /// How many tasks run at a time; as many as there are cores by default.
    ///
    /// # Panics
    /// If it is 0: such a stream could never begin.
    #[track_caller]
    pub fn concurrency(mut self, tasks: usize) -> Self {
        assert!(
            tasks > 0,
            "a stream needs at least one task at a time: `.concurrency(n)` takes one or more"
        );
        self.row.limit = tasks;
        self
    }

    /// Gives the outcomes in the order of the input. Those that come early wait, and count as tasks that run.
    ///
    /// # Panics
    /// If the stream has begun.
    #[track_caller]
    pub fn ordered(mut self) -> Self {
        self.assert_fresh("ordered");
        self.row.ordered = true;
        self
    }

    /// How long each task may take, from its own start; as long as it takes by default. (Elixir: 5 s.)
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Ends only the task that takes too long: its outcome is `Timeout`, in its place, and the stream goes on.
    /// (Elixir: `on_timeout: :kill_task`.)
    pub fn kill_on_timeout(mut self) -> Self {
        self.kill_on_timeout = true;
        self
    }

    #[track_caller]
    fn assert_fresh(&self, what: &str) {
        assert!(
            self.row.is_fresh(),
            "the stream has begun: `.{what}()` stands before the first `next()`"
        );
    }

    /// Links no task to the reader: one that crashes is an error in its place, whoever reads.
    /// (Elixir: `async_stream_nolink`.)
    pub fn unlinked(mut self) -> Self {
        self.linked = false;
        self
    }
}

impl<I, F, Fut, T> TaskStream<I, F, T>
where
    I: Iterator,
    F: FnMut(I::Item) -> Fut,
    Fut: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    /// The next outcome; `None` when there are no more.
    pub async fn next(&mut self) -> Option<Result<T, TaskError>> {
        let element = poll_fn(|cx| self.poll_element(cx)).await;
        element.map(|(_, outcome)| outcome)
    }

    /// All outcomes that are left.
    pub async fn collect(mut self) -> Vec<Result<T, TaskError>> {
        let mut all = Vec::new();
        while let Some(outcome) = self.next().await {
            all.push(outcome);
        }
        all
    }

    fn poll_element(&mut self, cx: &mut Context<'_>) -> Poll<Option<Element<I::Item, T>>> {
        loop {
            while let Poll::Ready((number, outcome)) = self.crew.poll_next(cx) {
                self.note(number, outcome);
            }
            let given = self.row.give();
            let has_begun = self.fill();
            if let Some((number, outcome)) = given {
                let input = self.inputs.remove(&number);
                return Poll::Ready(Some((input, outcome)));
            }
            if self.row.is_over() {
                return Poll::Ready(None);
            }
            if !has_begun {
                return Poll::Pending;
            }
        }
    }

    fn note(&mut self, number: u64, outcome: Result<T, TaskError>) {
        let is_last = match &outcome {
            Err(TaskError::Start(_)) => true,
            Err(TaskError::Timeout) => !self.kill_on_timeout,
            _ => false,
        };
        if is_last {
            self.items = None;
            self.crew.dismiss();
            self.row.end_with(number, outcome);
        } else {
            self.row.done(number, outcome);
        }
    }

    /// Begins elements while there is room; tells whether any was.
    fn fill(&mut self) -> bool {
        let mut has_begun = false;
        while self.row.has_room() {
            let Some(item) = self.items.as_mut().and_then(Iterator::next) else {
                self.items = None;
                self.row.close();
                break;
            };
            let input = self.copy.map(|copy| copy(&item));
            let future = (self.make)(item);
            let number = self.row.begin();
            if let Some(input) = input {
                self.inputs.insert(number, input);
            }
            let seat = self.seat(future);
            self.crew.add(number, seat);
            has_begun = true;
        }
        has_begun
    }

    fn seat(&self, future: Fut) -> Seat<T> {
        match &self.supervisor {
            None => {
                let task = Task::spawn_with(Bond::here(self.linked), future);
                Seat::running(task, self.timeout)
            }
            Some(supervisor) if self.linked => {
                Seat::starting(supervisor.spawn(future), self.timeout)
            }
            Some(supervisor) => Seat::starting(supervisor.spawn_unlinked(future), self.timeout),
        }
    }
}

impl<I: Iterator, F, T> Unpin for TaskStream<I, F, T> {}

#[cfg(feature = "stream")]
impl<I, F, Fut, T> futures_core::Stream for TaskStream<I, F, T>
where
    I: Iterator,
    F: FnMut(I::Item) -> Fut,
    Fut: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    type Item = Result<T, TaskError>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Self::Item>> {
        self.poll_element(cx)
            .map(|element| element.map(|(_, outcome)| outcome))
    }
}

impl<I: Iterator, F, T> fmt::Debug for TaskStream<I, F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskStream")
            .field("concurrency", &self.row.limit)
            .field("ordered", &self.row.ordered)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
