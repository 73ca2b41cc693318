//! The findings of lints.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::pid::Pid;

/// A rule that is applied to every snapshot; each violation is a [`Finding`].
///
/// ```
/// assert_eq!(ambit::inspect::Lint::StuckHandler.name(), "stuck-handler");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(
    feature = "json",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
#[non_exhaustive]
pub enum Lint {
    /// A queue of at least 100 messages has been growing for at least 3 s: it was longer in at least three snapshots,
    /// and shorter in none.
    MailboxGrowing,
    /// The queued and waiting messages of a process amount to at least 80 % of the capacity of its mailbox.
    MailboxNearlyFull,
    /// A server has been running one handler for more than 5 s. Found only while measuring is on.
    StuckHandler,
    /// A supervisor has used at least half of the restarts that it is allowed within its window.
    RestartBudget,
    /// At least ten messages became dead letters since the last snapshot that is at least 10 s old.
    DeadLetters,
    /// A subscriber is at least 1,000 messages behind its publisher; see [`add_lag_source`](super::add_lag_source).
    SubscriberLag,
    /// A poll blocked its thread for more than 10 ms within the last 10 s. Found only while measuring is on, and not on
    /// a virtual clock.
    BlockingPoll,
    /// Processes wait for each other's replies in a cycle.
    CallCycle,
}

impl Lint {
    /// All lints, in declaration order.
    pub const ALL: [Self; 8] = [
        Self::MailboxGrowing,
        Self::MailboxNearlyFull,
        Self::StuckHandler,
        Self::RestartBudget,
        Self::DeadLetters,
        Self::SubscriberLag,
        Self::BlockingPoll,
        Self::CallCycle,
    ];

    /// Returns the name of the lint, such as `stuck-handler`. Names are stable across versions.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MailboxGrowing => "mailbox-growing",
            Self::MailboxNearlyFull => "mailbox-nearly-full",
            Self::StuckHandler => "stuck-handler",
            Self::RestartBudget => "restart-budget",
            Self::DeadLetters => "dead-letters",
            Self::SubscriberLag => "subscriber-lag",
            Self::BlockingPoll => "blocking-poll",
            Self::CallCycle => "call-cycle",
        }
    }

    /// Returns one sentence: how to fix the cause, or how to find it.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::MailboxGrowing => {
                "Make its slowest method quicker, spread the work over several servers, or bound the mailbox so that senders wait."
            }
            Self::MailboxNearlyFull => {
                "Look at the times of its methods: a larger mailbox only makes the wait longer."
            }
            Self::StuckHandler => {
                "Give what the handler awaits a timeout, or move the work to `ctx.spawn_task`."
            }
            Self::RestartBudget => {
                "Look at the crashes of its children before it gives up; a back-off gives what they need time to come back."
            }
            Self::DeadLetters => {
                "Listen with `System::on_dead_letter` to see these messages and their receivers."
            }
            Self::SubscriberLag => "Make the subscriber faster, or let it drop messages.",
            Self::BlockingPoll => {
                "Move blocking or long computing work to `tokio::task::spawn_blocking`: everything else on that thread waited."
            }
            Self::CallCycle => {
                "Turn one of the calls into a cast, or answer it later with `#[call(deferred)]`."
            }
        }
    }
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A violation of a [`Lint`] in a snapshot.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::inspect::{self, Lag, Lint};
/// #[ambit::main]
/// async fn main(inbox: Inbox<u8>) {
///     let pid = inbox.pid();
///     let source = move || vec![Lag { source: "prices".into(), pid, behind: 2_000 }];
///     let _guard = inspect::add_lag_source(source).unwrap();
///     let finding = &inspect::snapshot().lints[0];
///     assert_eq!((finding.lint, &*finding.pids), (Lint::SubscriberLag, &[pid][..]));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Finding {
    /// The lint that was violated.
    pub lint: Lint,
    /// The affected processes; empty if the finding concerns the whole system.
    pub pids: Vec<Pid>,
    /// The affected processes as text: type and pid of each, and its name or label. Empty like `pids`.
    pub who: String,
    /// The time at which the finding began, counted from the creation of the system.
    #[cfg_attr(
        feature = "json",
        serde(rename = "since_ns", serialize_with = "crate::process::nanos::nanos")
    )]
    pub since: Duration,
    /// The measured values by name. The names of times, in milliseconds, end in `_ms`.
    pub figures: BTreeMap<&'static str, u64>,
    /// The cause, in one sentence.
    pub cause: String,
    /// The remedy, in one sentence: [`Lint::remedy`].
    pub remedy: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            lint,
            who,
            cause,
            remedy,
            ..
        } = self;
        match who.is_empty() {
            true => write!(f, "{lint}: {cause} {remedy}"),
            false => write!(f, "{lint}: {who}: {cause} {remedy}"),
        }
    }
}
