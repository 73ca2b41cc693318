//! Streams of tasks: one per element, with limited concurrency.

use std::fmt;
use std::future::{Future, poll_fn};
use std::task::{Context, Poll};
use std::time::Duration;

use crate::engine::keyed_queue::KeyedQueue;
use crate::otp::task::error::TaskError;
use crate::otp::task::handle::Task;
use crate::otp::task::owner_link::OwnerLink;
use crate::otp::task::supervisor::TaskSupervisor;
use crate::rt;

mod element_order;
pub(crate) mod input;
mod running_tasks;

use element_order::ElementOrder;
use running_tasks::{RunningTasks, TaskSlot};

/// Runs one task per element of `items`, with limited concurrency: `make` returns the future that the task of an
/// element runs. The stream returns the outcomes in the order in which the tasks end. (Elixir: `Task.async_stream/3`,
/// which returns them in input order by default.)
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

/// A stream of the outcomes of tasks, from [`stream`] or [`TaskSupervisor::stream`].
///
/// Nothing runs before the first poll, and the polling process may differ from the one that created the stream. The
/// polling process reads the input and calls `make`; only the future returned by `make` runs in the task. Outcomes that
/// have not been read count towards [`concurrency`](Self::concurrency): a reader that is slow, or that waits for an
/// early element of an [`ordered`](Self::ordered) stream, delays the start of further elements.
///
/// The tasks are linked to the polling process, like those of [`Task::spawn`]: a task that crashes ends the reader. If
/// the reader traps exits or the stream is [`unlinked`](Self::unlinked), the outcome of that task is an error at its
/// position instead, and the stream continues.
///
/// Dropping the stream before its end ends its running tasks, even those that trap exits, and drops the remaining
/// input.
///
/// # Errors
/// Each outcome is a `Result`:
/// - `Exited` if the task of this element ended without a value. The stream continues.
/// - `Timeout` if the task of this element took longer than the time set with `.timeout(..)`. With `.kill_on_timeout()`
///   the stream continues, otherwise the stream ends.
/// - `Start` if the supervisor of a [`TaskSupervisor::stream`] did not start the task. The stream ends.
///
/// An error that ends the stream also ends its other tasks. An ordered stream then drops the outcomes that it holds
/// back for an earlier element.
///
/// # Cancel safety
/// [`next`](Self::next) can be dropped and called again: no outcome is lost.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::task;
/// #[ambit::main]
/// async fn main() {
///     let lengths = task::stream(["one", "three"], |word| async move { word.len() });
///     let mut lengths = lengths.ordered().concurrency(2);
///     assert_eq!(lengths.next().await, Some(Ok(3)));
///     assert_eq!(lengths.next().await, Some(Ok(5)));
///     assert_eq!(lengths.next().await, None);
/// }
/// ```
#[must_use = "a stream does nothing until it is polled"]
pub struct TaskStream<I: Iterator, F, T> {
    /// `None` once it is used up, or not needed any more.
    items: Option<I>,
    make: F,
    supervisor: Option<TaskSupervisor>,
    linked: bool,
    timeout: Option<Duration>,
    kill_on_timeout: bool,
    row: ElementOrder<Result<T, TaskError>>,
    crew: RunningTasks<T>,
    /// The next outcome, while further elements start: a panic of `make` or of the input loses no outcome.
    given: Option<(u64, Result<T, TaskError>)>,
    /// Clones the inputs of the elements, if they are kept.
    copy: Option<CloneOf<I::Item>>,
    inputs: KeyedQueue<I::Item>,
}

