//! Waiting for several tasks at once.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::engine::join_set::JoinSet;
use crate::exit_reason::ExitReason;
use crate::otp::task::error::TaskError;
use crate::otp::task::handle::Task;
use crate::process::clock::Clock;
use crate::process::signal;
use crate::rt;

/// Starts the clock of a wait for tasks, in the system of one of them. Without a running task there is nothing to wait
/// for.
fn start_clock<T>(tasks: &[Task<T>], timeout: Option<Duration>) -> Option<Clock> {
    let timeout = timeout?;
    let process = tasks.iter().find_map(Task::process)?;
    Some(Clock::start(&process.core().system, timeout))
}

fn join_set_of(numbers: impl Iterator<Item = usize>) -> JoinSet {
    let mut join_set = JoinSet::default();
    numbers.for_each(|number| join_set.add(number as u64));
    join_set
}

/// Waits for the values of all tasks, and returns them in the order of the tasks. The first failure ends the wait at
/// once. There is no time limit by default. (Elixir: `Task.await_many/2`, whose default is 5 s.)
///
/// ```
/// use ambit::prelude::*;
/// use ambit::task;
/// #[ambit::main]
/// async fn main() {
///     let squares = (1..=4_u64).map(|n| Task::spawn(async move { n * n }));
///     assert_eq!(task::await_many(squares).await.unwrap(), [1, 4, 9, 16]);
/// }
/// ```
pub fn await_many<T>(tasks: impl IntoIterator<Item = Task<T>>) -> AwaitMany<T> {
    let tasks: Vec<_> = tasks.into_iter().collect();
    AwaitMany {
        values: tasks.iter().map(|_| None).collect(),
        join_set: join_set_of(0..tasks.len()),
        tasks,
        timeout: None,
        clock: None,
    }
}

/// The future of [`await_many`].
///
/// # Errors
/// - `Exited` if a task ended without a value.
/// - `Timeout` if the time set with `.timeout(..)`, on this future or on one of the tasks, has passed.
/// - `NotOwner` if the calling process does not own one of the tasks.
///
/// After an error the other tasks keep running, with their links; their values are dropped.
///
/// # Cancel safety
/// Polling the future by reference loses no value. Dropping it drops the handles and values of its tasks; the tasks
/// keep running, with their links.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::task;
/// use std::time::Duration;
/// #[ambit::main]
/// async fn main() {
///     let tasks = (1..=3).map(|n| Task::spawn(async move { n * n }));
///     let squares = task::await_many(tasks).timeout(Duration::from_secs(1));
///     assert_eq!(squares.await, Ok(vec![1, 4, 9]));
/// }
/// ```
#[must_use = "a wait does nothing until it is awaited"]
pub struct AwaitMany<T> {
    tasks: Vec<Task<T>>,
    values: Vec<Option<T>>,
    join_set: JoinSet,
    timeout: Option<Duration>,
    clock: Option<Clock>,
}

impl<T> AwaitMany<T> {
    /// Sets how long to wait for all tasks together, from the first poll; no limit by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    fn poll_all(&mut self, cx: &mut Context<'_>) -> Poll<Result<Vec<T>, TaskError>> {
        let this = &mut *self;
        let ended = |tasks: &mut [Task<T>], number: u64, cx: &mut Context<'_>| {
            tasks[number as usize].poll_owned(cx)
        };
        while let Poll::Ready((number, outcome)) = this
            .join_set
            .poll_next(cx, |number, cx| ended(&mut this.tasks, number, cx))
        {
            match outcome {
                Ok(value) => this.values[number as usize] = Some(value),
                Err(error) => {
                    // The ends of the other tasks are not needed any more.
                    this.tasks.clear();
                    return Poll::Ready(Err(error));
                }
            }
        }
        if this.join_set.is_empty() {
            let values = this.values.iter_mut().filter_map(Option::take);
            return Poll::Ready(Ok(values.collect()));
        }
        if this.clock.is_none() {
            this.clock = start_clock(&this.tasks, this.timeout);
        }
        match &this.clock {
            Some(clock) => clock.poll(cx).map(|()| {
                this.tasks.clear();
                Err(TaskError::Timeout)
            }),
            None => Poll::Pending,
        }
    }
}

impl<T> Unpin for AwaitMany<T> {}

impl<T> Future for AwaitMany<T> {
    type Output = Result<Vec<T>, TaskError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        rt::poll_cooperatively(cx, |cx| self.poll_all(cx))
    }
}

impl<T> fmt::Debug for AwaitMany<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwaitMany")
            .field("tasks", &self.tasks)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// The action of [`yield_many`] on the unfinished tasks at the end of its wait: when its time has passed, or as many
/// tasks are done as `.limit(..)` requires.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::task::{self, OnTimeout};
/// use std::time::Duration;
/// #[ambit::main]
/// async fn main() {
///     let mut tasks = [Task::spawn(std::future::pending::<()>())];
///     let waiting = task::yield_many(&mut tasks, Duration::from_micros(100));
///     assert_eq!(waiting.on_timeout(OnTimeout::Kill).await, [Ok(None)]);
///     assert!(!ambit::inspect::is_alive(tasks[0].pid()));
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnTimeout {
    /// The unfinished tasks keep running, and can be awaited again.
    #[default]
    Nothing,
    /// The unfinished tasks keep running, detached from their owner as by [`Task::ignore`].
    Ignore,
    /// The unfinished tasks are killed, as by [`Task::shutdown`] with `Brutal`. The wait continues until they have
    /// ended, even beyond its time.
    Kill,
}

