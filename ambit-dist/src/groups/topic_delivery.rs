//! The copies of messages that arrive for the subscribers of this node.

use std::marker::PhantomData;

use ambit::message::{AnswerAs, Answering, DecodeError, In, Remote, Wire};
use ambit::process::Pid;
use ambit::pubsub::PubSub;

use crate::codecs::any::AnyCodec;
use crate::remote_processes::service::NodeMethod;

/// The protocol of copies to the subscribers of a topic.
pub(super) const MESSAGE: &str = "ambit.topics";

/// Delivers the copies of messages of type `T` to the subscribers of this node.
pub(super) struct TopicDelivery<T> {
    pub(super) pubsub: PubSub,
    /// The tag of the only method of a plain process.
    pub(super) cast: u32,
    pub(super) message: PhantomData<fn(T)>,
}

impl<T> NodeMethod for TopicDelivery<T>
where
    T: Clone + Send + Remote<Cast = T>,
{
    const PROTOCOL: &'static str = MESSAGE;

    fn ask(
        &self,
        mut input: In<'_, AnyCodec>,
        answer: AnswerAs<AnyCodec>,
    ) -> Result<Answering, DecodeError> {
        let codec = input.codec();
        let name = String::take(&mut input)?;
        let from = <Option<Pid> as Wire>::take(&mut input)?;
        let message = T::take_cast(self.cast, input)?;
        let topic = self.pubsub.topic::<T>(&name);
        let delivered = topic.broadcast_from(from.unwrap_or(Pid::NOBODY), message);
        let answer = answer.write(codec, &(delivered as u64));
        Ok(Answering::of(std::future::ready(
            answer.map_err(Into::into),
        )))
    }
}
