//! A process that the test itself controls.

use std::fmt;
use std::time::Duration;

use crate::exit_reason::ExitReason;
use crate::handle::protocol::Message;
use crate::handle::recipient::Recipient;
use crate::handle::subject::Subject;
use crate::handle::target::Target;
use crate::pid::Pid;
use crate::plain::inbox::Inbox;
use crate::plain::inbox_event::InboxEvent;
use crate::process::current_system;
use crate::signal::{Down, MonitorRef};

/// The time that a probe waits for an expected event; costs nothing on a paused clock.
const PATIENCE: Duration = Duration::from_secs(5);

/// A process without any behavior of its own, which a test uses to receive and check messages, exit signals and `Down`
/// notifications.
///
/// A probe traps exits, and ends when it is dropped.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::test::Probe;
/// #[ambit::test]
/// async fn a_worker_reports_and_ends() {
///     let mut probe = Probe::<u8>::new();
///     let listener = probe.recipient();
///     let worker = ambit::spawn(|mut inbox: Inbox<u8>| async move {
///         let n = inbox.recv().await.unwrap();
///         listener.send(n + 1).await.unwrap();
///     });
///     probe.monitor(&worker);
///     worker.send(6).await.unwrap();
///     assert_eq!(probe.expect().await, 7);
///     assert_eq!(probe.expect_down().await.reason, ExitReason::Normal);
/// }
/// # fn main() {}
/// ```
pub struct Probe<M: Message> {
    inbox: Inbox<M>,
}

impl<M: Message> Probe<M> {
    /// Creates a probe in the current system.
    ///
    /// # Panics
    /// Panics outside a tokio runtime if there is no current system.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "a default that starts a process would surprise"
    )]
    pub fn new() -> Self {
        let system = current_system::current_or_new().expect("a probe needs a tokio runtime");
        let mut inbox = Inbox::side(system, Some(|| "Probe"));
        inbox.trap_exits(true);
        Self { inbox }
    }

    /// Returns the pid of the probe.
    pub fn pid(&self) -> Pid {
        self.inbox.pid()
    }

    /// Returns the probe's typed handle, to pass to the code under test.
    pub fn subject(&self) -> Subject<M> {
        self.inbox.subject()
    }

    /// Returns a [`Recipient`] that sends to the probe, to pass to the code under test.
    pub fn recipient(&self) -> Recipient<M> {
        Recipient::of_plain(&self.subject())
    }

    /// Monitors `target`: its exit arrives at the probe as a `Down`.
    pub fn monitor(&mut self, target: impl Target) -> MonitorRef {
        self.inbox.monitor(target)
    }

    /// Links the probe to `target`: its exit arrives at the probe as an `Exit`.
    ///
    /// # Errors
    /// Never fails: the probe traps exits, so that a failed link also arrives as an `Exit`.
    pub fn link(&mut self, target: impl Target) -> Result<(), ExitReason> {
        self.inbox.link(target)
    }

    /// Waits up to `time` for the next event, and returns it. Returns `None` if no event arrives within `time`.
    ///
    /// # Cancel safety
    /// Dropping the future loses no event.
    pub async fn next_within(&mut self, time: Duration) -> Option<InboxEvent<M>> {
        self.inbox.next_within(time).await
    }

    /// Waits up to 5 s for the next event, and returns it.
    ///
    /// # Panics
    /// Panics if no event arrives within 5 s.
    ///
    /// # Cancel safety
    /// Dropping the future loses no event.
    pub async fn expect_event(&mut self) -> InboxEvent<M> {
        let next = self.next_within(PATIENCE).await;
        next.unwrap_or_else(|| panic!("nothing came to the probe within {PATIENCE:?}"))
    }

    /// Waits up to 5 s for the next event, which must be a message, and returns the message.
    ///
    /// # Panics
    /// Panics if no event arrives within 5 s, or if the next event is not a message.
    ///
    /// # Cancel safety
    /// Dropping the future loses no event.
    pub async fn expect(&mut self) -> M {
        match self.expect_event().await {
            InboxEvent::Message(message) => message,
            InboxEvent::Exit(exit) => panic!("expected a message, found {exit:?}"),
            InboxEvent::Down(down) => panic!("expected a message, found {down:?}"),
        }
    }

    /// Waits up to 5 s for the next event, which must be a `Down`, and returns it.
    ///
    /// # Panics
    /// Panics if no event arrives within 5 s, or if the next event is not a `Down`.
    ///
    /// # Cancel safety
    /// Dropping the future loses no event.
    pub async fn expect_down(&mut self) -> Down {
        match self.expect_event().await {
            InboxEvent::Down(down) => down,
            InboxEvent::Exit(exit) => panic!("expected a Down, found {exit:?}"),
            InboxEvent::Message(_) => panic!("expected a Down, found a message"),
        }
    }

    /// Waits for `time`, and asserts that no event arrives.
    ///
    /// # Panics
    /// Panics if an event arrives; the event is then lost.
    ///
    /// # Cancel safety
    /// Dropping the future loses no event.
    pub async fn refute_within(&mut self, time: Duration) {
        match self.next_within(time).await {
            None => {}
            Some(InboxEvent::Message(_)) => {
                panic!("expected nothing within {time:?}, found a message")
            }
            Some(InboxEvent::Exit(exit)) => {
                panic!("expected nothing within {time:?}, found {exit:?}")
            }
            Some(InboxEvent::Down(down)) => {
                panic!("expected nothing within {time:?}, found {down:?}")
            }
        }
    }
}

impl<M: Message> fmt::Debug for Probe<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Probe({:?})", self.subject())
    }
}
