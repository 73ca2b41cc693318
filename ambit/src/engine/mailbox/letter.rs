//! The entries of a queue.

use std::sync::Arc;

use crate::engine::reply::Question;
use crate::trace::TraceContext;

/// One entry of the queue. Entries are moved often, so rarely used fields are boxed.
pub(crate) enum Entry<M, N> {
    User(Bare<M>),
    /// A message with a trace.
    Traced(Box<Letter<M>>),
    Note(N),
}

/// A user message, with the question of its sender if it is a call.
pub(crate) struct Bare<M> {
    pub(crate) item: M,
    pub(crate) question: Option<Arc<dyn Question>>,
}

/// A user message outside of the queue, with its trace if tracing is used.
pub(crate) struct Letter<M> {
    pub(crate) item: M,
    pub(crate) question: Option<Arc<dyn Question>>,
    pub(crate) trace: Option<TraceContext>,
}

impl<M> Bare<M> {
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
    ) -> impl FnOnce((C, Arc<dyn Question>)) -> Self {
        |(call, question)| Self {
            item: wrap(call),
            question: Some(question),
        }
    }

    /// Adds the trace it was sent in.
    #[inline]
    pub(crate) fn within(self, trace: Option<TraceContext>) -> Letter<M> {
        let Self { item, question } = self;
        Letter {
            item,
            question,
            trace,
        }
    }
}

impl<M> Letter<M> {
    /// Returns the queue's form of the message, and the trace.
    pub(crate) fn parts(self) -> (Bare<M>, Option<TraceContext>) {
        let (item, question) = (self.item, self.question);
        (Bare { item, question }, self.trace)
    }
}

impl<M, N> From<Bare<M>> for Entry<M, N> {
    #[inline]
    fn from(letter: Bare<M>) -> Self {
        Self::User(letter)
    }
}

impl<M, N> From<Letter<M>> for Entry<M, N> {
    fn from(letter: Letter<M>) -> Self {
        match letter.trace {
            Some(_) => Self::Traced(Box::new(letter)),
            None => Self::User(letter.parts().0),
        }
    }
}

impl<M, N> Entry<M, N> {
    /// Returns true for a user message.
    #[inline]
    pub(crate) fn is_user(&self) -> bool {
        !matches!(self, Self::Note(_))
    }

    /// Returns the user message, or the note as an error.
    pub(crate) fn open(self) -> Result<Letter<M>, N> {
        match self {
            Self::User(letter) => Ok(letter.within(None)),
            Self::Traced(letter) => Ok(*letter),
            Self::Note(note) => Err(note),
        }
    }

    /// Returns the user message.
    pub(crate) fn item(&self) -> Option<&M> {
        match self {
            Self::User(bare) => Some(&bare.item),
            Self::Traced(letter) => Some(&letter.item),
            Self::Note(_) => None,
        }
    }

    /// Returns the question of the message's sender.
    pub(crate) fn question(&self) -> Option<&Arc<dyn Question>> {
        match self {
            Self::User(bare) => bare.question.as_ref(),
            Self::Traced(letter) => letter.question.as_ref(),
            Self::Note(_) => None,
        }
    }
}
