//! The decisions of a supervisor: events in, actions out. No clock, no tasks; `shell` performs the actions.

pub(crate) mod dynamic;
pub(crate) mod fixed;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{ChildError, StartError};
use crate::exit_reason::ExitReason;
use crate::handle::child_ref::ChildKind;
use crate::pid::Pid;
use crate::supervisor::backoff::Backoff;
use crate::supervisor::intensity::Counted;
pub(crate) use crate::supervisor::policy::Key;
use crate::supervisor::policy::{
    AutoShutdown, ChildCounts, ChildInfo, ChildState, Restart, Shutdown, Strategy,
};

/// Identifies the wait for a retry that a wake-up belongs to; wake-ups of earlier waits are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RetryTicket(pub(crate) u64);

/// The settings of one child.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rules {
    pub(crate) id: Arc<str>,
    pub(crate) restart: Restart,
    pub(crate) shutdown: Shutdown,
    pub(crate) significant: bool,
    pub(crate) backoff: Option<Box<Backoff>>,
    pub(crate) kind: ChildKind,
}

impl Rules {
    /// Returns how a start in progress is stopped: a supervisor stops its own children in order, a worker is killed.
    pub(crate) fn shutdown_of_start(&self) -> Shutdown {
        match self.kind {
            ChildKind::Worker => Shutdown::Brutal,
            ChildKind::Supervisor => self.shutdown,
        }
    }
}

/// The settings that a supervisor applies to all its children.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Flags {
    pub strategy: Strategy,
    pub restarts: u32,
    pub within: Duration,
    pub auto_shutdown: AutoShutdown,
}

impl Default for Flags {
    /// Returns the defaults of Elixir: one for one, three restarts in five seconds.
    fn default() -> Self {
        Self {
            strategy: Strategy::OneForOne,
            restarts: 3,
            within: Duration::from_secs(5),
            auto_shutdown: AutoShutdown::Never,
        }
    }
}

impl Flags {
    /// # Errors
    /// If the settings are invalid.
    pub(crate) fn check(&self) -> Result<(), String> {
        check_window(self.within)
    }
}

/// # Errors
/// If no restarts can be counted in a window of this length.
pub(crate) fn check_window(within: Duration) -> Result<(), String> {
    if within.is_zero() || within == Duration::MAX {
        return Err(format!(
            "a window of {within:?} cannot count restarts: `restarts(n, within)` takes a finite time above zero"
        ));
    }
    Ok(())
}

impl Rules {
    /// # Errors
    /// If the rules are invalid under a supervisor with this `auto_shutdown`.
    pub(crate) fn check(&self, auto_shutdown: AutoShutdown) -> Result<(), String> {
        let id = &self.id;
        if id.is_empty() {
            return Err("the id of a child cannot be empty: give it one with `.id(..)`".into());
        }
        if self.significant && self.restart == Restart::Permanent {
            return Err(format!(
                "child `{id}` is significant and permanent: it would never end without a restart; \
                 make it `Transient` or `Temporary`"
            ));
        }
        if self.significant && auto_shutdown == AutoShutdown::Never {
            return Err(format!(
                "child `{id}` is significant, but its supervisor never shuts down for it: set `auto_shutdown`"
            ));
        }
        Ok(())
    }

    /// Returns true if a child that ended by itself is restarted.
    pub(crate) fn restarts_after(&self, reason: &ExitReason) -> bool {
        match self.restart {
            Restart::Permanent => true,
            Restart::Transient => !reason.is_clean(),
            Restart::Temporary => false,
        }
    }

    pub(crate) fn info(&self, state: ChildState) -> ChildInfo {
        ChildInfo {
            id: self.id.to_string(),
            state,
            kind: self.kind,
            restart: self.restart,
            shutdown: self.shutdown,
            significant: self.significant,
        }
    }
}

/// A request; `T` is its reply handle.
#[derive(Debug)]
pub(crate) enum Command<T> {
    Start(Key, Rules, T),
    Terminate(ChildSelector, T),
    Restart(String, T),
    Delete(String, T),
    /// Uses only this number of the initial children.
    Resize(usize, T),
}

/// Identifies a child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ChildSelector {
    Id(String),
    Pid(Pid),
}

