//! The messages of the application controller.

use std::convert::Infallible;
use std::sync::{Arc, Weak};

use crate::engine::reply::{ExitObserver, ReplyTo};
use crate::exit_reason::ExitReason;
use crate::handle::protocol::Protocol;
use crate::handle::sink::OnlyCalls;
use crate::handle::subject::Subject;
use crate::otp::application::core::{Command, Event, StartId};
use crate::otp::application::error::ApplicationError;
use crate::otp::application::graph::Key;
use crate::otp::application::group::Caller;
use crate::process::cell::ProcessCell;
use crate::process::dead_letter::{Content, LetterKind};
use crate::process::header::ProcessRef;
use crate::process::mailbox_item::MailboxItem;
use crate::process::system_message::SystemMessage;

/// The protocol of the controller.
pub(super) struct ControllerProtocol;

impl Protocol for ControllerProtocol {
    type Call = Request;
    type Cast = Infallible;
    type Subject = Subject<Self>;
    const NAME: &'static str = "Applications";
}

/// The reply to a start or stop, with the names of the started applications.
pub(super) type Answer = ReplyTo<Result<Vec<String>, ApplicationError>>;

pub(super) enum Request {
    Do(Command, Caller, Answer),
    Running(ReplyTo<Vec<String>>),
    #[cfg(feature = "signal")]
    Hurry(ReplyTo<()>),
}

/// An item in the controller's mailbox.
pub(super) enum ControllerItem {
    Request(Request),
    /// `on_start` has returned this process.
    Up(Key, StartId, Option<ProcessRef>),
    Event(Event<Answer>),
}

/// Sends items to the controller while it exists.
#[derive(Clone)]
pub(super) struct ControllerSender(Weak<ProcessCell<ControllerItem>>);

impl ControllerSender {
    pub(super) fn new(controller: &Arc<ProcessCell<ControllerItem>>) -> Self {
        Self(Arc::downgrade(controller))
    }

    pub(super) fn tell(&self, what: ControllerItem) {
        if let Some(controller) = self.0.upgrade() {
            // The mailbox accepts system messages until the controller has ended; later ones are not needed.
            controller.push_system(SystemMessage::Item(what)).ok();
        }
    }

    /// Sends an event when `process` ends; at once, if it has ended already.
    pub(super) fn watch(
        &self,
        process: &ProcessRef,
        event: impl Fn(ExitReason) -> Event<Answer> + Send + Sync + 'static,
    ) {
        let watch = Arc::new(Watch(self.clone(), event));
        if let Err(reason) = process.core().observe(watch.clone()) {
            watch.exited(&reason);
        }
    }
}

struct Watch<F>(ControllerSender, F);

impl<F: Fn(ExitReason) -> Event<Answer> + Send + Sync> ExitObserver for Watch<F> {
    fn exited(&self, reason: &ExitReason) {
        self.0.tell(ControllerItem::Event((self.1)(reason.clone())));
    }
}

impl MailboxItem for ControllerItem {
    fn content(self) -> (LetterKind, Content) {
        (LetterKind::Call, Content::new(self))
    }
}

impl OnlyCalls for ControllerItem {
    type Protocol = ControllerProtocol;

    fn asked(call: Request) -> Self {
        Self::Request(call)
    }
}
