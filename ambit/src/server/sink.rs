//! The message sinks of a server: that of its protocol, and one per type of info.

use std::sync::Arc;
use std::time::Duration;

use crate::engine::mailbox::QueuedMessage;
use crate::engine::reply::OpenReply;
use crate::engine::wake::Wake;
use crate::handle::message_sink::MessageSink;
use crate::handle::message_sink::TimedSink;
use crate::handle::process::Process;
use crate::handle::protocol::Protocol;
use crate::handle::protocol::ProtocolSink;
use crate::handle::recipient::{Recipient, RecipientSink};
use crate::handle::subject::Subject;
use crate::process::dead_letter::{Content, LetterKind, Undelivered};
use crate::process::header::ProcessRef;
use crate::process::mailbox_item::MailboxItem;
use crate::process::offer::{Offer, Patience};
use crate::process::system_message::SystemMessage;
use crate::process::timer::{Action, TickOutcome, TimerShared};
use crate::server::gen_server::ServerCell;
use crate::server::gen_server::{GenServer, Incoming};
use crate::server::info_bounds::InfoOf;
use crate::server::inline;

impl<S: GenServer> MailboxItem for Incoming<S> {
    fn content(self) -> (LetterKind, Content) {
        let kind = self.kind();
        let content = match self {
            Self::Call(call) => Content::new(call),
            Self::Cast(cast) => Content::new(cast),
            Self::Info(info) => Content::new(info),
            Self::Continue(next) => Content::new(next),
        };
        (kind, content)
    }
}

impl<S: GenServer> Incoming<S> {
    pub(crate) fn kind(&self) -> LetterKind {
        match self {
            Self::Call(_) => LetterKind::Call,
            Self::Cast(_) => LetterKind::Cast,
            Self::Info(_) | Self::Continue(_) => LetterKind::Info,
        }
    }
}

impl<S: GenServer> MessageSink<<S::Protocol as Protocol>::Cast> for ServerCell<S> {
    fn process(self: Arc<Self>) -> ProcessRef {
        self
    }

    fn offer(
        &self,
        message: <S::Protocol as Protocol>::Cast,
        patience: Patience<'_>,
    ) -> Offer<<S::Protocol as Protocol>::Cast> {
        self.offer(message, Incoming::Cast, None, patience)
    }

    fn push_if_free(
        &self,
        message: <S::Protocol as Protocol>::Cast,
    ) -> Result<(), <S::Protocol as Protocol>::Cast> {
        self.push_if_free(message, |cast| QueuedMessage::plain(Incoming::Cast(cast)))
    }

    fn push_reserved(
        &self,
        message: <S::Protocol as Protocol>::Cast,
    ) -> Result<(), <S::Protocol as Protocol>::Cast> {
        self.push_reserved(message, |cast| QueuedMessage::plain(Incoming::Cast(cast)))
    }

    fn dead_letter(&self, message: <S::Protocol as Protocol>::Cast, why: Undelivered) {
        self.dead_letter_item(Incoming::<S>::Cast(message), why);
    }
}

impl<S: GenServer> ProtocolSink<S::Protocol> for ServerCell<S> {
    fn offer_call(
        &self,
        call: <S::Protocol as Protocol>::Call,
        question: Arc<dyn OpenReply>,
        patience: Patience<'_>,
    ) -> Result<Wake, Offer<<S::Protocol as Protocol>::Call>> {
        let envelope = QueuedMessage::asked(Incoming::Call);
        self.put_if_free((call, question), envelope)
            .map_err(|(call, question)| self.offer(call, Incoming::Call, Some(question), patience))
    }

    fn push_reserved_call(
        &self,
        call: <S::Protocol as Protocol>::Call,
        question: Arc<dyn OpenReply>,
    ) -> Result<(), <S::Protocol as Protocol>::Call> {
        self.push_reserved((call, question), QueuedMessage::asked(Incoming::Call))
            .map_err(|(call, _)| call)
    }

    fn may_run_inline(&self) -> bool {
        inline::may::<S>(self)
    }

