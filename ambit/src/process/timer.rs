//! Timers: a message or a signal after a delay, bound to the lifetime of a process.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;

use crate::engine::wheel::{Deadline, Expire};
use crate::panics;
use crate::pid::Pid;
use crate::process::dead_letter::{Content, DeadLetter, LetterKind, Undelivered};
use crate::process::header::{AnyProcess, ProcessRef};
use crate::process::relation::Cancel;
use crate::process::system_inner::SystemInner;
use crate::rt::{self, Instant};

/// A timer. Its messages are delivered to a mailbox, so dropping this value has no effect on the timer. A one-shot
/// timer ends when it fires. [`cancel`](Self::cancel) ends any timer, and a timer that sends messages to a process ends
/// with that process.
///
/// ```
/// use ambit::prelude::*;
/// use std::time::Duration;
/// #[ambit::main]
/// async fn main() {
///     let probe = ambit::spawn(|mut inbox: Inbox<u8>| async move { inbox.recv().await; });
///     let timer = ambit::send_after(&probe.recipient(), Duration::from_secs(60), 1);
///     assert!(timer.cancel().is_some());
///     assert!(timer.cancel().is_none(), "the second time there is nothing to cancel");
/// }
/// ```
#[derive(Clone)]
pub struct Timer(pub(crate) Arc<TimerShared>);

impl Timer {
    /// Cancels the timer. None of its messages is handled after this method returns.
    ///
    /// Returns the remaining time until the timer would have fired. Returns [`Duration::ZERO`] if a one-shot timer has
    /// fired and its message is still queued; the message is then removed from the queue. Returns `None` if there was
    /// nothing to cancel: the process has already taken the message, or ended before it took it, the exit signal of
    /// [`exit_after`](crate::exit_after) or [`kill_after`](crate::kill_after) has been sent, or the timer was already
    /// cancelled.
    ///
    /// (Erlang: `cancel_timer/1`, which returns `false` once the message is queued, and leaves the message there.)
    #[allow(clippy::must_use_candidate, reason = "often called for its effect")]
    pub fn cancel(&self) -> Option<Duration> {
        self.0.cancel()
    }

    /// Returns the time until the timer fires next; `None` if it does not fire again or was cancelled. (Erlang:
    /// `read_timer/1`.)
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        self.0.remaining()
    }

    /// Returns how many ticks of a repeating timer were skipped because the previous message was still queued.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.0.state.lock().skipped
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer")
            .field("remaining", &self.remaining())
            .finish_non_exhaustive()
    }
}

/// The state shared by a timer and its queued message.
pub(crate) struct TimerShared {
    system: Arc<SystemInner>,
    /// The process whose end cancels it.
    owner: Option<Weak<dyn AnyProcess>>,
    key: u64,
    state: Mutex<TimerState>,
}

#[derive(Default)]
struct TimerState {
    armed: Option<Deadline>,
    /// Its message is queued, or about to be, and has neither been taken nor dropped.
    queued: bool,
    cancelled: bool,
    skipped: u64,
}

/// The action of a timer: gets the timer for its queued message, and returns whether the receiver still exists.
pub(crate) type Action = Box<dyn FnMut(&Arc<TimerShared>) -> TickOutcome + Send>;

/// The outcome of a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TickOutcome {
    /// A message is queued and reports when it is taken.
    Queued,
    Done,
    /// An interval ends.
    NoReceiver,
}

/// The kind of a timer's action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimerAction {
    /// Queues one message.
    Once,
    /// Queues a message repeatedly.
    Every,
    /// Acts immediately: there is nothing left to cancel.
    Signal,
}

struct TimerDeadline {
    ticking: Arc<TimerShared>,
    kind: TimerAction,
    every: Option<Duration>,
    action: Mutex<Action>,
}

