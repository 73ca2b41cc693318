//! Messages of the other node to one process of this one.
//!
//! A message goes into the mailbox when it arrives. If the mailbox is full the message waits here, and everything after it: at
//! most a window of credits. A credit goes back when its message is in the mailbox, so a slow process delays only its own
//! senders. An ended process returns no credits for what it did not take: the notice of its end closes its account.

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
use ambit::message::{AnswerAs, DeliverError, Form, In, ReservedPlace};
use ambit::node::{AgreedProtocol, MethodEncoding, PeerProtocol, ProtocolBinding};
use ambit::telemetry::TraceContext;
use bytes::Bytes;
use parking_lot::Mutex;

use self::growth::GrowingWindow;
pub(crate) use self::growth::Growth;
use self::waiting::Waiting;
use crate::codec::any::AnyCodec;
use crate::remote::exports::Door;
use crate::rt;
use crate::session::Session;
use crate::session::answer::{Answer, UnderWay};
use crate::session::outgoing::NODE;
use crate::wire::{CloseCode, Local as Address, WireError};

/// A message that has come, where it was read.
pub(crate) struct Arrived<'a> {
    pub(crate) theirs: &'a Arc<PeerProtocol>,
    pub(crate) method: u32,
    pub(crate) framed: bool,
    pub(crate) from: Option<Address>,
    pub(crate) payload: &'a [u8],
    /// The payload lies in it.
    pub(crate) memory: &'a Bytes,
    /// True if no other message is in that memory.
    pub(crate) is_alone: bool,
    pub(crate) ask: Option<Ask>,
    /// The trace of whoever has sent it.
    pub(crate) trace: Option<TraceContext>,
}

impl Arrived<'_> {
    /// What reads it is partly the user's, and may panic: that fails one message, and nothing else. It is sent on in the
    /// trace it came in.
    fn caught<T>(&self, what: impl FnOnce() -> T) -> Result<T, ()> {
        let what = AssertUnwindSafe(|| match self.trace {
            Some(trace) => trace.in_scope(what),
            None => what(),
        });
        catch_unwind(what).map_err(drop)
    }

    /// Its arguments, to be read.
    fn input<'a>(&'a self, session: &'a Session, form: Form) -> In<'a, AnyCodec> {
        let input = In::with(session.codec, self.payload, form).process_encoding(session);
        match self.is_alone {
            true => input.sharing(self.memory),
            false => input,
        }
    }

    /// Returns the memory that the message holds while it waits, in bytes.
    fn bytes(&self) -> usize {
        self.payload.len() + size_of::<Waiting>()
    }
}

/// What is asked of a call.
#[derive(Clone, Copy)]
pub(crate) struct Ask {
    pub(crate) req: u64,
    /// How long the caller still waits; `None` without a limit.
    pub(crate) left: Option<Duration>,
}

pub(crate) struct Receiver {
    to: Address,
    /// That of the first message; recipients of the same process have others.
    sink: Door,
    /// Whether messages for it need credits.
    is_counted: bool,
    /// The process has ended.
    is_over: AtomicBool,
    inbox: Mutex<Inbox>,
}

struct Inbox {
    window: GrowingWindow,
    waiting: VecDeque<Waiting>,
    pumping: bool,
    /// The other node was notified that the process has ended: its account there is closed, so messages are not counted.
    is_closed: bool,
    /// With whom the last message was written; most come from one program.
    agreed: Option<AgreedProtocol>,
}

impl Inbox {
    /// What was agreed with whoever wrote a message.
    fn terms(&mut self, ours: &Arc<ProtocolBinding>, message: &Arrived<'_>) -> MethodEncoding {
        let known = self.agreed.take();
        let known = known.filter(|agreed| Arc::ptr_eq(agreed.theirs(), message.theirs));
        let agreed =
            known.unwrap_or_else(|| AgreedProtocol::new(ours.clone(), message.theirs.clone()));
        self.agreed.insert(agreed).terms(message.method)
    }
}

