//! Requests to another node itself instead of one of its processes.

use std::sync::Arc;
use std::time::Duration;

use crate::distribution::credit_queue::NEVER_LEFT;
use crate::distribution::protocol_binding::{AgreedProtocol, PeerProtocol, ProtocolBinding};
use crate::distribution::remote_envelope::{RemoteEnvelope, Request};
use crate::distribution::remote_proxy::RemoteProxy;
use crate::distribution::remote_sink::RemoteSink;
use crate::distribution::session::Session;
use crate::engine::queue_ticket::TicketOutcome;
use crate::engine::reply;
use crate::error::CallError;
use crate::handle::pending::{Pending, ReplyWait};
use crate::message::{AnswerWaiter, Codec, EncodeError, Form, Out, Wire};
use crate::process::current;
use crate::process::header::ProcessRef;

/// A request to a node itself instead of one of its processes: the node, the method and the timeout.
#[derive(Debug)]
pub struct NodeRequest<'a, C: Codec> {
    node: &'a Arc<RemoteProxy<C>>,
    protocol: Arc<ProtocolBinding>,
    method: u32,
    timeout: Option<Duration>,
    id: u64,
}

impl<'a, C: Codec> NodeRequest<'a, C> {
    /// Creates a request without a time limit. `node` is the proxy of any process of the node that receives the
    /// request, `protocol` is the protocol in the version of the local node, and `method` is the tag of the requested
    /// method.
    #[must_use]
    pub fn new(
        node: &'a Arc<RemoteProxy<C>>,
        protocol: impl Into<Arc<ProtocolBinding>>,
        method: u32,
    ) -> Self {
        Self {
            node,
            protocol: protocol.into(),
            method,
            timeout: None,
            id: node.system().next_ref(),
        }
    }

    /// Sets the timeout of the request; `None` for no time limit.
    #[must_use]
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }

    /// Returns the number that [`Session::cancel`] takes.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Sends the request now, and returns the pending reply. `put` writes the arguments, in the framed form, which
    /// nodes of all versions can read. If the request cannot be encoded or sent, the reply fails with the
    /// [`CallError`].
    pub fn ask<R: Wire + 'static>(
        self,
        put: impl FnOnce(&mut Out<'_, C>) -> Result<(), EncodeError>,
    ) -> Pending<R> {
        let Some(session) = self.node.session() else {
            return Pending::failed(NEVER_LEFT);
        };
        let mut out = Out::with(session.codec(), Form::Framed)
            .limit(session.limit())
            .process_encoding(&*session);
        match put(&mut out) {
            Ok(()) => {}
            Err(EncodeError::TooLarge { limit }) => {
                return Pending::failed(CallError::TooLarge { limit });
            }
            Err(error) => {
                let why = error.to_string();
                return Pending::failed(CallError::Unsendable { why });
            }
        }
        let payload = out.into_bytes();
        self.send(&*session, payload)
    }

    fn send<R: Wire + 'static>(self, session: &dyn Session<C>, payload: Vec<u8>) -> Pending<R> {
        let (port, asked) = reply::question();
        // A target that is awaited and takes no messages.
        let nothing = Arc::new(PeerProtocol::new(String::new(), 0, String::new()));
        let far = RemoteSink::<(), C>::new(
            self.node.clone(),
            AgreedProtocol::new(self.protocol.clone(), nothing),
        );
        let process: ProcessRef = Arc::new(far);
        let core = process.core();
        let deadline = self.timeout.map(|time| core.system.after(time));
        asked.sent_to(core.as_server(), deadline);
        let id = self.id;
        let request = Request::new(asked.slot(), AnswerWaiter::of(port), core.system.clone());
        let envelope = RemoteEnvelope {
            id,
            to: core.pid,
            from: current::pid(),
            protocol: self.protocol,
            method: self.method,
            form: Form::Framed,
            payload,
            request: Some(request),
            trace: None,
            ticket: None,
            accepted: None,
        };
        let envelope = envelope.within_trace(session, &core.system);
        if let Err(lost) = self.node.wait_to_send(session, envelope) {
            lost.fail(TicketOutcome::Lost, NEVER_LEFT);
        }
        let watch = ReplyWait::new(process, &asked, deadline, Some(id));
        Pending::new(asked, watch)
    }
}