impl TaskSupervisor {
    /// Returns a stream like [`task::stream`](crate::task::stream), whose tasks run under this supervisor. (Elixir:
    /// `Task.Supervisor.async_stream/4`.)
    ///
    /// If the supervisor has no capacity for a task, the stream yields `Start(MaxChildren)` and ends. Set
    /// `max_children` at least as high as the stream's concurrency.
    pub fn stream<I, F, Fut>(&self, items: I, make: F) -> TaskStream<I::IntoIter, F, Fut::Output>
    where
        I: IntoIterator,
        F: FnMut(I::Item) -> Fut,
        Fut: Future<Output: Send + 'static> + Send + 'static,
    {
        TaskStream::new(items.into_iter(), make, Some(self.clone()))
    }
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
            row: ElementOrder::new(cores.map_or(1, usize::from)),
            crew: RunningTasks::default(),
            given: None,
            copy: None,
            inputs: KeyedQueue::default(),
        }
    }

    /// Sets how many tasks run at a time; by default one per available CPU.
    ///
    /// # Panics
    /// Panics if `tasks` is 0, because the stream could never start a task.
    #[track_caller]
    pub fn concurrency(mut self, tasks: usize) -> Self {
        assert!(
            tasks > 0,
            "a stream needs at least one task at a time: `.concurrency(n)` takes one or more"
        );
        self.row.limit = tasks;
        self
    }

    /// Makes the stream return the outcomes in input order. An outcome that is held back for an earlier element counts
    /// as a running task.
    ///
    /// # Panics
    /// Panics if the stream has started.
    #[track_caller]
    pub fn ordered(mut self) -> Self {
        self.assert_fresh("ordered");
        self.row.ordered = true;
        self
    }

    /// Sets how long each task may take, from its own start; no limit by default. A task that takes longer is ended,
    /// and so is the stream, unless `.kill_on_timeout()` is set. (Elixir: `:timeout`, 5 s by default.)
    ///
    /// The limit is checked while the stream is polled: while its reader awaits anything else, a task may take longer,
    /// and if it has completed before the next poll, its value is the outcome.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Makes a timeout end only the task that takes too long: the outcome is `Timeout` at the position of the task, and
    /// the stream continues. The outcome is returned when the task has ended, so that no more tasks run than
    /// [`concurrency`](Self::concurrency) allows: a task ends at its next suspension. (Elixir: `on_timeout: :kill_task`.)
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

    /// Runs the tasks without a link to the reader: a task that crashes is an error at its position, whether or not the
    /// reader traps exits. Call this method before the first [`next`](Self::next): tasks that have started keep their
    /// links. (Elixir: `Task.Supervisor.async_stream_nolink/4`.)
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
    /// Returns the next outcome; `None` at the end of the stream.
    ///
    /// # Cancel safety
    /// Dropping the future loses no outcome: the tasks keep running, and the next call returns the outcome.
    pub async fn next(&mut self) -> Option<Result<T, TaskError>> {
        let element = poll_fn(|cx| self.poll_cooperatively(cx)).await;
        element.map(|(_, outcome)| outcome)
    }

    /// Waits for all remaining tasks, and returns their outcomes in the order of [`next`](Self::next).
    ///
    /// # Cancel safety
    /// Dropping the future before completion ends the remaining tasks, and their outcomes are lost.
    pub async fn collect(mut self) -> Vec<Result<T, TaskError>> {
        let mut all = Vec::new();
        while let Some(outcome) = self.next().await {
            all.push(outcome);
        }
        all
    }

    /// Polls the next element. A loop over elements that are ready lets other tasks run.
    fn poll_cooperatively(&mut self, cx: &mut Context<'_>) -> Poll<Option<Element<I::Item, T>>> {
        rt::poll_cooperatively(cx, |cx| self.poll_element(cx))
    }

    fn poll_element(&mut self, cx: &mut Context<'_>) -> Poll<Option<Element<I::Item, T>>> {
        loop {
            self.poll_crew(cx);
            if self.given.is_none() {
                self.given = self.row.give();
            }
            let has_started = self.fill();
            if has_started && self.given.is_some() {
                // The first poll starts a task's timeout, and a start under a supervisor.
                self.poll_crew(cx);
            }
            if let Some((number, outcome)) = self.given.take() {
                let input = self.inputs.remove(number);
                return Poll::Ready(Some((input, outcome)));
            }
            if self.row.is_over() {
                return Poll::Ready(None);
            }
            if !has_started {
                return Poll::Pending;
            }
        }
    }

    fn poll_crew(&mut self, cx: &Context<'_>) {
        // The next element takes the place of a task that has timed out, but no two of them run at once.
        while let Poll::Ready((number, outcome)) = self.crew.poll_next(cx, self.kill_on_timeout) {
            self.note(number, outcome);
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

    /// Starts elements while there is capacity; returns whether any was started.
    fn fill(&mut self) -> bool {
        let mut has_started = false;
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
                self.inputs.push_back(number, input);
            }
            let slot = self.slot(future);
            self.crew.add(number, slot);
            has_started = true;
        }
        has_started
    }

    fn slot(&self, future: Fut) -> TaskSlot<T> {
        match &self.supervisor {
            None => {
                let task = Task::spawn_with(OwnerLink::here(self.linked), future);
                TaskSlot::running(task, self.timeout)
            }
            Some(supervisor) if self.linked => {
                TaskSlot::starting(supervisor.spawn(future), self.timeout)
            }
            Some(supervisor) => TaskSlot::starting(supervisor.spawn_unlinked(future), self.timeout),
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
        self.poll_cooperatively(cx)
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
