//! Handles of servers and protocols, exposed to other nodes.

use std::any::Any;
use std::sync::Arc;

use crate::distribution::{PeerProtocol, ProtocolBinding, RemoteSink};
use crate::handle::subject::Subject;
use crate::handle::waiting_delivery::WaitingDelivery;
use crate::message::codec::Codec;
use crate::message::error::DecodeError;
use crate::message::process_encoding::{AnswerAs, DeliverError, Exposed, In};
use crate::message::remote::{Answering, Asking, Remote};
use crate::message::schema::{Clash, Types};
use crate::message::shape::Interface;
use crate::process::header::ProcessRef;

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

    fn call(
        &self,
        method: u32,
        input: In<'_, C>,
        answer: AnswerAs<C>,
    ) -> Result<Answering, DecodeError> {
        let asking = Asking::new(self, input.codec(), answer);
        P::take_call(method, input, asking)
    }

    fn cast(&self, method: u32, input: In<'_, C>) -> Result<Option<WaitingDelivery>, DeliverError> {
        let cast = P::take_cast(method, input)?;
        Ok(self.send(cast).queue()?)
    }
}
