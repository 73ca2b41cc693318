//! A recipient that is exposed to other nodes: one message of the protocol of a plain process.

use std::any::Any;
use std::convert::Infallible;
use std::future::poll_fn;
use std::sync::Arc;

use crate::distribution::{PeerProtocol, ProtocolBinding};
use crate::handle::message_sink::MessageSink;
use crate::handle::protocol::Message;
use crate::handle::recipient::Recipient;
use crate::handle::reserve::CapacityWait;
use crate::handle::target::Target;
use crate::message::codec::Codec;
use crate::message::error::DecodeError;
use crate::message::glue::unknown_method;
use crate::message::process_encoding::{AnswerAs, DeliverError, Exposed, In, ReservedSlot};
use crate::message::remote::{Answering, Remote};
use crate::message::schema::{Clash, Types};
use crate::message::shape::Interface;
use crate::process::dead_letter::Undelivered;
use crate::process::header::ProcessRef;
use crate::rt::{BoxFuture, FAR};

impl<T, C> Exposed<C> for Recipient<T>
where
    T: Message + Remote<Call = Infallible, Cast = T>,
    C: Codec,
{
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn remote(&self) -> &'static str {
        T::REMOTE
    }

    fn interface(&self, types: &mut Types) -> Interface {
        T::interface(types)
    }

    fn binding(&self) -> Result<Arc<ProtocolBinding>, Clash> {
        ProtocolBinding::cached::<T>(&self.__resolve().system())
    }

    /// A process of another node is a plain process here.
    fn theirs(&self) -> Option<Arc<PeerProtocol>> {
        None
    }

    fn place(&self) -> BoxFuture<'static, Option<Box<dyn ReservedSlot<C>>>> {
        let sink = self.take();
        Box::pin(async move {
            let sink = sink?;
            let process = sink.clone().process();
            let mut wait = CapacityWait::begin(process.clone(), FAR).ok()?;
            poll_fn(|cx| wait.poll(cx)).await.ok()?;
            let place = HeldPlace {
                sink: Some(sink),
                process,
            };
            let place: Box<dyn ReservedSlot<C>> = Box::new(place);
            Some(place)
        })
    }

    fn waits_for_capacity(&self) -> bool {
        let sink = self.take();
        sink.is_none_or(|sink| sink.process().waits_for_capacity())
    }

    fn call(&self, method: u32, _: In<'_, C>, _: AnswerAs<C>) -> Result<Answering, DecodeError> {
        Err(unknown_method(T::REMOTE, method))
    }

    fn cast(&self, method: u32, input: In<'_, C>) -> Result<(), DeliverError> {
        let message = T::take_cast(method, input)?;
        Ok(self.send(message).now()?)
    }
}

/// A reserved slot in the mailbox behind a recipient.
struct HeldPlace<T> {
    /// `None` once the slot has been used.
    sink: Option<Arc<dyn MessageSink<T>>>,
    process: ProcessRef,
}

impl<T, C> ReservedSlot<C> for HeldPlace<T>
where
    T: Message + Remote<Call = Infallible, Cast = T>,
    C: Codec,
{
    fn call(
        self: Box<Self>,
        method: u32,
        _: In<'_, C>,
        _: AnswerAs<C>,
    ) -> Result<Answering, DecodeError> {
        Err(unknown_method(T::REMOTE, method))
    }

    fn cast(mut self: Box<Self>, method: u32, input: In<'_, C>) -> Result<(), DecodeError> {
        let message = T::take_cast(method, input)?;
        if let Some(sink) = self.sink.take()
            && let Err(message) = sink.push_reserved(message)
        {
            sink.dead_letter(message, Undelivered::Ended);
        }
        Ok(())
    }
}

impl<T> Drop for HeldPlace<T> {
    fn drop(&mut self) {
        if self.sink.is_some() {
            self.process.return_permit();
        }
    }
}
