//! What a supervisor decides: events in, actions out. No clock, no tasks; `shell` does what is decided here.

mod dynamic;
mod fixed;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{ChildError, StartError};
use crate::exit_reason::ExitReason;
use crate::handle::child::ChildKind;
use crate::pid::Pid;
use crate::supervisor::backoff::Backoff;
use crate::supervisor::policy::{
    AutoShutdown, ChildCounts, ChildInfo, ChildState, Restart, Shutdown, Strategy,
};
use crate::supervisor::window::Counted;

pub(crate) use self::dynamic::Dynamic;
pub(crate) use self::fixed::Fixed;

/// A child's place in the order of starts. It keeps it through its restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(pub(crate) u64);

/// Which wait for a retry a wake-up belongs to; those of earlier waits mean nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RetryTicket(pub(crate) u64);

/// What a supervisor has been told about one child.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rules {
    pub(crate) id: Arc<str>,
    pub(crate) restart: Restart,
    pub(crate) shutdown: Shutdown,
    pub(crate) significant: bool,
    pub(crate) backoff: Option<Box<Backoff>>,
    pub(crate) kind: ChildKind,
}

/// What a supervisor has been told about all of them.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Flags {
    pub strategy: Strategy,
    pub restarts: u32,
    pub within: Duration,
    pub auto_shutdown: AutoShutdown,
}

impl Default for Flags {
    /// As in Elixir: one for one, three restarts in five seconds.
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
    /// What cannot work.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.within.is_zero() || self.within == Duration::MAX {
            return Err(format!(
                "a window of {:?} cannot count restarts: `restarts(n, within)` takes a finite time above zero",
                self.within
            ));
        }
        Ok(())
    }
}

impl Rules {
    /// # Errors
    /// What cannot work under a supervisor with this `auto_shutdown`.
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

    /// Whether a child that ended by itself is started again.
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

/// What a supervisor is asked to do; `T` answers whoever asked.
#[derive(Debug)]
pub(crate) enum Command<T> {
    Start(Key, Rules, T),
    Terminate(Whom, T),
    Restart(String, T),
    Delete(String, T),
    /// Uses only so many of the children that were there at first.
    Resize(usize, T),
}

/// Which child is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Whom {
    Id(String),
    Pid(Pid),
}

/// What has happened.
#[derive(Debug)]
pub(crate) enum Event<T> {
    /// The supervisor itself has begun.
    Boot,
    Started(Key, Pid),
    /// Its init said that there is nothing to run.
    Ignored(Key),
    Failed(Key, StartError),
    Exited(Key, Pid, ExitReason),
    /// A child, this process of it, was told to stop, then killed, and has not ended a second later.
    Overdue(Key, Pid),
    Retry(Key, RetryTicket),
    /// The second after [`Action::Grace`] is over.
    GraceOver,
    /// The parent has ended, or somebody asked the supervisor to stop.
    Leave(ExitReason),
    Command(Command<T>),
}

/// What is to be done.
#[derive(Debug, PartialEq)]
pub(crate) enum Action<T> {
    Start(Key),
    /// Kills the process of a start that is under way. It ends as a start that failed.
    Cancel(Key),
    Stop(Key, Shutdown),
    /// [`Event::Retry`] after this time; at once means behind what is already queued.
    Later(Key, RetryTicket, Duration),
    /// [`Event::GraceOver`] in a second.
    Grace,
    /// It is down, and nobody will start it unless asked.
    Down(Key),
    /// It is no child any more.
    Forget(Key),
    Answer(T, Result<Option<Pid>, ChildError>),
    Report(Key, Report),
    /// So many of the children that were there at first are in use.
    Use(usize),
    /// All children have been started.
    Booted,
    End(ExitReason),
}

/// What a supervisor tells the world about a child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// It ended for this reason, and will be started again.
    Restarts(ExitReason),
    /// Its restart failed; it will be tried again.
    StartFailed(StartError),
    /// It ended for this reason once too often.
    GivesUp(ExitReason),
    /// It does not end.
    Stuck,
    /// It has ended, which ends the supervisor.
    AutoShutdown,
}

/// One of the two deciders: for children in an order, and for children that do not know each other.
pub(crate) trait Decide<T>: Send {
    /// `now` is the time since the supervisor began; `dice` is random.
    fn handle(&mut self, event: Event<T>, now: Duration, dice: u64) -> Vec<Action<T>>;
    /// Whether commands, or with children that do not know each other only starts, wait until what is under way is done.
    fn is_busy(&self) -> bool;
    /// Takes in what a child's spec says, before its first start.
    ///
    /// # Errors
    /// What cannot work.
    fn describe(&mut self, key: Key, rules: Rules) -> Result<(), String>;
    fn children(&self) -> Vec<ChildInfo>;
    fn counts(&self) -> ChildCounts;
    /// Which children are being started again at this moment, while commands are served all the same.
    fn starting_again(&self) -> BTreeSet<Key>;
    fn rules(&self, key: Key) -> Option<&Rules>;
    /// How many restarts the window holds, how many it allows, and in which time.
    fn budget(&self) -> (usize, u32, Duration);
    /// Which restarts were decided, and which were delayed, since this was last asked.
    fn counted(&mut self) -> Vec<Counted>;
}

/// Why a supervisor ends: what it was asked to end with, unless some of its children do not end.
pub(crate) fn end_reason<'a>(
    asked: Option<&ExitReason>,
    stuck: impl Iterator<Item = &'a str>,
) -> ExitReason {
    let stuck: Vec<_> = stuck.collect();
    if stuck.is_empty() {
        asked.cloned().unwrap_or(ExitReason::Shutdown)
    } else {
        ExitReason::shutdown_with(format!("{STUCK}{}", stuck.join(", ")))
    }
}

/// How the detail of a reason begins that names stuck children.
pub(crate) const STUCK: &str = "stuck: ";

/// The stuck children that the reason of a child supervisor names, as seen from above.
pub(crate) fn stuck_below(id: &str, reason: &ExitReason) -> Vec<String> {
    let ExitReason::ShutdownWith(detail) = reason else {
        return Vec::new();
    };
    let detail = detail.to_string();
    let Some(ids) = detail.strip_prefix(STUCK) else {
        return Vec::new();
    };
    let below = |inner: &str| format!("{id}/{inner}");
    ids.split(", ").map(below).collect::<Vec<_>>()
}

#[cfg(test)]
mod tests;