/// Waits up to `time` for several tasks. Returns one result per task, in the order of the tasks: the result that
/// [`yield_for`](Task::yield_for) returns for the task. (Elixir: `Task.yield_many/2`.)
///
/// ```
/// use std::time::Duration;
/// use ambit::prelude::*;
/// use ambit::task::{self, OnTimeout};
/// #[ambit::main]
/// async fn main() {
///     let mut tasks = [Task::spawn(async { 7 }), Task::spawn(std::future::pending())];
///     let outcomes = task::yield_many(&mut tasks, Duration::from_millis(50))
///         .on_timeout(OnTimeout::Kill)
///         .await;
///     assert_eq!(outcomes, [Ok(Some(7)), Ok(None)]);
/// }
/// ```
pub fn yield_many<T>(tasks: &mut [Task<T>], time: Duration) -> YieldMany<'_, T> {
    YieldMany {
        tasks,
        time,
        limit: usize::MAX,
        on_timeout: OnTimeout::default(),
        begun: None,
    }
}

/// The future of [`yield_many`]. It returns one `Result<Option<T>, TaskError>` per task: `None` for a task that is not
/// done, or whose outcome was returned before.
///
/// # Errors
/// For each task:
/// - `Exited` if the task ended without a value.
/// - `NotOwner` if the calling process does not own the task. The task is not affected.
///
/// # Cancel safety
/// Dropping the future before the first poll changes nothing. Dropping it later loses the values that the future has
/// already received; use [`Task::yield_for`] if they must not be lost.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::task;
/// use std::time::Duration;
/// #[ambit::main]
/// async fn main() {
///     let mut tasks = [Task::spawn(async { 7 }), Task::spawn(std::future::pending())];
///     let first = task::yield_many(&mut tasks, Duration::from_secs(1)).limit(1).await;
///     assert_eq!(first, [Ok(Some(7)), Ok(None)]);
/// }
/// ```
#[must_use = "a wait does nothing until it is awaited"]
pub struct YieldMany<'a, T> {
    tasks: &'a mut [Task<T>],
    time: Duration,
    limit: usize,
    on_timeout: OnTimeout,
    begun: Option<RunningTask<T>>,
}

struct RunningTask<T> {
    outcomes: Vec<Result<Option<T>, TaskError>>,
    join_set: JoinSet,
    clock: Option<Clock>,
    done: usize,
    /// True once the remaining tasks have been killed.
    killed: bool,
}

impl<T> Unpin for YieldMany<'_, T> {}

impl<T: Send + 'static> YieldMany<'_, T> {
    /// Ends the wait as soon as `limit` tasks are done, with or without a value; by default the wait ends when all
    /// tasks are done. With 0 it ends at once.
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Sets what happens to the unfinished tasks at the end of the wait; [`OnTimeout::Nothing`] by default.
    pub fn on_timeout(mut self, on_timeout: OnTimeout) -> Self {
        self.on_timeout = on_timeout;
        self
    }

    fn begin(&self) -> RunningTask<T> {
        let owned = self.tasks.iter().map(Task::check_owner);
        let waits = |number: &usize| {
            let task = &self.tasks[*number];
            task.check_owner().is_ok() && !task.is_spent()
        };
        RunningTask {
            outcomes: owned.map(|owned| owned.map(|()| None)).collect(),
            join_set: join_set_of((0..self.tasks.len()).filter(waits)),
            clock: start_clock(self.tasks, Some(self.time)),
            done: 0,
            killed: false,
        }
    }

    /// Ends the wait: the time is up, or enough tasks are done.
    fn leave(&mut self, begun: &mut RunningTask<T>) {
        for number in begun.join_set.numbers() {
            let number = number as usize;
            let task = &mut self.tasks[number];
            match self.on_timeout {
                OnTimeout::Nothing => {}
                OnTimeout::Ignore => begun.outcomes[number] = task.let_go(),
                OnTimeout::Kill => {
                    task.part();
                    if let Some(process) = task.process() {
                        signal::put_down(&**process);
                    }
                }
            }
        }
        begun.killed = self.on_timeout == OnTimeout::Kill;
        begun.clock = None;
    }

    fn poll_outcomes(&mut self, cx: &mut Context<'_>) -> Poll<Vec<Result<Option<T>, TaskError>>> {
        let begun = self.begun.take();
        let mut begun = begun.unwrap_or_else(|| self.begin());
        while self.poll_begun(&mut begun, cx).is_ready() {
            if begun.join_set.is_empty() || begun.killed {
                return Poll::Ready(begun.outcomes);
            }
            self.leave(&mut begun);
            if !begun.killed {
                return Poll::Ready(begun.outcomes);
            }
        }
        self.begun = Some(begun);
        Poll::Pending
    }

    fn poll_begun(&mut self, begun: &mut RunningTask<T>, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let is_over = begun.join_set.is_empty() || (begun.done >= self.limit && !begun.killed);
            if is_over {
                return Poll::Ready(());
            }
            let tasks = &mut *self.tasks;
            let next = begun
                .join_set
                .poll_next(cx, |number, cx| tasks[number as usize].poll_end(cx));
            let Poll::Ready((number, outcome)) = next else {
                break;
            };
            begun.done += 1;
            begun.outcomes[number as usize] = match outcome {
                Err(TaskError::Exited(ExitReason::Killed)) if begun.killed => Ok(None),
                outcome => outcome.map(Some),
            };
        }
        match &begun.clock {
            Some(clock) => clock.poll(cx),
            None => Poll::Pending,
        }
    }
}

impl<T: Send + 'static> Future for YieldMany<'_, T> {
    type Output = Vec<Result<Option<T>, TaskError>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        rt::poll_cooperatively(cx, |cx| self.poll_outcomes(cx))
    }
}

impl<T> fmt::Debug for YieldMany<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("YieldMany")
            .field("tasks", &self.tasks)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}