/// Something that has happened.
#[derive(Debug)]
pub(crate) enum Event<T> {
    /// The supervisor itself has started.
    Boot,
    Started(Key, Pid),
    /// Its init returned `Ignore`.
    Ignored(Key),
    Failed(Key, StartError),
    Exited(Key, Pid, ExitReason),
    /// A child, this process of it, was asked to stop, then killed, and has not ended a second later.
    Overdue(Key, Pid),
    Retry(Key, RetryTicket),
    /// The second after [`Action::Grace`] is over.
    GraceOver,
    /// The parent has ended, or the supervisor was asked to stop.
    Leave(ExitReason),
    Command(Command<T>),
}

/// An action for the shell to perform.
#[derive(Debug, PartialEq)]
pub(crate) enum Action<T> {
    Start(Key),
    /// Stops the process of a start in progress. It ends as a failed start.
    Cancel(Key, Shutdown),
    Stop(Key, Shutdown),
    /// Sends [`Event::Retry`] after this time; zero means after the messages that are already queued.
    Later(Key, RetryTicket, Duration),
    /// Sends [`Event::GraceOver`] in a second.
    Grace,
    /// The child is down, and is started only on request.
    Down(Key),
    /// The child is removed.
    Forget(Key),
    Answer(T, Result<Option<Pid>, ChildError>),
    Report(Key, Report),
    /// This number of the initial children is in use.
    Use(usize),
    /// All children have been started.
    Booted,
    End(ExitReason),
}

/// A report about a child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// The child ended for this reason, and will be restarted.
    Restarts(ExitReason),
    /// The restart of the child failed; it will be retried.
    StartFailed(StartError),
    /// The child ended for this reason, and the restarts are used up.
    GivesUp(ExitReason),
    /// The child does not end.
    Stuck,
    /// The child has ended, which ends the supervisor.
    AutoShutdown,
}

/// One of the two cores: for ordered children, and for independent children.
pub(crate) trait Decide<T>: Send {
    /// Handles an event. `now` is the time since the start of the supervisor; `random` is random.
    fn handle(&mut self, event: Event<T>, now: Duration, random: u64) -> Vec<Action<T>>;
    /// Returns true while commands must wait for the operation in progress; for independent children this applies only
    /// to starts.
    fn is_busy(&self) -> bool;
    /// Sets the rules of a child before its first start.
    ///
    /// # Errors
    /// If the rules are invalid.
    fn describe(&mut self, key: Key, rules: Rules) -> Result<(), String>;
    fn children(&self) -> Vec<ChildInfo>;
    fn counts(&self) -> ChildCounts;
    /// Returns the children that are being restarted now, while commands are served.
    fn starting_again(&self) -> BTreeSet<Key>;
    /// Returns true if the child is one of them.
    fn is_starting_again(&self, key: Key) -> bool;
    fn rules(&self, key: Key) -> Option<&Rules>;
    /// Returns the number of restarts in the window, the limit, and the length of the window.
    fn budget(&self) -> (usize, u32, Duration);
    /// Takes the restarts and delays that were decided since the last call.
    fn counted(&mut self) -> Vec<Counted>;
}

/// Returns the exit reason of a supervisor: the requested one, followed by the children that do not end.
pub(crate) fn end_reason<'a>(
    asked: Option<&ExitReason>,
    stuck: impl Iterator<Item = &'a str>,
) -> ExitReason {
    let stuck: Vec<_> = stuck.collect();
    let asked = asked.unwrap_or(&ExitReason::Shutdown);
    if stuck.is_empty() {
        return asked.clone();
    }
    let stuck = stuck.join(", ");
    ExitReason::shutdown_with(match asked {
        ExitReason::ShutdownWith(because) => format!("{because}{AND_STUCK}{stuck}"),
        _ => format!("{STUCK}{stuck}"),
    })
}

/// The prefix of an exit reason that names stuck children.
pub(crate) const STUCK: &str = "stuck: ";
/// What is before them if the supervisor had a reason of its own.
const AND_STUCK: &str = "; stuck: ";

/// Returns the stuck children in the exit reason of a child supervisor, with its id as a prefix.
pub(crate) fn stuck_below(id: &str, reason: &ExitReason) -> Vec<String> {
    let ExitReason::ShutdownWith(detail) = reason else {
        return Vec::new();
    };
    let detail = detail.to_string();
    let and_stuck = || detail.rsplit_once(AND_STUCK).map(|(_, ids)| ids);
    let Some(ids) = detail.strip_prefix(STUCK).or_else(and_stuck) else {
        return Vec::new();
    };
    let below = |inner: &str| format!("{id}/{inner}");
    ids.split(", ").map(below).collect::<Vec<_>>()
}

#[cfg(test)]
mod tests;
