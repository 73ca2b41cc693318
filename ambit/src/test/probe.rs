//! A process that the test plays itself.

use std::fmt;
use std::time::Duration;

use crate::exit_reason::ExitReason;
use crate::handle::protocol::Message;
use crate::handle::recipient::Recipient;
use crate::handle::subject::Subject;
use crate::handle::target::Target;
use crate::pid::Pid;
use crate::plain::inbox::{Inbox, InboxEvent};
use crate::process::current_system;
use crate::signal::{Down, MonitorRef};

/// How long a probe waits for what is expected; free on a paused clock.
const PATIENCE: Duration = Duration::from_secs(5);

/// A process without code: the test looks at what arrives. It traps exits, and ends when it is dropped.
///
/// See [the module](mod@crate::test) for an example.
pub struct Probe<M: Message> {
    inbox: Inbox<M>,
}

impl<M: Message> Probe<M> {
    /// A new probe in the current system.
    ///
    /// # Panics
    /// Outside a tokio runtime.
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

    /// Its pid.
    pub fn pid(&self) -> Pid {
        self.inbox.pid()
    }

    /// A handle on it, to be given to others.
    pub fn subject(&self) -> Subject<M> {
        self.inbox.subject()
    }

    /// A narrow handle on it, to be given to others.
    pub fn recipient(&self) -> Recipient<M> {
        self.subject().as_recipient()
    }

    /// Watches `target` from the probe.
    pub fn monitor(&mut self, target: impl Target) -> MonitorRef {
        self.inbox.monitor(target)
    }

    /// Links the probe to `target`.
    ///
    /// # Errors
    /// None: the probe traps exits, so what is wrong arrives as an event.
    pub fn link(&mut self, target: impl Target) -> Result<(), ExitReason> {
        self.inbox.link(target)
    }

    /// The next event, if one comes within `time`.
    pub async fn next_within(&mut self, time: Duration) -> Option<InboxEvent<M>> {
        self.inbox.next_within(time).await
    }

    /// The next event.
    ///
    /// # Panics
    /// If none comes within 5 s.
    pub async fn expect_event(&mut self) -> InboxEvent<M> {
        let next = self.next_within(PATIENCE).await;
        next.unwrap_or_else(|| panic!("nothing came to the probe within {PATIENCE:?}"))
    }

    /// The next event, which must be a message.
    ///
    /// # Panics
    /// If none comes within 5 s, or something else does.
    pub async fn expect(&mut self) -> M {
        match self.expect_event().await {
            InboxEvent::Message(message) => message,
            InboxEvent::Exit(exit) => panic!("expected a message, found {exit:?}"),
            InboxEvent::Down(down) => panic!("expected a message, found {down:?}"),
        }
    }

    /// The next event, which must be a `Down`.
    ///
    /// # Panics
    /// If none comes within 5 s, or something else does.
    pub async fn expect_down(&mut self) -> Down {
        match self.expect_event().await {
            InboxEvent::Down(down) => down,
            InboxEvent::Exit(exit) => panic!("expected a Down, found {exit:?}"),
            InboxEvent::Message(_) => panic!("expected a Down, found a message"),
        }
    }

    /// Makes sure that nothing comes within `time`.
    ///
    /// # Panics
    /// If something does.
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
