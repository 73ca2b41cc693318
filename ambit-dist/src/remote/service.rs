//! What a node itself can be asked for, and not one of its processes.

use std::any::Any;
use std::sync::Arc;

use ambit::message::{
    AnswerAs, Answering, Clash, DecodeError, DeliverError, Exposed, In, Interface, Place, Types,
};
use ambit::node::{Spoken, Theirs};

use crate::codec::any::AnyCodec;
use crate::remote::exports::Door;
use crate::transport::BoxFuture;

/// One method of a node.
pub(crate) trait Method: Send + Sync + 'static {
    /// The protocol that it belongs to.
    const PROTOCOL: &'static str;

    /// Reads what is asked, all of `input`, and begins.
    fn ask(
        &self,
        input: In<'_, AnyCodec>,
        answer: AnswerAs<AnyCodec>,
    ) -> Result<Answering, DecodeError>;
}

/// A method, as whatever is exposed.
struct Service<M> {
    spoken: Arc<Spoken>,
    method: M,
}

/// The door to a method.
pub(crate) fn door<M: Method>(spoken: Spoken, method: M) -> Door {
    let spoken = Arc::new(spoken);
    Door {
        exposed: Arc::new(Service {
            spoken: spoken.clone(),
            method,
        }),
        spoken,
    }
}

impl<M: Method> Exposed<AnyCodec> for Service<M> {
    fn as_any(&self) -> &dyn Any {
        &self.method
    }

    fn remote(&self) -> &'static str {
        M::PROTOCOL
    }

    fn interface(&self, _: &mut Types) -> Interface {
        self.spoken.contract().protocols[M::PROTOCOL].clone()
    }

    fn spoken(&self) -> Result<Arc<Spoken>, Clash> {
        Ok(self.spoken.clone())
    }

    fn theirs(&self) -> Option<Arc<Theirs>> {
        None
    }

    /// It has no mailbox, so there is always room and never a place to wait for.
    fn place(&self) -> BoxFuture<'static, Option<Box<dyn Place<AnyCodec>>>> {
        Box::pin(std::future::ready(None))
    }

    fn call(
        &self,
        _: u32,
        input: In<'_, AnyCodec>,
        answer: AnswerAs<AnyCodec>,
    ) -> Result<Answering, DecodeError> {
        self.method.ask(input, answer)
    }

    fn cast(&self, method: u32, _: In<'_, AnyCodec>) -> Result<(), DeliverError> {
        Err(DeliverError::Decode(DecodeError::UnknownMethod {
            of: M::PROTOCOL,
            tag: method,
        }))
    }
}