/// Where a message goes: into the mailbox if there is room, or into a place that is held.
enum Way<'a> {
    Door(&'a Door),
    Place(Box<dyn ReservedPlace<AnyCodec>>),
}

/// What became of a message.
enum Outcome {
    Done,
    Full,
    /// There is no process.
    Gone,
}

impl Receiver {
    pub(crate) fn new(to: Address, sink: Door, session: &Session) -> Arc<Self> {
        Self::made(to, sink, session, true)
    }

    /// Of the node itself, which needs no credits; what it is asked is counted as long as it is under way.
    pub(crate) fn uncounted(to: Address, sink: Door, session: &Session) -> Arc<Self> {
        Self::made(to, sink, session, false)
    }

    fn made(to: Address, sink: Door, session: &Session, is_counted: bool) -> Arc<Self> {
        Arc::new(Self {
            to,
            sink,
            is_counted,
            is_over: AtomicBool::new(false),
            inbox: Mutex::new(Inbox {
                window: GrowingWindow::new(&session.limits, session.growth.clone()),
                waiting: VecDeque::new(),
                pumping: false,
                is_closed: false,
                agreed: None,
            }),
        })
    }

    /// Takes one more message.
    pub(crate) fn take(self: &Arc<Self>, session: &Arc<Session>, message: &Arrived<'_>) {
        self.put(session, message);
        self.return_rest(session);
    }

    fn put(self: &Arc<Self>, session: &Arc<Session>, message: &Arrived<'_>) {
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
        match self.deliver(session, message, terms, Way::Door(&sink)) {
            Outcome::Done => self.admitted(session, &mut inbox, bytes),
            Outcome::Gone => {
                self.close(session, &mut inbox);
                self.admitted(session, &mut inbox, bytes);
            }
            Outcome::Full => {
                inbox.waiting.push_back(session.waits(message));
                inbox.pumping = true;
                drop(inbox);
                rt::spawn(waiting::pump(self.clone(), session.clone()));
            }
        }
    }

    /// Where the next message that waits goes; without one nothing waits from now on.
    fn next(&self, session: &Session) -> Option<Door> {
        let mut inbox = self.inbox.lock();
        let next = inbox.waiting.front();
        let sink = next.map(|message| self.sink(session, &message.theirs).into_owned());
        inbox.pumping = sink.is_some();
        sink
    }

