//! The events of a state machine, and their wrappers.

use std::fmt;
use std::sync::Arc;

use crate::handle::protocol::Protocol;
use crate::otp::state_machine::StateMachine;
use crate::otp::state_machine::core::{Key, Task};
use crate::process::dead_letter::Undelivered;
use crate::server::gen_server::Incoming;
use crate::server::server_state::ServerBody;

/// An event of a [`StateMachine`]. (Erlang: the event type and content of `gen_statem`.)
#[non_exhaustive]
pub enum StateEvent<M: StateMachine> {
    /// A request with a reply port.
    Call(<M::Protocol as Protocol>::Call),
    /// A message without a reply.
    Cast(<M::Protocol as Protocol>::Cast),
    /// A message that the machine requested: its own timers, `Down`, results of its tasks.
    Info(M::Message),
    /// An event that the machine inserted, with [`Context::next_event`](crate::Context::next_event).
    Internal(M::Internal),
    /// The state timeout is due.
    StateTimeout,
    /// The event timeout is due: no event has come in time.
    EventTimeout,
    /// The timeout of this name is due.
    Timeout(M::Timeout),
    /// The state has been entered: from another one, from itself if it is repeated, or at the start.
    Enter {
        /// The previous state; `None` at the start.
        from: Option<M::State>,
    },
    /// The state is about to be left.
    Exit {
        /// The next state.
        to: M::State,
    },
}

impl<M: StateMachine> StateEvent<M> {
    pub(super) fn of(task: Task<M::State, Self, M::Timeout>) -> Self {
        match task {
            Task::Exit { to } => Self::Exit { to },
            Task::Enter { from } => Self::Enter { from },
            Task::Event(event) => event,
            Task::Timeout(key) => Self::timeout(key),
        }
    }

    pub(super) fn timeout(key: Key<M::Timeout>) -> Self {
        match key {
            Key::State => Self::StateTimeout,
            Key::Event => Self::EventTimeout,
            Key::Named(name) => Self::Timeout(name),
        }
    }

    /// Reports an unhandled event. At the end of the machine only casts are reported, as with every server: a call
    /// returns an error when its reply port is dropped, and other events are internal.
    pub(super) fn dead_letter(self, body: &Arc<ServerBody<M>>, why: Undelivered) {
        let item = match self {
            Self::Cast(cast) => Incoming::Cast(cast),
            _ if why == Undelivered::Ended => return,
            Self::Call(call) => Incoming::Call(call),
            Self::Info(message) => Incoming::Info(StateInfo::Message(message)),
            own => Incoming::Continue(StateStep::new(own, body.clone())),
        };
        body.dead_letter_item(item, why);
    }
}

impl<M: StateMachine> fmt::Debug for StateEvent<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(_) => f.write_str("Call(..)"),
            Self::Cast(_) => f.write_str("Cast(..)"),
            Self::Info(_) => f.write_str("Info(..)"),
            Self::Internal(_) => f.write_str("Internal(..)"),
            Self::StateTimeout => f.write_str("StateTimeout"),
            Self::EventTimeout => f.write_str("EventTimeout"),
            Self::Timeout(name) => f.debug_tuple("Timeout").field(name).finish(),
            Self::Enter { from } => f.debug_struct("Enter").field("from", from).finish(),
            Self::Exit { to } => f.debug_struct("Exit").field("to", to).finish(),
        }
    }
}

/// The infos of a state machine as a server: its own messages, and its timeouts.
#[non_exhaustive]
pub enum StateInfo<M: StateMachine> {
    /// A message of the machine.
    Message(M::Message),
    /// A timeout is due.
    Timeout(Due),
}

/// A due timeout; it may have been cancelled meanwhile.
#[derive(Debug)]
pub struct Due {
    pub(super) number: u64,
}

impl<M: StateMachine> fmt::Debug for StateInfo<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Message(_) => "Message(..)",
            Self::Timeout(_) => "Timeout",
        })
    }
}

/// The next internal event of a state machine, which waits for no message.
pub struct StateStep<M: StateMachine> {
    event: Option<StateEvent<M>>,
    /// The process that reports the event as a dead letter if the machine ends first.
    body: Arc<ServerBody<M>>,
}

impl<M: StateMachine> StateStep<M> {
    pub(super) fn new(event: StateEvent<M>, body: Arc<ServerBody<M>>) -> Self {
        let event = Some(event);
        Self { event, body }
    }

    /// Returns the event, for reports.
    pub fn event(&self) -> Option<&StateEvent<M>> {
        self.event.as_ref()
    }

    pub(super) fn take(mut self) -> Option<StateEvent<M>> {
        self.event.take()
    }
}

impl<M: StateMachine> Drop for StateStep<M> {
    fn drop(&mut self) {
        if let Some(event) = self.event.take() {
            event.dead_letter(&self.body, Undelivered::Ended);
        }
    }
}

impl<M: StateMachine> fmt::Debug for StateStep<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.event {
            Some(event) => event.fmt(f),
            None => f.write_str("StateStep"),
        }
    }
}
