//! What the controller of applications is asked and told.

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

/// Answers what starts or stops; with the names of what was started.
pub(super) type Answer = ReplyTo<Result<Vec<String>, ApplicationError>>;

pub(super) enum Request {
    Do(Command, Caller, Answer),
    Running(ReplyTo<Vec<String>>),
    #[cfg(feature = "signal")]
    Hurry(ReplyTo<()>),
}

/// What the controller hears.
pub(super) enum Told {
    Request(Request),
    /// `on_start` has given this process.
    Up(Key, Life, Option<ProcRef>),
    Event(Event<Answer>),
}

/// Tells the controller, as long as it lives.
#[derive(Clone)]
pub(super) struct Teller(Weak<Body<Told>>);

impl Teller {
    pub(super) fn new(controller: &Arc<Body<Told>>) -> Self {
        Self(Arc::downgrade(controller))
    }

    pub(super) fn tell(&self, what: Told) {
        if let Some(controller) = self.0.upgrade() {
            // It takes notes until it has ended, and then nobody is interested.
            controller.note(Note::Item(what)).ok();
        }
    }

    /// Tells of the end of `process`; at once, if it has ended.
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
