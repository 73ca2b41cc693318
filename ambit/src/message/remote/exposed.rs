//! A process that other nodes may speak to, whatever its protocol is.

use std::any::Any;

use crate::error::CastError;
use crate::handle::subject::Subject;
use crate::message::codec::Codec;
use crate::message::error::DecodeError;
use crate::message::input::In;
use crate::message::remote::{AnswerAs, Answering, Asking, Remote};
use crate::message::schema::Types;
use crate::message::shape::Interface;

/// A process that other nodes may speak to, whatever its protocol is: what a node's table of processes holds.
///
/// Every [`Subject`] of a [`Remote`] protocol is one.
pub trait Exposed<C: Codec>: Send + Sync {
    /// The [`Subject`] that it is.
    fn as_any(&self) -> &dyn Any;

    /// The name of its protocol on the wire.
    fn remote(&self) -> &'static str;

    /// The methods of its protocol.
    fn interface(&self, types: &mut Types) -> Interface;

    /// Reads a call and asks.
    ///
    /// # Errors
    /// The bytes are no arguments of the method. Nothing was asked.
    fn call(
        &self,
        method: u32,
        input: In<'_, C>,
        answer: AnswerAs<C>,
    ) -> Result<Answering, DecodeError>;

    /// Reads a cast and sends it, without waiting for room.
    ///
    /// # Errors
    /// [`DeliverError`]. Nothing was sent.
    fn cast(&self, method: u32, input: In<'_, C>) -> Result<(), DeliverError>;
}

/// Why a cast from elsewhere was not delivered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeliverError {
    /// The bytes are no arguments of the method.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// Nobody is there, or there is no room.
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