/// Arms a timer: after `delay`, or every `delay`.
pub(crate) fn start(
    system: &Arc<SystemInner>,
    owner: Option<&ProcessRef>,
    delay: Duration,
    kind: TimerAction,
    action: Action,
) -> Timer {
    let key = owner.map_or(0, |owner| owner.core().relations.lock().next_key());
    let ticking = Arc::new(TimerShared {
        system: system.clone(),
        owner: owner.map(Arc::downgrade),
        key,
        state: Mutex::default(),
    });
    // An interval of zero would be a busy loop of the whole system.
    let every = (kind == TimerAction::Every).then(|| delay.max(Duration::from_millis(1)));
    let alarm = TimerDeadline {
        ticking: ticking.clone(),
        kind,
        every,
        action: Mutex::new(action),
    };
    let mut cancelled = system.is_down();
    if let Some(owner) = owner {
        let mut relations = owner.core().relations.lock();
        cancelled |= relations.cleaned;
        if !cancelled {
            relations.make_rare().timers.insert(key, ticking.clone());
        }
    }
    let mut state = ticking.state.lock();
    // Its owner may have ended, and cancelled it, meanwhile.
    state.cancelled |= cancelled;
    if !state.cancelled {
        state.armed = Some(system.wheel.arm(system.after(delay), Arc::new(alarm)));
    }
    drop(state);
    // The system may have ended meanwhile, and has then cleared its wheel for the last time.
    if system.is_down() {
        ticking.cancel();
    }
    Timer(ticking)
}

impl Expire for TimerDeadline {
    fn expire(self: Arc<Self>, now: Instant) {
        let ticking = self.ticking.clone();
        {
            let mut state = ticking.state.lock();
            let Some(fired) = state.armed.take() else {
                return;
            };
            if let Some(every) = self.every {
                // The next tick is counted from the due time of this one, so intervals do not drift.
                let mut next = rt::after(fired.at(), every);
                if next <= now {
                    next = rt::after(now, every);
                }
                state.armed = Some(ticking.system.wheel.arm(next, self.clone()));
                if state.queued {
                    state.skipped += 1;
                    return;
                }
            }
            state.queued = self.kind != TimerAction::Signal;
        }
        // The clone or the drop of the message is user code, and this task serves the whole system.
        let fired = panics::catch(|| (self.action.lock())(&ticking)).unwrap_or_else(|report| {
            tracing::error!(%report, "the message of a timer panicked; the timer ends");
            TickOutcome::NoReceiver
        });
        if fired != TickOutcome::Queued {
            ticking.state.lock().queued = false;
        }
        if fired == TickOutcome::NoReceiver || self.every.is_none() {
            if fired == TickOutcome::NoReceiver {
                ticking.cancel();
            }
            ticking.leave_owner();
        }
    }
}

impl TimerShared {
    pub(crate) fn is_cancelled(&self) -> bool {
        self.state.lock().cancelled
    }

    /// Takes its message from the queue; returns false if it is void. A taken message cannot be cancelled any more.
    #[must_use]
    pub(crate) fn take(&self) -> bool {
        let mut state = self.state.lock();
        state.queued = false;
        !state.cancelled
    }

    /// Records that its process ended before it took the message. Returns true if that is a dead letter: the timer has
    /// no owner that it ends with, and was not cancelled.
    #[must_use]
    pub(crate) fn untaken(&self) -> bool {
        let mut state = self.state.lock();
        state.queued = false;
        self.owner.is_none() && !state.cancelled
    }

    pub(crate) fn cancel(&self) -> Option<Duration> {
        let mut state = self.state.lock();
        let was_cancelled = std::mem::replace(&mut state.cancelled, true);
        let queued = state.queued;
        let armed = state.armed.take();
        let alarm = armed.and_then(|deadline| self.system.wheel.disarm(deadline));
        drop(state);
        drop(alarm);
        self.leave_owner();
        if was_cancelled {
            return None;
        }
        match armed {
            Some(deadline) => Some(self.left(deadline)),
            None => queued.then_some(Duration::ZERO),
        }
    }

    /// Reports a message without a receiver as a dead letter.
    pub(crate) fn dead_letter<T: Send + 'static>(&self, message: T) {
        let envelope = DeadLetter {
            to: Pid::NOBODY,
            to_type: "nobody",
            kind: LetterKind::Info,
            why: Undelivered::Nobody,
            content: Content::new(message),
        };
        self.system.telemetry.dead_letter(&envelope);
    }

    fn remaining(&self) -> Option<Duration> {
        let state = self.state.lock();
        state
            .armed
            .filter(|_| !state.cancelled)
            .map(|deadline| self.left(deadline))
    }

    fn left(&self, deadline: Deadline) -> Duration {
        deadline.at().saturating_duration_since(self.system.now())
    }

    fn leave_owner(&self) {
        if let Some(owner) = self.owner.as_ref().and_then(Weak::upgrade) {
            let mut relations = owner.core().relations.lock();
            let own = relations
                .rare()
                .and_then(|rare| rare.timers.remove(&self.key));
            drop(relations);
            drop(own);
        }
    }
}

impl Cancel for TimerShared {
    fn cancel(&self) {
        Self::cancel(self);
    }
}
