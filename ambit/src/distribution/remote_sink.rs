//! The sink of a process of another node: it encodes messages and gives them to the session.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::distribution::credit_queue::{NEVER_LEFT, SendEntry};
use crate::distribution::protocol_binding::{AgreedProtocol, MethodEncoding, PeerProtocol};
use crate::distribution::remote_envelope::{RemoteEnvelope, Request, Unsent};
use crate::distribution::remote_proxy::RemoteProxy;
use crate::distribution::session::Session;
use crate::engine::queue_ticket::{QueueTicket, TicketOutcome};
use crate::engine::reply::OpenReply;
use crate::engine::wake::Wake;
use crate::error::{CallError, CastError, Executed};
use crate::handle::message_sink::MessageSink;
use crate::handle::message_sink::TimedSink;
use crate::handle::protocol::Protocol;
use crate::handle::protocol::ProtocolSink;
use crate::message::{Codec, EncodeError, Form, Out, Remote};
use crate::process::current;
use crate::process::dead_letter::{Content, LetterKind, Undelivered};
use crate::process::header::ProcessRef;
use crate::process::offer::{Offer, Patience};
use crate::process::timer::TimerShared;

/// The sink of a process of another node that implements `P`.
pub(crate) struct RemoteSink<P: ?Sized, C: Codec> {
    pub(crate) proxy: Arc<RemoteProxy<C>>,
    agreed: AgreedProtocol,
    protocol: PhantomData<fn(&P)>,
}

/// The initial buffer in bytes, enough for the arguments of most messages.
const SMALL: usize = 64;

/// The reason why a message cannot be encoded for the other node.
enum EncodeFailure {
    Incompatible { method: String, differs: Box<str> },
    Encode(EncodeError),
}

impl EncodeFailure {
    fn of_cast(self) -> CastError {
        match self {
            Self::Incompatible { method, differs } => CastError::Incompatible { method, differs },
            Self::Encode(EncodeError::TooLarge { limit }) => CastError::TooLarge { limit },
            Self::Encode(error) => CastError::Unsendable {
                why: error.to_string(),
            },
        }
    }

    fn of_call(self) -> CallError {
        match self {
            Self::Incompatible { method, differs } => CallError::Incompatible { method, differs },
            Self::Encode(EncodeError::TooLarge { limit }) => CallError::TooLarge { limit },
            Self::Encode(error) => CallError::Unsendable {
                why: error.to_string(),
            },
        }
    }
}

impl<P: Remote + ?Sized, C: Codec> RemoteSink<P, C> {
    /// Returns the protocol in the version of the other node.
    pub(crate) fn theirs(&self) -> &Arc<PeerProtocol> {
        self.agreed.theirs()
    }

    fn incompatible(&self, method: u32) -> EncodeFailure {
        let ours = self.agreed.ours();
        let differs = self.agreed.differs(method, ["there", "here"]);
        EncodeFailure::Incompatible {
            method: format!("{}::{}", ours.name(), ours.method_name(method)),
            differs: differs.into(),
        }
    }

