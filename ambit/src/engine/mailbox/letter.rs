//! What stands in a queue.

use std::sync::Arc;

use crate::engine::reply::Question;
use crate::trace::TraceContext;

/// One entry of the queue. It is copied on its way, so what few messages have stands behind a pointer.
pub(crate) enum Entry<M, N> {
    User(Bare<M>),
    /// One that has a trace.
    Traced(Box<Letter<M>>),
    Note(N),
}

/// A user message, and for a call the question that its sender waits for.
pub(crate) struct Bare<M> {
    pub(crate) item: M,
    pub(crate) question: Option<Arc<dyn Question>>,
}

/// The same outside of the queue, with the trace that it belongs to, if anybody follows those.
pub(crate) struct Letter<M> {
    pub(crate) item: M,
    pub(crate) question: Option<Arc<dyn Question>>,
    pub(crate) trace: Option<TraceContext>,
}

impl<M> Bare<M> {
    /// A message whose sender waits for no answer.
    #[inline]
    pub(crate) fn plain(item: M) -> Self {
        let question = None;
        Self { item, question }
    }

    /// What makes the message of a call, which `wrap` turns into the queue's form of it, and its question into one.
    #[inline]
    pub(crate) fn asked<C>(
        wrap: impl FnOnce(C) -> M,
    ) -> impl FnOnce((C, Arc<dyn Question>)) -> Self {
        |(call, question)| Self {
            item: wrap(call),
            question: Some(question),
        }
    }

    /// The same, sent in this trace.
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
    /// What stands in the queue, and the trace.
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
    /// Whether it is a user message.
    #[inline]
    pub(crate) fn is_user(&self) -> bool {
        !matches!(self, Self::Note(_))
    }

    /// The letter, or the note.
    pub(crate) fn open(self) -> Result<Letter<M>, N> {
        match self {
            Self::User(letter) => Ok(letter.within(None)),
            Self::Traced(letter) => Ok(*letter),
            Self::Note(note) => Err(note),
        }
    }

    /// The user message.
    pub(crate) fn item(&self) -> Option<&M> {
        match self {
            Self::User(bare) => Some(&bare.item),
            Self::Traced(letter) => Some(&letter.item),
            Self::Note(_) => None,
        }
    }

    /// What the sender of the message waits for.
    pub(crate) fn question(&self) -> Option<&Arc<dyn Question>> {
        match self {
            Self::User(bare) => bare.question.as_ref(),
            Self::Traced(letter) => letter.question.as_ref(),
            Self::Note(_) => None,
        }
    }
}
