//! The messages of the application controller.

use std::convert::Infallible;
use std::sync::{Arc, Weak};

use crate::engine::reply::{Observer, ReplyTo};
use crate::exit_reason::ExitReason;
use crate::handle::port::OnlyCalls;
use crate::handle::protocol::Protocol;
use crate::handle::subject::Subject;
use crate::otp::application::core::{Command, Event, Life};
use crate::otp::application::error::ApplicationError;
use crate::otp::application::graph::Key;
use crate::otp::application::group::Caller;
use crate::process::body::{Body, Item, Note};
use crate::process::core::ProcRef;
use crate::process::dead_letter::{Content, LetterKind};

/// The protocol of the controller.
pub(super) struct Control;

impl Protocol for Control {
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
pub(super) enum Told {
    Request(Request),
    /// `on_start` has returned this process.
    Up(Key, Life, Option<ProcRef>),
    Event(Event<Answer>),
}

/// Sends items to the controller while it exists.
#[derive(Clone)]
pub(super) struct Teller(Weak<Body<Told>>);

impl Teller {
    pub(super) fn new(controller: &Arc<Body<Told>>) -> Self {
        Self(Arc::downgrade(controller))
    }

    pub(super) fn tell(&self, what: Told) {
        if let Some(controller) = self.0.upgrade() {
            // The mailbox accepts system messages until the controller has ended; later ones are not needed.
            controller.note(Note::Item(what)).ok();
        }
    }

    /// Sends an event when `process` ends; at once, if it has ended already.
    pub(super) fn watch(
        &self,
        process: &ProcRef,
        event: impl Fn(ExitReason) -> Event<Answer> + Send + Sync + 'static,
    ) {
        let watch = Arc::new(Watch(self.clone(), event));
        if let Err(reason) = process.core().observe(watch.clone()) {
            watch.exited(&reason);
        }
    }
}

struct Watch<F>(Teller, F);

impl<F: Fn(ExitReason) -> Event<Answer> + Send + Sync> Observer for Watch<F> {
    fn exited(&self, reason: &ExitReason) {
        self.0.tell(Told::Event((self.1)(reason.clone())));
    }
}

impl Item for Told {
    fn content(self) -> (LetterKind, Content) {
        (LetterKind::Call, Content::new(self))
    }
}

impl OnlyCalls for Told {
    type Protocol = Control;

    fn asked(call: Request) -> Self {
        Self::Request(call)
    }
}
