//! The entries of a queue.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::engine::reply::OpenReply;
use crate::trace::TraceContext;

/// One entry of the queue. Entries are moved often, so rarely used fields are boxed.
pub(crate) enum QueueEntry<M, N> {
    User(QueuedMessage<M>),
    /// A message with a trace.
    Traced(Box<Envelope<M>>),
    System(N),
}

/// A user message, with the question of its sender if it is a call.
pub(crate) struct QueuedMessage<M> {
    pub(crate) item: M,
    pub(crate) question: Option<Arc<dyn OpenReply>>,
}

/// A user message outside the queue, with its trace if tracing is used.
pub(crate) struct Envelope<M> {
    pub(crate) item: M,
    pub(crate) question: Option<Arc<dyn OpenReply>>,
    pub(crate) trace: Option<TraceContext>,
}

impl<M> QueuedMessage<M> {
    /// Creates a message without a question.
    #[inline]
    pub(crate) fn plain(item: M) -> Self {
        let question = None;
        Self { item, question }
    }

    /// Returns a function that combines a call, converted by `wrap`, and its question into a message.
    #[inline]
    pub(crate) fn asked<C>(
        wrap: impl FnOnce(C) -> M,
    ) -> impl FnOnce((C, Arc<dyn OpenReply>)) -> Self {
        |(call, question)| Self {
            item: wrap(call),
            question: Some(question),
        }
    }

    /// Adds the trace it was sent in.
    #[inline]
    pub(crate) fn within(self, trace: Option<TraceContext>) -> Envelope<M> {
        let Self { item, question } = self;
        Envelope {
            item,
            question,
            trace,
        }
    }
}

impl<M> Envelope<M> {
    /// Returns the queue's form of the message, and the trace.
    pub(crate) fn parts(self) -> (QueuedMessage<M>, Option<TraceContext>) {
        let (item, question) = (self.item, self.question);
        (QueuedMessage { item, question }, self.trace)
    }
}

impl<M, N> From<QueuedMessage<M>> for QueueEntry<M, N> {
    #[inline]
    fn from(envelope: QueuedMessage<M>) -> Self {
        Self::User(envelope)
    }
}

impl<M, N> From<Envelope<M>> for QueueEntry<M, N> {
    fn from(envelope: Envelope<M>) -> Self {
        match envelope.trace {
            Some(_) => Self::Traced(Box::new(envelope)),
            None => Self::User(envelope.parts().0),
        }
    }
}

impl<M, N> QueueEntry<M, N> {
    /// Returns true for a user message.
    #[inline]
    pub(crate) fn is_user(&self) -> bool {
        !matches!(self, Self::System(_))
    }

    /// Returns the user message, or the system message as an error.
    pub(crate) fn open(self) -> Result<Envelope<M>, N> {
        match self {
            Self::User(envelope) => Ok(envelope.within(None)),
            Self::Traced(envelope) => Ok(*envelope),
            Self::System(system) => Err(system),
        }
    }

    /// Returns the user message.
    pub(crate) fn item(&self) -> Option<&M> {
        match self {
            Self::User(bare) => Some(&bare.item),
            Self::Traced(envelope) => Some(&envelope.item),
            Self::System(_) => None,
        }
    }

    /// Returns the question of the message's sender.
    pub(crate) fn question(&self) -> Option<&Arc<dyn OpenReply>> {
        match self {
            Self::User(bare) => bare.question.as_ref(),
            Self::Traced(envelope) => envelope.question.as_ref(),
            Self::System(_) => None,
        }
    }
}

/// Joins two parts of a queue. The shorter one moves, entry by entry: `append` is more code for each type of message.
pub(crate) fn join<T>(mut first: VecDeque<T>, mut second: VecDeque<T>) -> VecDeque<T> {
    if first.len() < second.len() {
        while let Some(entry) = first.pop_back() {
            second.push_front(entry);
        }
        return second;
    }
    while let Some(entry) = second.pop_front() {
        first.push_back(entry);
    }
    first
}
