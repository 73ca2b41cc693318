//! The sinks of plain processes, and of processes that only accept calls. Their traits are in `message_sink` and
//! `protocol`.

use std::convert::Infallible;
use std::sync::Arc;

use crate::engine::mailbox::QueuedMessage;
use crate::engine::reply::OpenReply;
use crate::engine::wake::Wake;
use crate::handle::message_sink::{MessageSink, TimedSink};
use crate::handle::protocol::{Message, Protocol, ProtocolSink};
use crate::process::cell::ProcessCell;
use crate::process::dead_letter::{Content, LetterKind, Undelivered};
use crate::process::header::ProcessRef;
use crate::process::mailbox_item::MailboxItem;
use crate::process::offer::{Offer, Patience};

/// The message of a plain process, in its queue.
pub(crate) struct PlainMessage<M>(pub(crate) M);

impl<M: Message> MailboxItem for PlainMessage<M> {
    fn content(self) -> (LetterKind, Content) {
        (LetterKind::Cast, Content::new(self.0))
    }
}

impl<M: Message> MessageSink<M> for ProcessCell<PlainMessage<M>> {
    fn process(self: Arc<Self>) -> ProcessRef {
        self
    }

    fn offer(&self, message: M, patience: Patience<'_>) -> Offer<M> {
        self.offer(message, PlainMessage, None, patience)
    }

    fn push_if_free(&self, message: M) -> Result<(), M> {
        self.push_if_free(message, |message| {
            QueuedMessage::plain(PlainMessage(message))
        })
    }

    fn push_reserved(&self, message: M) -> Result<(), M> {
        self.push_reserved(message, |message| {
            QueuedMessage::plain(PlainMessage(message))
        })
    }

    fn dead_letter(&self, message: M, why: Undelivered) {
        self.dead_letter_item(PlainMessage(message), why);
    }
}

impl<M: Message> ProtocolSink<M> for ProcessCell<PlainMessage<M>> {
    fn offer_call(
        &self,
        call: Infallible,
        _: Arc<dyn OpenReply>,
        _: Patience<'_>,
    ) -> Result<Wake, Offer<Infallible>> {
        match call {}
    }

    fn push_reserved_call(
        &self,
        call: Infallible,
        _: Arc<dyn OpenReply>,
    ) -> Result<(), Infallible> {
        match call {}
    }

    fn timed_sink(self: Arc<Self>) -> Option<Arc<dyn TimedSink<M>>> {
        Some(self)
    }
}

/// The mailbox item of a process that accepts only calls from outside.
pub(crate) trait OnlyCalls: MailboxItem {
    /// Its protocol.
    type Protocol: Protocol<Cast = Infallible> + ?Sized;

    fn asked(call: <Self::Protocol as Protocol>::Call) -> Self;
}

impl<T: OnlyCalls> MessageSink<Infallible> for ProcessCell<T> {
    fn process(self: Arc<Self>) -> ProcessRef {
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

    fn dead_letter(&self, cast: Infallible, _: Undelivered) {
        match cast {}
    }
}

impl<T: OnlyCalls> ProtocolSink<T::Protocol> for ProcessCell<T> {
    fn offer_call(
        &self,
        call: <T::Protocol as Protocol>::Call,
        question: Arc<dyn OpenReply>,
        patience: Patience<'_>,
    ) -> Result<Wake, Offer<<T::Protocol as Protocol>::Call>> {
        Err(self.offer(call, T::asked, Some(question), patience))
    }

    fn push_reserved_call(
        &self,
        call: <T::Protocol as Protocol>::Call,
        question: Arc<dyn OpenReply>,
    ) -> Result<(), <T::Protocol as Protocol>::Call> {
        self.push_reserved((call, question), QueuedMessage::asked(T::asked))
            .map_err(|(call, _)| call)
    }
}
