//! The typed sinks of a process: [`Take`] for one type of message, [`Port`] for a whole protocol.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::cell::Wake;
use crate::engine::mailbox::Bare;
use crate::engine::reply::Question;
use crate::handle::protocol::{Message, Protocol};
use crate::handle::recipient::TakeTimed;
use crate::process::body::{Body, Item};
use crate::process::core::{Proc, ProcRef};
use crate::process::dead_letter::{Content, LetterKind, Undelivered};
use crate::process::offer::{Offer, Patience};

/// Accepts messages of one type, without an answer.
pub(crate) trait Take<T>: Send + Sync {
    fn process(self: Arc<Self>) -> ProcRef;
    fn offer(&self, message: T, patience: Patience<'_>) -> Offer<T>;
    /// Accepts a message if there is capacity now; otherwise returns it, whatever the reason.
    fn push_if_free(&self, message: T) -> Result<(), T>;
    /// Accepts a message whose permit is already held.
    fn push_reserved(&self, message: T) -> Result<(), T>;
    /// Reports a message that was not delivered.
    fn bury(&self, message: T, why: Undelivered);
}

/// A process with protocol `P`.
pub(crate) trait Port<P: Protocol + ?Sized>: Proc + Take<P::Cast> {
    /// Queues a call. `Ok` carries the wake-up, which the caller performs last, when it is ready for the answer.
    fn offer_call(
        &self,
        call: P::Call,
        question: Arc<dyn Question>,
        patience: Patience<'_>,
    ) -> Result<Wake, Offer<P::Call>>;
    /// Accepts a call whose permit is already held; returns it if the process has ended.
    fn push_reserved_call(&self, call: P::Call, question: Arc<dyn Question>)
    -> Result<(), P::Call>;
    /// Returns the sink for timer messages, if it has one.
    fn timed_door(self: Arc<Self>) -> Option<Arc<dyn TakeTimed<P::Cast>>> {
        None
    }
    /// Returns true if a caller may run a handler inline: only a hint.
    fn may_run_in_place(&self) -> bool {
        false
    }
    /// Runs the handler of `call` inline, if that is allowed now; otherwise returns the call.
    fn run_in_place(&self, call: P::Call, timeout: Option<Duration>) -> Result<(), P::Call> {
        let _ = timeout;
        Err(call)
    }
}

/// The message of a plain process, in its queue.
pub(crate) struct Plain<M>(pub(crate) M);

impl<M: Message> Item for Plain<M> {
    fn content(self) -> (LetterKind, Content) {
        (LetterKind::Cast, Content::new(self.0))
    }
}

impl<M: Message> Take<M> for Body<Plain<M>> {
    fn process(self: Arc<Self>) -> ProcRef {
        self
    }

    fn offer(&self, message: M, patience: Patience<'_>) -> Offer<M> {
        self.offer(message, Plain, None, patience)
    }

    fn push_if_free(&self, message: M) -> Result<(), M> {
        self.push_if_free(message, |message| Bare::plain(Plain(message)))
    }

    fn push_reserved(&self, message: M) -> Result<(), M> {
        self.push_reserved(message, |message| Bare::plain(Plain(message)))
    }

    fn bury(&self, message: M, why: Undelivered) {
        self.bury_item(Plain(message), why);
    }
}

impl<M: Message> Port<M> for Body<Plain<M>> {
    fn offer_call(
        &self,
        call: Infallible,
        _: Arc<dyn Question>,
        _: Patience<'_>,
    ) -> Result<Wake, Offer<Infallible>> {
        match call {}
    }

    fn push_reserved_call(&self, call: Infallible, _: Arc<dyn Question>) -> Result<(), Infallible> {
        match call {}
    }

    fn timed_door(self: Arc<Self>) -> Option<Arc<dyn TakeTimed<M>>> {
        Some(self)
    }
}

/// The mailbox item of a process that accepts only calls from outside.
pub(crate) trait OnlyCalls: Item {
    /// Its protocol.
    type Protocol: Protocol<Cast = Infallible> + ?Sized;

    fn asked(call: <Self::Protocol as Protocol>::Call) -> Self;
}

impl<T: OnlyCalls> Take<Infallible> for Body<T> {
    fn process(self: Arc<Self>) -> ProcRef {
        self
    }

    fn offer(&self, cast: Infallible, _: Patience<'_>) -> Offer<Infallible> {
        match cast {}
    }

    fn push_if_free(&self, cast: Infallible) -> Result<(), Infallible> {
        match cast {}
    }

    fn push_reserved(&self, cast: Infallible) -> Result<(), Infallible> {
        match cast {}
    }

    fn bury(&self, cast: Infallible, _: Undelivered) {
        match cast {}
    }
}

impl<T: OnlyCalls> Port<T::Protocol> for Body<T> {
    fn offer_call(
        &self,
        call: <T::Protocol as Protocol>::Call,
        question: Arc<dyn Question>,
        patience: Patience<'_>,
    ) -> Result<Wake, Offer<<T::Protocol as Protocol>::Call>> {
        Err(self.offer(call, T::asked, Some(question), patience))
    }

    fn push_reserved_call(
        &self,
        call: <T::Protocol as Protocol>::Call,
        question: Arc<dyn Question>,
    ) -> Result<(), <T::Protocol as Protocol>::Call> {
        self.push_reserved((call, question), Bare::asked(T::asked))
            .map_err(|(call, _)| call)
    }
}