    /// Encodes the arguments of a message.
    fn write(
        &self,
        session: &dyn Session<C>,
        method: u32,
        put: impl FnOnce(&mut Out<'_, C>) -> Result<(), EncodeError>,
    ) -> Result<(Form, Vec<u8>), EncodeFailure> {
        let MethodEncoding::Form(form) = self.agreed.terms(method) else {
            return Err(self.incompatible(method));
        };
        let theirs = match form {
            Form::Compact => None,
            Form::Framed => self.theirs().contract(),
        };
        let mut out = Out::with(session.codec(), form)
            .onto(Vec::with_capacity(SMALL))
            .limit(session.limit())
            .process_encoding(session);
        if let Some(theirs) = &theirs {
            out = out.for_peer(theirs);
        }
        put(&mut out).map_err(EncodeFailure::Encode)?;
        Ok((form, out.into_bytes()))
    }

    fn envelope(&self, method: u32, (form, payload): (Form, Vec<u8>)) -> RemoteEnvelope<C> {
        RemoteEnvelope {
            id: self.proxy.system().next_ref(),
            to: self.proxy.pid(),
            from: current::pid(),
            protocol: self.agreed.ours().clone(),
            method,
            form,
            payload,
            request: None,
            trace: None,
            ticket: None,
            accepted: None,
        }
    }

    fn cast_envelope(
        &self,
        session: &dyn Session<C>,
        cast: &P::Cast,
    ) -> Result<RemoteEnvelope<C>, CastError> {
        let method = P::cast_tag(cast);
        match self.write(session, method, |out| P::put_cast(cast, out)) {
            Ok(written) => {
                let envelope = self.envelope(method, written);
                Ok(envelope.within_trace(session, self.proxy.system()))
            }
            Err(error) => Err(error.of_cast()),
        }
    }

    fn call_envelope(
        &self,
        session: &dyn Session<C>,
        call: P::Call,
        question: &Arc<dyn OpenReply>,
    ) -> Result<RemoteEnvelope<C>, CallError> {
        let method = P::call_tag(&call);
        match self.write(session, method, |out| P::put_call(&call, out)) {
            Ok(written) => {
                let mut envelope = self.envelope(method, written);
                let system = self.proxy.system().clone();
                let waiting = P::waiting(call);
                envelope.request = Some(Request::new(question.clone(), waiting, system));
                Ok(envelope.within_trace(session, self.proxy.system()))
            }
            Err(error) => Err(error.of_call()),
        }
    }
}

impl<P: Remote + ?Sized, C: Codec> MessageSink<P::Cast> for RemoteSink<P, C> {
    fn process(self: Arc<Self>) -> ProcessRef {
        self
    }

    fn offer(&self, cast: P::Cast, patience: Patience<'_>) -> Offer<P::Cast> {
        if !self.proxy.core.is_alive() {
            return Offer::Closed(cast);
        }
        let Some(session) = self.proxy.session() else {
            return Offer::Unsent(cast, CastError::NoConnection);
        };
        let waits = !matches!(patience, Patience::None);
        if !waits && !self.proxy.may_try() {
            return Offer::Full(cast);
        }
        let envelope = match self.cast_envelope(&*session, &cast) {
            Ok(envelope) => envelope,
            Err(error) => return Offer::Unsent(cast, error),
        };
        match self.proxy.try_send(&*session, envelope) {
            Ok(()) => Offer::Queued,
            Err(Unsent::Lost(_)) => Offer::Unsent(cast, CastError::NoConnection),
            Err(Unsent::Unsendable(why)) => Offer::Unsent(cast, CastError::Unsendable { why }),
            Err(Unsent::Full(_)) if !waits => Offer::Full(cast),
            Err(Unsent::Full(mut envelope)) => {
                let id = envelope.id;
                envelope.ticket = patience.ticket();
                match self.proxy.wait_to_send(&*session, envelope) {
                    Ok(()) => Offer::Waiting(id),
                    Err(_) => Offer::Unsent(cast, CastError::NoConnection),
                }
            }
        }
    }

    fn push_if_free(&self, cast: P::Cast) -> Result<(), P::Cast> {
        match self.offer(cast, Patience::None) {
            Offer::Queued | Offer::Waiting(_) => Ok(()),
            Offer::Full(cast) | Offer::Dropped(cast) | Offer::Closed(cast) => Err(cast),
            Offer::Unsent(cast, _) => Err(cast),
        }
    }

    fn push_reserved(&self, cast: P::Cast) -> Result<(), P::Cast> {
        let session = self.proxy.session();
        let Some(session) = session.filter(|_| self.proxy.core.is_alive()) else {
            self.proxy.release();
            return Err(cast);
        };
        let Ok(envelope) = self.cast_envelope(&*session, &cast) else {
            self.proxy.release();
            return Err(cast);
        };
        let sent = self.proxy.send_inline(&*session, envelope);
        sent.map_err(|_| cast)
    }

    fn dead_letter(&self, cast: P::Cast, why: Undelivered) {
        let core = &self.proxy.core;
        core.dead_letter(LetterKind::Cast, why, Content::new(cast));
    }
}

impl<P: Remote + ?Sized, C: Codec> ProtocolSink<P> for RemoteSink<P, C> {
    /// A message that cannot be sent at all is answered before this returns; so it counts as taken.
    fn offer_call(
        &self,
        call: P::Call,
        question: Arc<dyn OpenReply>,
        patience: Patience<'_>,
    ) -> Result<Wake, Offer<P::Call>> {
        Err(self.ask(call, &question, &patience))
    }

