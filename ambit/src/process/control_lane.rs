//! The control lane of a process: requests and signals that come before its messages.

use std::any::Any;
use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};

use crate::exit_reason::ExitReason;

/// A request that the process itself serves, between two messages. A server passes its state.
pub(crate) type Ask = Box<dyn FnOnce(Option<&mut dyn Any>) + Send>;

/// The control lane, which is checked before each message. Nearly always empty; an empty one needs no heap memory.
#[derive(Default)]
pub(crate) struct ControlLane(Option<Box<ControlQueue>>);

#[derive(Default)]
pub(crate) struct ControlQueue {
    /// The process ends with this reason as soon as possible; the first reason counts.
    pub(crate) fatal: Option<ExitReason>,
    /// The server stops with this reason before its next message, and runs its terminate.
    pub(crate) leave: Option<ExitReason>,
    /// True if `leave` is the panic of a task of the server itself.
    pub(crate) task_panicked: bool,
    pub(crate) asks: VecDeque<Ask>,
    pub(crate) suspended: bool,
    /// A test has made the process ignore everything but a fatal signal.
    pub(crate) hung: bool,
}

impl ControlQueue {
    const EMPTY: &'static Self = &Self {
        fatal: None,
        leave: None,
        task_panicked: false,
        asks: VecDeque::new(),
        suspended: false,
        hung: false,
    };
}

/// Reading needs no allocation; writing allocates.
impl Deref for ControlLane {
    type Target = ControlQueue;

    fn deref(&self) -> &ControlQueue {
        self.0.as_deref().unwrap_or(ControlQueue::EMPTY)
    }
}

impl DerefMut for ControlLane {
    fn deref_mut(&mut self) -> &mut ControlQueue {
        self.0.get_or_insert_default()
    }
}

/// The next command of the control lane.
pub(crate) enum ControlCommand {
    Die(ExitReason),
    Ask(Ask),
    Leave(ExitReason),
    /// The process is suspended: only control requests are served.
    Wait,
    Nothing,
}

impl ControlLane {
    /// Returns the command that comes before the next message.
    pub(crate) fn say(&mut self) -> ControlCommand {
        if let Some(reason) = &self.fatal {
            ControlCommand::Die(reason.clone())
        } else if self.hung {
            ControlCommand::Wait
        } else if let Some(ask) = self.take_ask() {
            ControlCommand::Ask(ask)
        } else if let Some(reason) = self.take_leave() {
            ControlCommand::Leave(reason)
        } else if self.suspended {
            ControlCommand::Wait
        } else {
            ControlCommand::Nothing
        }
    }

    /// Returns true if no message may be taken.
    pub(crate) fn holds_messages(&self) -> bool {
        self.fatal.is_some() || self.hung || self.suspended
    }

    pub(crate) fn take_ask(&mut self) -> Option<Ask> {
        self.0.as_mut()?.asks.pop_front()
    }

    /// Takes the requests that were not served; `None` if there are none.
    pub(crate) fn take_asks(&mut self) -> Option<VecDeque<Ask>> {
        let lane = self.0.as_mut().filter(|lane| !lane.asks.is_empty())?;
        Some(std::mem::take(&mut lane.asks))
    }

    fn take_leave(&mut self) -> Option<ExitReason> {
        self.0.as_mut()?.leave.take()
    }
}