    /// Counts a message that has come.
    fn count(&self, session: &Session, inbox: &mut Inbox, bytes: usize) -> Result<(), WireError> {
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

    /// A message is in the mailbox, or has been answered: credits go back by the half window.
    fn admitted(&self, session: &Session, inbox: &mut Inbox, bytes: usize) {
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

    /// If the message was long, the credits of long messages go back too.
    fn long_handled(&self, session: &Session, bytes: usize) {
        if let Some(parts) = session.long_parts(self.to, bytes)
            && let Some(count) = session.long.handled(parts)
        {
            session.control.credit(NODE, count);
        }
    }

    /// The process has ended: what it has handled is returned, so that the other node can forget it.
    fn over(&self, session: &Session) {
        self.is_over.store(true, Ordering::SeqCst);
        self.return_rest(session);
    }

    /// Returns what an ended process has handled, unless messages wait: the notice of its end comes with them.
    fn return_rest(&self, session: &Session) {
        if !self.is_over.load(Ordering::SeqCst) {
            return;
        }
        // The holder of the lock looks again when it has let go.
        if let Some(mut inbox) = self.inbox.try_lock()
            && inbox.waiting.is_empty()
            && !inbox.is_closed
            && let Some(rest) = inbox.window.window().rest()
        {
            session.control.credit(self.to, rest);
        }
    }

    /// How the process is spoken to in the protocol of a message.
    fn sink(&self, session: &Session, theirs: &PeerProtocol) -> Cow<'_, Door> {
        if !self.sink.is_of(theirs)
            && let Some(sink) = session.own.exports.sink(self.to, theirs)
        {
            return Cow::Owned(sink);
        }
        Cow::Borrowed(&self.sink)
    }

    fn deliver(
        &self,
        session: &Arc<Session>,
        message: &Arrived<'_>,
        terms: MethodEncoding,
        way: Way<'_>,
    ) -> Outcome {
        let form = match terms {
            MethodEncoding::Incompatible => {
                let differs = self.differs(session, message);
                self.refuse(session, message, &self.incompatible(message, differs));
                return Outcome::Done;
            }
            // What is framed can be read whenever the two are compatible.
            MethodEncoding::Form(_) if message.framed => Form::Framed,
            MethodEncoding::Form(Form::Compact) => Form::Compact,
            MethodEncoding::Form(Form::Framed) => {
                let text = "a message in a form that was not agreed";
                session.close(CloseCode::Malformed, text);
                return Outcome::Done;
            }
        };
        match message.ask {
            None => self.cast(session, message, form, way),
            Some(ask) => self.call(session, message, ask, form, way),
        }
    }

    fn cast(
        &self,
        session: &Arc<Session>,
        message: &Arrived<'_>,
        form: Form,
        way: Way<'_>,
    ) -> Outcome {
        let input = message.input(session, form);
        let delivered = message.caught(|| match way {
            Way::Place(place) => place
                .cast(message.method, input)
                .map_err(DeliverError::Decode),
            Way::Door(sink) => sink.exposed.cast(message.method, input),
        });
        match delivered {
            Ok(Ok(())) => {}
            Ok(Err(DeliverError::Cast(CastError::Full))) => return Outcome::Full,
            Ok(Err(DeliverError::Decode(error))) => session.stats.undecoded(&error.to_string()),
            Ok(Err(_)) => {
                session.stats.undelivered();
                return Outcome::Gone;
            }
            Err(()) => session.stats.undecoded("reading it panicked"),
        }
        Outcome::Done
    }

    fn call(
        &self,
        session: &Arc<Session>,
        message: &Arrived<'_>,
        ask: Ask,
        form: Form,
        way: Way<'_>,
    ) -> Outcome {
        if ask.left == Some(Duration::ZERO) {
            // Nobody would see the answer.
            return Outcome::Done;
        }
        let question = match self.is_counted {
            true => None,
            false => {
                let begun = session.questions.begin(message.bytes());
                if begun.is_none() {
                    self.refuse(session, message, &CallError::Full);
                    return Outcome::Done;
                }
                begun
            }
        };
        let input = message.input(session, form);
        let answer_as = self.answer_as(session, message, form, ask.left);
        let asked = message.caught(|| match way {
            Way::Place(place) => place.call(message.method, input, answer_as),
            Way::Door(sink) => sink.exposed.call(message.method, input, answer_as.now()),
        });
        match asked {
            Ok(Ok(answering)) if answering.is_full() => return Outcome::Full,
            Ok(Ok(answering)) => {
                let under_way = UnderWay {
                    answering,
                    _question: question,
                };
                self.answer(session, message, ask, form, under_way);
            }
            Ok(Err(error)) => self.unread(session, message, error.to_string()),
            Err(()) => self.unread(session, message, "reading it panicked".to_owned()),
        }
        Outcome::Done
    }

    fn answer_as(
        &self,
        session: &Arc<Session>,
        message: &Arrived<'_>,
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
        message: &Arrived<'_>,
        ask: Ask,
        form: Form,
        under_way: UnderWay,
    ) {
        let server = Some(self.to);
        let started = Answer::start(session, ask.req, (server, message.from), form, under_way);
        if !started {
            self.refuse(session, message, &CallError::Full);
        }
    }
}

/// Longer than anything is waited for.
const FOR_EVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

impl Session {
    /// A process of this node has ended.
    pub(crate) fn over(&self, process: Address) {
        let receiver = self.receivers.lock().remove(&process);
        if let Some(receiver) = receiver {
            receiver.over(self);
        }
    }
}