    fn run_inline(
        &self,
        call: <S::Protocol as Protocol>::Call,
        timeout: Option<Duration>,
    ) -> Result<(), <S::Protocol as Protocol>::Call> {
        inline::run(self, call, timeout)
    }
}

/// The sink of one type of info.
struct InfoSink<S: GenServer>(Arc<ServerCell<S>>);

impl<S: GenServer, T: InfoOf<S> + Send + 'static> MessageSink<T> for InfoSink<S> {
    fn process(self: Arc<Self>) -> ProcessRef {
        self.0.clone()
    }

    fn offer(&self, message: T, patience: Patience<'_>) -> Offer<T> {
        self.0.offer_converted(message, wrap::<S, T>, patience)
    }

    fn push_if_free(&self, message: T) -> Result<(), T> {
        self.0.push_converted_if_free(message, wrap::<S, T>)
    }

    fn push_reserved(&self, message: T) -> Result<(), T> {
        self.0.push_converted_reserved(message, wrap::<S, T>)
    }

    fn dead_letter(&self, message: T, why: Undelivered) {
        self.0.dead_letter_item(wrap::<S, T>(message), why);
    }
}

impl<S: GenServer, T: InfoOf<S> + Send + 'static> TimedSink<T> for InfoSink<S> {
    fn timed(&self, timer: &Arc<TimerShared>, message: T) -> bool {
        self.0.push_timed(timer, wrap::<S, T>(message))
    }

    fn item(&self, message: T) -> bool {
        self.0
            .push_system(SystemMessage::Item(wrap::<S, T>(message)))
            .is_ok()
    }
}

fn wrap<S: GenServer, T: InfoOf<S>>(message: T) -> Incoming<S> {
    Incoming::Info(message.info())
}

/// The infos of a server.
struct ServerInfos<S: GenServer + Protocol>(Subject<S>);

impl<S, T> RecipientSink<T> for ServerInfos<S>
where
    S: GenServer + Protocol,
    T: InfoOf<S> + Send + 'static,
{
    fn open(&self) -> Option<Arc<dyn TimedSink<T>>> {
        let port: ProcessRef = self.0.port()?;
        let cell = port.as_any().downcast::<ServerCell<S>>().ok()?;
        Some(Arc::new(InfoSink(cell)))
    }

    fn process(&self) -> &Process {
        &self.0
    }
}

/// The infos of the server that a context belongs to.
struct OwnInfos<S: GenServer> {
    cell: Arc<ServerCell<S>>,
    process: Process,
}

impl<S: GenServer, T: InfoOf<S> + Send + 'static> RecipientSink<T> for OwnInfos<S> {
    fn open(&self) -> Option<Arc<dyn TimedSink<T>>> {
        Some(Arc::new(InfoSink(self.cell.clone())))
    }

    fn process(&self) -> &Process {
        &self.process
    }
}

/// Returns a narrow handle for one type of the infos of the server of `cell`.
pub(crate) fn recipient<S: GenServer, T: InfoOf<S> + Send + 'static>(
    cell: &Arc<ServerCell<S>>,
) -> Recipient<T> {
    let process = Process::fixed(cell.clone());
    let cell = cell.clone();
    Recipient::behind(OwnInfos { cell, process })
}

/// Returns the action of a timer that sends the server an info of its own `Info` type.
pub(crate) fn own_info<S: GenServer>(cell: &Arc<ServerCell<S>>, info: S::Info) -> Action {
    let (cell, mut info) = (cell.clone(), Some(info));
    Box::new(move |timer| {
        let item = info.take().map(Incoming::Info);
        match item.is_some_and(|item| cell.push_timed(timer, item)) {
            true => TickOutcome::Queued,
            false => TickOutcome::NoReceiver,
        }
    })
}

impl<S: GenServer + Protocol> Subject<S> {
    /// Returns a narrow handle for one type of the server's `#[info]` messages. On the subject of a plain process it is
    /// a method of [`PlainRecipient`](crate::PlainRecipient), which the prelude has.
    pub fn recipient<T>(&self) -> Recipient<T>
    where
        T: InfoOf<S> + Send + 'static,
    {
        Recipient::behind(ServerInfos(self.clone()))
    }
}
