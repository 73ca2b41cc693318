//! Requests that a node handles itself, instead of one of its processes.

use std::any::Any;
use std::sync::Arc;

use ambit::distribution::{PeerProtocol, ProtocolBinding};
use ambit::message::{
    AnswerAs, Answering, Clash, DecodeError, DeliverError, Exposed, In, Interface, Types,
    WaitingDelivery,
};

use crate::codecs::any::AnyCodec;
use crate::remote_processes::exports::ExportedSink;

/// A method of a node.
pub(crate) trait NodeMethod: Send + Sync + 'static {
    /// The protocol that the method belongs to.
    const PROTOCOL: &'static str;

    /// Decodes the whole request and starts it.
    fn ask(
        &self,
        input: In<'_, AnyCodec>,
        answer: AnswerAs<AnyCodec>,
    ) -> Result<Answering, DecodeError>;
}

/// Adapts a method to the interface of exposed servers.
struct Service<M> {
    binding: Arc<ProtocolBinding>,
    method: M,
}

/// Returns the sink for a method.
pub(crate) fn sink<M: NodeMethod>(
    binding: impl Into<Arc<ProtocolBinding>>,
    method: M,
) -> ExportedSink {
    let binding = binding.into();
    ExportedSink {
        exposed: Arc::new(Service {
            binding: binding.clone(),
            method,
        }),
        binding,
    }
}

impl<M: NodeMethod> Exposed<AnyCodec> for Service<M> {
    fn as_any(&self) -> &dyn Any {
        &self.method
    }

    fn remote(&self) -> &'static str {
        M::PROTOCOL
    }

    fn interface(&self, _: &mut Types) -> Interface {
        self.binding.contract().protocols[M::PROTOCOL].clone()
    }

    fn binding(&self) -> Result<Arc<ProtocolBinding>, Clash> {
        Ok(self.binding.clone())
    }

    fn theirs(&self) -> Option<Arc<PeerProtocol>> {
        None
    }

    fn call(
        &self,
        _: u32,
        input: In<'_, AnyCodec>,
        answer: AnswerAs<AnyCodec>,
    ) -> Result<Answering, DecodeError> {
        self.method.ask(input, answer)
    }

    /// There is no mailbox, so nothing waits for capacity.
    fn cast(
        &self,
        method: u32,
        _: In<'_, AnyCodec>,
    ) -> Result<Option<WaitingDelivery>, DeliverError> {
        Err(DeliverError::Decode(DecodeError::UnknownMethod {
            of: M::PROTOCOL,
            tag: method,
        }))
    }
}
