//! Messages of the other node to one process of this node.
//!
//! A message is put into the mailbox when it arrives. If the mailbox is full, this message and all later ones wait
//! here: at most one window of credits. A credit is returned when its message is in the mailbox, so a slow process
//! delays only its own senders. An ended process returns no credits for messages that it did not accept: the
//! notification of its end closes its credit window.

mod growth;
mod refused;
mod waiting;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ambit::error::{CallError, CastError};
use ambit::message::{AnswerAs, DeliverError, Form, In, ReservedSlot};
use ambit::node::{AgreedProtocol, MethodEncoding, PeerProtocol, ProtocolBinding};
use ambit::telemetry::TraceContext;
use bytes::Bytes;
use parking_lot::Mutex;

use self::growth::GrowingWindow;
pub(crate) use self::growth::Growth;
use self::waiting::WaitingMessage;
use crate::codec::any::AnyCodec;
use crate::remote::exports::ExportedSink;
use crate::rt;
use crate::session::Session;
use crate::session::answer::{Answer, PendingAnswer};
use crate::session::outgoing::NODE;
use crate::wire::{CloseCode, ProcessAddress as Address, WireError};

/// A message that has arrived, in the memory that it was read into.
pub(crate) struct ReceivedMessage<'a> {
    pub(crate) theirs: &'a Arc<PeerProtocol>,
    pub(crate) method: u32,
    pub(crate) framed: bool,
    pub(crate) from: Option<Address>,
    pub(crate) payload: &'a [u8],
    /// The memory that contains the payload.
    pub(crate) memory: &'a Bytes,
    /// True if that memory contains no other message.
    pub(crate) is_alone: bool,
    pub(crate) ask: Option<CallHeader>,
    /// The trace of the sender.
    pub(crate) trace: Option<TraceContext>,
}

impl ReceivedMessage<'_> {
    /// Runs code that reads the message, in the trace that the message carries. Part of that code belongs to the user
    /// and may panic: this fails only that message.
    fn caught<T>(&self, what: impl FnOnce() -> T) -> Result<T, ()> {
        let what = AssertUnwindSafe(|| match self.trace {
            Some(trace) => trace.in_scope(what),
            None => what(),
        });
        catch_unwind(what).map_err(drop)
    }

    /// Returns the arguments for decoding.
    fn input<'a>(&'a self, session: &'a Session, form: Form) -> In<'a, AnyCodec> {
        let input = In::with(session.codec, self.payload, form).process_encoding(session);
        match self.is_alone {
            true => input.sharing(self.memory),
            false => input,
        }
    }

    /// Returns the memory that the message holds while it waits, in bytes.
    fn bytes(&self) -> usize {
        self.payload.len() + size_of::<WaitingMessage>()
    }
}

/// The number of a call, and how long its caller waits.
#[derive(Clone, Copy)]
pub(crate) struct CallHeader {
    pub(crate) req: u64,
    /// How long the caller still waits; `None` without a limit.
    pub(crate) left: Option<Duration>,
}

pub(crate) struct Receiver {
    to: Address,
    /// The sink of the first message; recipients of the same process have other sinks.
    sink: ExportedSink,
    /// Whether messages for the process need credits.
    is_counted: bool,
    /// Whether the process has ended.
    is_over: AtomicBool,
    inbox: Mutex<ReceiveQueue>,
}

struct ReceiveQueue {
    window: GrowingWindow,
    waiting: VecDeque<WaitingMessage>,
    pumping: bool,
    /// Whether the other node was notified that the process has ended: its credit window there is closed, so messages
    /// are not counted.
    is_closed: bool,
    /// The agreement with the program that wrote the last message; most messages come from one program.
    agreed: Option<AgreedProtocol>,
}

impl ReceiveQueue {
    /// Returns the encoding that was agreed with the program that wrote a message.
    fn terms(
        &mut self,
        ours: &Arc<ProtocolBinding>,
        message: &ReceivedMessage<'_>,
    ) -> MethodEncoding {
        let known = self.agreed.take();
        let known = known.filter(|agreed| Arc::ptr_eq(agreed.theirs(), message.theirs));
        let agreed =
            known.unwrap_or_else(|| AgreedProtocol::new(ours.clone(), message.theirs.clone()));
        self.agreed.insert(agreed).terms(message.method)
    }
}

/// Where a message goes: into the mailbox if there is capacity, or into a reserved slot.
enum DeliveryTarget<'a> {
    Sink(&'a ExportedSink),
    Reserved(Box<dyn ReservedSlot<AnyCodec>>),
}

/// The outcome of a delivery.
enum DeliveryOutcome {
    Done,
    Full,
    /// The process does not exist.
    Gone,
}

impl Receiver {
    pub(crate) fn new(to: Address, sink: ExportedSink, session: &Session) -> Arc<Self> {
        Self::made(to, sink, session, true)
    }