    fn push_reserved_call(
        &self,
        call: P::Call,
        question: Arc<dyn OpenReply>,
    ) -> Result<(), P::Call> {
        let Some(session) = self.proxy.session() else {
            self.proxy.release();
            question.fail(CallError::NoConnection {
                executed: Executed::No,
            });
            return Ok(());
        };
        match self.call_envelope(&*session, call, &question) {
            Ok(envelope) => {
                let refused = self.proxy.send_inline(&*session, envelope);
                if let Err(Unsent::Lost(lost)) = refused {
                    lost.fail(TicketOutcome::Lost, NEVER_LEFT);
                }
            }
            Err(error) => {
                self.proxy.release();
                question.fail(error);
            }
        }
        Ok(())
    }

    fn timed_sink(self: Arc<Self>) -> Option<Arc<dyn TimedSink<P::Cast>>> {
        Some(self)
    }
}

impl<P: Remote + ?Sized, C: Codec> RemoteSink<P, C> {
    fn ask(
        &self,
        call: P::Call,
        question: &Arc<dyn OpenReply>,
        patience: &Patience<'_>,
    ) -> Offer<P::Call> {
        let Some(session) = self.proxy.session() else {
            question.fail(CallError::NoConnection {
                executed: Executed::No,
            });
            return Offer::Queued;
        };
        let waits = !matches!(patience, Patience::None);
        if !waits && !self.proxy.may_send() {
            return Offer::Full(call);
        }
        let envelope = match self.call_envelope(&*session, call, question) {
            Ok(envelope) => envelope,
            Err(error) => {
                question.fail(error);
                return Offer::Queued;
            }
        };
        let id = envelope.id;
        let refused = self.proxy.try_send(&*session, envelope).err();
        let lost = match refused {
            Some(Unsent::Lost(envelope)) => Some(envelope),
            Some(Unsent::Full(envelope)) if waits => {
                self.proxy.wait_to_send(&*session, envelope).err()
            }
            // The capacity was lost in this moment; the message has been taken apart.
            Some(Unsent::Full(_)) => {
                question.fail(CallError::Full);
                None
            }
            Some(Unsent::Unsendable(why)) => {
                question.fail(CallError::Unsendable { why });
                None
            }
            None => None,
        };
        if let Some(lost) = lost {
            lost.fail(TicketOutcome::Lost, NEVER_LEFT);
        }
        // This number withdraws it, from the send queue or from the other node.
        Offer::Waiting(id)
    }
}

impl<P: Remote + ?Sized, C: Codec> TimedSink<P::Cast> for RemoteSink<P, C> {
    fn timed(&self, timer: &Arc<TimerShared>, cast: P::Cast) -> bool {
        // A message that has been sent cannot be cancelled.
        if !timer.take() {
            return true;
        }
        match self.offer(cast, Patience::None) {
            Offer::Queued | Offer::Waiting(_) => true,
            Offer::Full(cast) | Offer::Dropped(cast) => {
                self.dead_letter(cast, Undelivered::Overflow);
                true
            }
            Offer::Closed(cast) | Offer::Unsent(cast, _) => {
                self.dead_letter(cast, Undelivered::Ended);
                false
            }
        }
    }

    fn item(&self, cast: P::Cast) -> bool {
        matches!(self.offer(cast, Patience::None), Offer::Queued)
    }
}

impl<P: Protocol + ?Sized, C: Codec> fmt::Debug for RemoteSink<P, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RemoteSink({}, {})", P::NAME, self.proxy.core.pid)
    }
}

impl<P: ?Sized, C: Codec> RemoteSink<P, C> {
    pub(crate) fn new(proxy: Arc<RemoteProxy<C>>, agreed: AgreedProtocol) -> Self {
        Self {
            proxy,
            agreed,
            protocol: PhantomData,
        }
    }

    pub(crate) fn reserve_slot(&self, ticket: &Arc<QueueTicket>) -> Option<u64> {
        if !self.proxy.core.is_alive() {
            return None;
        }
        let id = self.proxy.system().next_ref();
        let ticket = ticket.clone();
        self.proxy.wait(SendEntry::Reservation { id, ticket });
        Some(id)
    }

    pub(crate) fn take_back(&self, id: u64) -> bool {
        if self.proxy.withdraw(id) {
            return true;
        }
        if let Some(session) = self.proxy.session() {
            session.cancel(id);
        }
        false
    }
}
