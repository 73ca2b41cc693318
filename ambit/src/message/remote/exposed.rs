//! A process of any protocol that is exposed to other nodes.

use std::any::Any;
use std::sync::Arc;

use crate::error::CastError;
use crate::handle::reserve::Permit;
use crate::handle::subject::Subject;
use crate::message::codec::Codec;
use crate::message::error::DecodeError;
use crate::message::input::In;
use crate::message::remote::{AnswerAs, Answering, Asking, Remote};
use crate::message::schema::{Clash, Types};
use crate::message::shape::Interface;
use crate::node::{PeerProtocol, ProtocolBinding, RemoteSink};
use crate::process::header::ProcessRef;
use crate::rt::BoxFuture;

/// A process of any protocol that is exposed to other nodes: an entry of a node's process table.
///
/// Every [`Subject`] of a [`Remote`] protocol is one.
pub trait Exposed<C: Codec>: Send + Sync {
    /// Returns the [`Subject`] behind it.
    fn as_any(&self) -> &dyn Any;

    /// Returns the name of its protocol on the wire.
    fn remote(&self) -> &'static str;

    /// Returns its protocol in the version of this node.
    ///
    /// # Errors
    /// Two types behind it have the same name.
    fn binding(&self) -> Result<Arc<ProtocolBinding>, Clash>;

    /// Returns its protocol in the version of its own node, if that is another one.
    fn theirs(&self) -> Option<Arc<PeerProtocol>>;

    /// Waits for a slot in its mailbox without a limit; returns `None` if it has ended.
    fn place(&self) -> BoxFuture<'static, Option<Box<dyn ReservedSlot<C>>>>;

    /// Returns the methods of its protocol.
    fn interface(&self, types: &mut Types) -> Interface;

    /// Reads a call and sends it.
    ///
    /// # Errors
    /// The bytes are not the arguments of the method. Nothing was sent.
    fn call(
        &self,
        method: u32,
        input: In<'_, C>,
        answer: AnswerAs<C>,
    ) -> Result<Answering, DecodeError>;

    /// Reads a cast and sends it, without waiting for capacity.
    ///
    /// # Errors
    /// [`DeliverError`]. Nothing was sent.
    fn cast(&self, method: u32, input: In<'_, C>) -> Result<(), DeliverError>;
}

/// A reserved slot in the mailbox of a process, for one message from another node. Dropping it releases the slot.
pub trait ReservedSlot<C: Codec>: Send {
    /// Reads a call and sends it.
    ///
    /// # Errors
    /// The bytes are not the arguments of the method. Nothing was sent.
    fn call(
        self: Box<Self>,
        method: u32,
        input: In<'_, C>,
        answer: AnswerAs<C>,
    ) -> Result<Answering, DecodeError>;

    /// Reads a cast and sends it.
    ///
    /// # Errors
    /// The bytes are not the arguments of the method. Nothing was sent.
    fn cast(self: Box<Self>, method: u32, input: In<'_, C>) -> Result<(), DecodeError>;
}

impl<P: Remote + ?Sized, C: Codec> ReservedSlot<C> for Permit<P> {
    fn call(
        self: Box<Self>,
        method: u32,
        input: In<'_, C>,
        answer: AnswerAs<C>,
    ) -> Result<Answering, DecodeError> {
        let asking = Asking::in_place(*self, input.codec(), answer);
        P::take_call(method, input, asking)
    }

    fn cast(self: Box<Self>, method: u32, input: In<'_, C>) -> Result<(), DecodeError> {
        let cast = P::take_cast(method, input)?;
        (*self).send(cast);
        Ok(())
    }
}

/// The reason why a cast from another node was not delivered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeliverError {
    /// The bytes are not the arguments of the method.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// There is no such process, or no capacity.
    #[error(transparent)]
    Cast(#[from] CastError),
}

impl<P: Remote + ?Sized, C: Codec> Exposed<C> for Subject<P> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn remote(&self) -> &'static str {
        P::REMOTE
    }

    fn interface(&self, types: &mut Types) -> Interface {
        P::interface(types)
    }

    fn binding(&self) -> Result<Arc<ProtocolBinding>, Clash> {
        ProtocolBinding::cached::<P>(&self.resolve().system())
    }

    fn theirs(&self) -> Option<Arc<PeerProtocol>> {
        let port: ProcessRef = self.port()?;
        let far = port.as_any().downcast::<RemoteSink<P, C>>().ok()?;
        Some(far.theirs().clone())
    }

    fn place(&self) -> BoxFuture<'static, Option<Box<dyn ReservedSlot<C>>>> {
        let reserve = self.reserve().no_timeout().into_owned();
        Box::pin(async move {
            let permit = reserve.await.ok()?;
            let place: Box<dyn ReservedSlot<C>> = Box::new(permit);
            Some(place)
        })
    }

    fn call(
        &self,
        method: u32,
        input: In<'_, C>,
        answer: AnswerAs<C>,
    ) -> Result<Answering, DecodeError> {
        let asking = Asking::new(self, input.codec(), answer);
        P::take_call(method, input, asking)
    }

    fn cast(&self, method: u32, input: In<'_, C>) -> Result<(), DeliverError> {
        let cast = P::take_cast(method, input)?;
        Ok(self.send(cast).now()?)
    }
}
