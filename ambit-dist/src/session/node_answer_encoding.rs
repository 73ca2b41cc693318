//! The encoding of an answer of the node itself, which may contain a server that the request has started.

use std::any::Any;
use std::sync::Arc;

use ambit::message::{DecodeError, DecodedProcess, EncodeError, Exposed, ProcessEncoding};
use ambit::process::Pid;

use crate::codecs::any::AnyCodec;
use crate::remote_processes::unclaimed::StartedServer;
use crate::session::state::Session;

/// The session, and the number of the request that is answered. A started server is held by this number until the
/// starter confirms that it has received it.
pub(crate) struct NodeAnswerEncoding {
    session: Arc<Session>,
    req: u64,
    started: StartedServer,
}

impl NodeAnswerEncoding {
    pub(crate) fn new(session: Arc<Session>, req: u64) -> Arc<Self> {
        let started = StartedServer::default();
        Arc::new(Self {
            session,
            req,
            started,
        })
    }
}

impl ProcessEncoding<AnyCodec> for NodeAnswerEncoding {
    fn put_pid(&self, pid: Pid, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.session.put_pid(pid, out)
    }

    fn take_pid(&self, bytes: &mut &[u8]) -> Result<Pid, DecodeError> {
        self.session.take_pid(bytes)
    }

    fn take_linkable(&self, bytes: &mut &[u8]) -> Result<Pid, DecodeError> {
        self.session.take_linkable(bytes)
    }

    fn hold(&self, pid: Pid, guard: Box<dyn Any + Send>) {
        self.started.hold(pid, guard);
    }

    fn put_linkable(&self, pid: Pid, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.session.put_linkable(pid, out)
    }

    fn put_subject(
        &self,
        pid: Pid,
        exposed: Arc<dyn Exposed<AnyCodec>>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        if let Some(orphan) = self.started.take(pid) {
            self.session.unclaimed.put(self.req, pid, orphan);
        }
        self.session.put_subject(pid, exposed, out)
    }

    fn take_subject(
        &self,
        protocol: fn() -> &'static str,
        bytes: &mut &[u8],
    ) -> Result<DecodedProcess<AnyCodec>, DecodeError> {
        self.session.take_subject(protocol, bytes)
    }
}