    /// Creates the receiver of the node itself, which needs no credits; unfinished requests to it are counted.
    pub(crate) fn uncounted(to: Address, sink: ExportedSink, session: &Session) -> Arc<Self> {
        Self::made(to, sink, session, false)
    }

    fn made(to: Address, sink: ExportedSink, session: &Session, is_counted: bool) -> Arc<Self> {
        Arc::new(Self {
            to,
            sink,
            is_counted,
            is_over: AtomicBool::new(false),
            inbox: Mutex::new(ReceiveQueue {
                window: GrowingWindow::new(&session.limits, session.growth.clone()),
                waiting: VecDeque::new(),
                pumping: false,
                is_closed: false,
                agreed: None,
            }),
        })
    }

    /// Accepts the next message.
    pub(crate) fn take(self: &Arc<Self>, session: &Arc<Session>, message: &ReceivedMessage<'_>) {
        self.put(session, message);
        self.return_rest(session);
    }

    fn put(self: &Arc<Self>, session: &Arc<Session>, message: &ReceivedMessage<'_>) {
        let bytes = message.payload.len();
        let mut inbox = self.inbox.lock();
        if let Err(error) = self.count(session, &mut inbox, bytes) {
            session.close(error.close_code(), error.to_string());
            return;
        }
        if inbox.pumping {
            inbox.waiting.push_back(session.waits(message));
            return;
        }
        let sink = self.sink(session, message.theirs);
        let terms = inbox.terms(&sink.binding, message);
        match self.deliver(session, message, terms, DeliveryTarget::Sink(&sink)) {
            DeliveryOutcome::Done => self.admitted(session, &mut inbox, bytes),
            DeliveryOutcome::Gone => {
                self.close(session, &mut inbox);
                self.admitted(session, &mut inbox, bytes);
            }
            DeliveryOutcome::Full => {
                inbox.waiting.push_back(session.waits(message));
                inbox.pumping = true;
                drop(inbox);
                rt::spawn(waiting::pump(self.clone(), session.clone()));
            }
        }
    }

    /// Returns the sink for the next waiting message. If there is none, later messages no longer wait.
    fn next(&self, session: &Session) -> Option<ExportedSink> {
        let mut inbox = self.inbox.lock();
        let next = inbox.waiting.front();
        let sink = next.map(|message| self.sink(session, &message.theirs).into_owned());
        inbox.pumping = sink.is_some();
        sink
    }

    /// Counts a message that has arrived.
    fn count(
        &self,
        session: &Session,
        inbox: &mut ReceiveQueue,
        bytes: usize,
    ) -> Result<(), WireError> {
        if !self.is_counted {
            return Ok(());
        }
        if let Some(parts) = session.long_parts(self.to, bytes) {
            session.long.arrived(parts)?;
        }
        if inbox.is_closed {
            return Ok(());
        }
        inbox.window.window().arrived(session.limits.cost(bytes))
    }

    /// Records that a message is in the mailbox or was answered. Credits are returned per half window.
    fn admitted(&self, session: &Session, inbox: &mut ReceiveQueue, bytes: usize) {
        if !self.is_counted {
            return;
        }
        self.long_handled(session, bytes);
        if inbox.is_closed {
            return;
        }
        let keeps_up = inbox.waiting.is_empty();
        let (cost, rtt) = (session.limits.cost(bytes), session.rtt());
        if let Some(count) = inbox.window.handled(cost, keeps_up, rt::now, rtt) {
            session.control.credit(self.to, count);
        }
    }

    /// If the message was long, returns the credits for long messages too.
    fn long_handled(&self, session: &Session, bytes: usize) {
        if let Some(parts) = session.long_parts(self.to, bytes)
            && let Some(count) = session.long.handled(parts)
        {
            session.control.credit(NODE, count);
        }
    }

    /// Handles the end of the process: returns the credits of handled messages, so that the other node can forget the
    /// process.
    fn over(&self, session: &Session) {
        self.is_over.store(true, Ordering::SeqCst);
        self.return_rest(session);
    }

    /// Returns the credits of messages that an ended process has handled, unless messages wait: the notification of its
    /// end comes with them.
    fn return_rest(&self, session: &Session) {
        if !self.is_over.load(Ordering::SeqCst) {
            return;
        }
        // The thread that holds the lock checks again after releasing it.
        if let Some(mut inbox) = self.inbox.try_lock()
            && inbox.waiting.is_empty()
            && !inbox.is_closed
            && let Some(rest) = inbox.window.window().rest()
        {
            session.control.credit(self.to, rest);
        }
    }

