//! A recipient that is exposed to other nodes: one message of the protocol of a plain process.

use std::any::Any;
use std::convert::Infallible;
use std::sync::Arc;

use crate::distribution::{PeerProtocol, ProtocolBinding};
use crate::handle::protocol::Message;
use crate::handle::recipient::Recipient;
use crate::handle::target::Target;
use crate::handle::waiting_delivery::WaitingDelivery;
use crate::message::codec::Codec;
use crate::message::error::DecodeError;
use crate::message::glue::unknown_method;
use crate::message::process_encoding::{AnswerAs, DeliverError, Exposed, In};
use crate::message::remote::{Answering, Remote};
use crate::message::schema::{Clash, Types};
use crate::message::shape::Interface;

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

    fn call(&self, method: u32, _: In<'_, C>, _: AnswerAs<C>) -> Result<Answering, DecodeError> {
        Err(unknown_method(T::REMOTE, method))
    }

    fn cast(&self, method: u32, input: In<'_, C>) -> Result<Option<WaitingDelivery>, DeliverError> {
        let message = T::take_cast(method, input)?;
        Ok(self.send(message).queue()?)
    }
}
