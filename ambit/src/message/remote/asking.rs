//! The callee's side of a call from another node.

use crate::engine::reply::ReplyTo;
use crate::handle::protocol::Protocol;
use crate::handle::subject::Subject;
use crate::message::codec::Codec;
use crate::message::error::EncodeError;
use crate::message::out::Out;
use crate::message::process_encoding::AnswerAs;
use crate::message::remote::Answering;

/// The target of a call from another node, and the encoding of its reply.
///
/// [`Exposed::call`](crate::message::Exposed::call) creates one; [`Exposed`](crate::message::Exposed) has an example.
#[derive(Debug)]
pub struct Asking<'a, P: Protocol + ?Sized, C: Codec> {
    subject: &'a Subject<P>,
    codec: C,
    answer: AnswerAs<C>,
}

impl<'a, P: Protocol + ?Sized, C: Codec> Asking<'a, P, C> {
    /// Creates a call to the process behind `subject`. The reply is encoded with `codec`, the codec of the request, as
    /// `answer` specifies.
    #[must_use]
    pub fn new(subject: &'a Subject<P>, codec: C, answer: AnswerAs<C>) -> Self {
        Self {
            subject,
            codec,
            answer,
        }
    }

    /// Sends the request now: the message is in the mailbox, or waits for capacity, when this returns. `put` writes the
    /// answer.
    pub(in crate::message) fn send_with<R: Send + 'static>(
        self,
        make: impl FnOnce(ReplyTo<R>) -> P::Call,
        put: impl FnOnce(&R, &mut Out<'_, C>) -> Result<(), EncodeError> + Send + 'static,
    ) -> Answering {
        let call = self.subject.call(make);
        let call = match self.answer.timeout {
            Some(timeout) => call.timeout(timeout),
            None => call,
        };
        let pending = call.send();
        let waiting = pending.waiting_delivery();
        let Self { codec, answer, .. } = self;
        let bytes = async move {
            let value = pending.await?;
            Ok(answer.write_with(codec, |out| put(&value, out))?)
        };
        Answering::of(bytes).waiting_for(waiting)
    }
}