    /// Returns the sink for the protocol of a message.
    fn sink(&self, session: &Session, theirs: &PeerProtocol) -> Cow<'_, ExportedSink> {
        if !self.sink.is_of(theirs)
            && let Some(sink) = session.node_state.exports.sink(self.to, theirs)
        {
            return Cow::Owned(sink);
        }
        Cow::Borrowed(&self.sink)
    }

    fn deliver(
        &self,
        session: &Arc<Session>,
        message: &ReceivedMessage<'_>,
        terms: MethodEncoding,
        target: DeliveryTarget<'_>,
    ) -> DeliveryOutcome {
        let form = match terms {
            MethodEncoding::Incompatible => {
                let differs = self.differs(session, message);
                self.refuse(session, message, &self.incompatible(message, differs));
                return DeliveryOutcome::Done;
            }
            // A framed message can be read whenever the two protocols are compatible.
            MethodEncoding::Form(_) if message.framed => Form::Framed,
            MethodEncoding::Form(Form::Compact) => Form::Compact,
            MethodEncoding::Form(Form::Framed) => {
                let text = "a message in a form that was not agreed";
                session.close(CloseCode::Malformed, text);
                return DeliveryOutcome::Done;
            }
        };
        match message.ask {
            None => self.cast(session, message, form, target),
            Some(ask) => self.call(session, message, ask, form, target),
        }
    }

    fn cast(
        &self,
        session: &Arc<Session>,
        message: &ReceivedMessage<'_>,
        form: Form,
        target: DeliveryTarget<'_>,
    ) -> DeliveryOutcome {
        let input = message.input(session, form);
        let delivered = message.caught(|| match target {
            DeliveryTarget::Reserved(place) => place
                .cast(message.method, input)
                .map_err(DeliverError::Decode),
            DeliveryTarget::Sink(sink) => sink.exposed.cast(message.method, input),
        });
        match delivered {
            Ok(Ok(())) => {}
            Ok(Err(DeliverError::Cast(CastError::Full))) => return DeliveryOutcome::Full,
            Ok(Err(DeliverError::Decode(error))) => session.stats.undecoded(&error.to_string()),
            Ok(Err(_)) => {
                session.stats.undelivered();
                return DeliveryOutcome::Gone;
            }
            Err(()) => session.stats.undecoded("reading it panicked"),
        }
        DeliveryOutcome::Done
    }

    fn call(
        &self,
        session: &Arc<Session>,
        message: &ReceivedMessage<'_>,
        ask: CallHeader,
        form: Form,
        target: DeliveryTarget<'_>,
    ) -> DeliveryOutcome {
        if ask.left == Some(Duration::ZERO) {
            // No caller would see the answer.
            return DeliveryOutcome::Done;
        }
        let question = match self.is_counted {
            true => None,
            false => {
                let begun = session.request_bytes.begin(message.bytes());
                if begun.is_none() {
                    self.refuse(session, message, &CallError::Full);
                    return DeliveryOutcome::Done;
                }
                begun
            }
        };
        let input = message.input(session, form);
        let answer_as = self.answer_as(session, message, form, ask.left);
        let sent_calls = message.caught(|| match target {
            DeliveryTarget::Reserved(place) => place.call(message.method, input, answer_as),
            DeliveryTarget::Sink(sink) => sink.exposed.call(message.method, input, answer_as.now()),
        });
        match sent_calls {
            Ok(Ok(answering)) if answering.is_full() => return DeliveryOutcome::Full,
            Ok(Ok(answering)) => {
                let pending = PendingAnswer {
                    answering,
                    _bytes: question,
                };
                self.answer(session, message, ask, form, pending);
            }
            Ok(Err(error)) => self.unread(session, message, error.to_string()),
            Err(()) => self.unread(session, message, "reading it panicked".to_owned()),
        }
        DeliveryOutcome::Done
    }

    fn answer_as(
        &self,
        session: &Arc<Session>,
        message: &ReceivedMessage<'_>,
        form: Form,
        left: Option<Duration>,
    ) -> AnswerAs<AnyCodec> {
        let limit = ambit::node::Session::limit(&**session);
        let mut answer = AnswerAs::form(form)
            .limit(limit)
            .process_encoding(session.clone());
        answer = answer.timeout(left.unwrap_or(FOR_EVER));
        if form == Form::Framed
            && let Some(theirs) = message.theirs.contract()
        {
            answer = answer.for_peer(theirs);
        }
        answer
    }

    fn answer(
        &self,
        session: &Arc<Session>,
        message: &ReceivedMessage<'_>,
        ask: CallHeader,
        form: Form,
        pending: PendingAnswer,
    ) {
        let server = Some(self.to);
        let started = Answer::start(session, ask.req, (server, message.from), form, pending);
        if !started {
            self.refuse(session, message, &CallError::Full);
        }
    }
}

/// Longer than any wait.
const FOR_EVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

impl Session {
    /// Handles the end of a process of this node.
    pub(crate) fn over(&self, process: Address) {
        let receiver = self.receivers.lock().remove(&process);
        if let Some(receiver) = receiver {
            receiver.over(self);
        }
    }
}
