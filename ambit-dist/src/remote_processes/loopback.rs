//! Requests of a node to itself.
//!
//! A request to the node's own name takes the same path as a request to another node: it is encoded, must be exposed,
//! runs in its own process, and is cancelled when its caller stops waiting. Only the network is skipped, so the same
//! code behaves alike on every node. Processes in a request do not leave the node: they are carried next to the bytes
//! and not exported.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::Poll;

use ambit::distribution::{
    self, AgreedProtocol, CreditWindow, FailedCall, MethodEncoding, Peer, PeerProtocol,
    RemoteEnvelope, RemoteProxy, Request, SendOutcome, Signal,
};
use ambit::error::{CallError, Executed};
use ambit::message::{
    AnswerAs, AnswerError, Answering, DecodeError, DecodedProcess, EncodeError, Exposed, Form, In,
    ProcessEncoding,
};
use ambit::process::Pid;
use parking_lot::Mutex;

use crate::codecs::any::AnyCodec;
use crate::node::shared::Shared;
use crate::remote_processes::exports::ExportedSink;
use crate::remote_processes::node_context::NodeContext;
use crate::remote_processes::unclaimed::{Orphan, StartedServer};
use crate::rt::AbortHandle;
use crate::session::pending_answer::failure;
use crate::wire::NODE;
use crate::wire::varint::{put as put_number, take as take_number};

/// A request of a node to itself, acting as both its peer and its session.
pub(crate) struct Loopback {
    node_context: Arc<NodeContext>,
    runtime: tokio::runtime::Handle,
    codec: AnyCodec,
    limit: usize,
    itself: Weak<Self>,
    /// The processes in the request and in its answer; the bytes contain their indices.
    carried: Mutex<Vec<CarriedProcess>>,
    running: Mutex<Option<AbortHandle>>,
    started: StartedServer,
}

/// A process in a request or an answer.
enum CarriedProcess {
    Pid(Pid),
    Subject {
        exposed: Arc<dyn Exposed<AnyCodec>>,
        /// Set if this request started the server and its starter may not have received the answer.
        orphan: Option<Orphan>,
    },
}

impl Loopback {
    /// Returns a new request, and a proxy of the node that accepts it.
    pub(crate) fn new(shared: &Shared) -> (Arc<Self>, Arc<RemoteProxy<AnyCodec>>) {
        let node_context = shared.node_context.clone();
        let loopback = Arc::new_cyclic(|itself| Self {
            runtime: shared.runtime.clone(),
            codec: shared.codec,
            limit: shared.limits.payload(),
            itself: itself.clone(),
            carried: Mutex::default(),
            running: Mutex::default(),
            started: StartedServer::default(),
            node_context,
        });
        let pid = loopback
            .node_context
            .itself()
            .pid(NODE.slot, NODE.generation);
        let window = Arc::new(CreditWindow::default());
        window.open(CreditWindow::UNCOUNTED, CreditWindow::UNCOUNTED);
        let proxy = RemoteProxy::new(
            &loopback.node_context.system,
            loopback.clone(),
            pid,
            || "node",
            window,
        );
        (loopback, proxy)
    }

    /// Confirms that the starter has its handle, so the server outlives this request.
    pub(crate) fn claims(&self) {
        let mut carried = self.carried.lock();
        let orphans = carried.iter_mut().filter_map(|carried| match carried {
            CarriedProcess::Subject { orphan, .. } => orphan.take(),
            CarriedProcess::Pid(_) => None,
        });
        let orphans: Vec<_> = orphans.collect();
        drop(carried);
        orphans.into_iter().for_each(Orphan::adopt);
    }

    fn carry(&self, process: CarriedProcess, out: &mut Vec<u8>) {
        let mut carried = self.carried.lock();
        put_number(carried.len() as u64, out);
        carried.push(process);
    }

    fn take<T>(
        &self,
        bytes: &mut &[u8],
        found: impl FnOnce(&CarriedProcess) -> Option<T>,
    ) -> Result<T, DecodeError> {
        let at = take_number(bytes).map_err(|_| DecodeError::Truncated)?;
        let carried = self.carried.lock();
        let process = usize::try_from(at).ok().and_then(|at| carried.get(at));
        process
            .and_then(found)
            .ok_or_else(|| DecodeError::Invalid("a process that was not named".to_owned()))
    }

    /// Starts the request as if another node had sent it.
    fn begin(
        self: &Arc<Self>,
        envelope: &RemoteEnvelope<AnyCodec>,
        request: &Request<AnyCodec>,
    ) -> Result<Answering, CallError> {
        let name = envelope.protocol.name();
        let sink = self.node_context.services.find_own(name, envelope.method);
        let sink = sink.ok_or(CallError::NotExposed)?;
        self.compare(envelope, &sink)?;
        let mut answer = AnswerAs::form(envelope.form)
            .limit(self.limit)
            .process_encoding(self.clone());
        if let Some(left) = request.left() {
            answer = answer.timeout(left);
        }
        let input =
            In::with(self.codec, &envelope.payload, envelope.form).process_encoding(&**self);
        let call = || sink.exposed.call(envelope.method, input, answer);
        let call = || match envelope.trace.as_deref() {
            Some(trace) => trace.in_scope(call),
            None => call(),
        };
        let why = match catch_unwind(AssertUnwindSafe(call)) {
            Ok(Ok(answering)) => return Ok(answering),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "reading it panicked".to_owned(),
        };
        Err(incompatible(envelope, why))
    }

    /// Checks the contracts, because another type may be exposed under the same name.
    fn compare(
        &self,
        envelope: &RemoteEnvelope<AnyCodec>,
        sink: &ExportedSink,
    ) -> Result<(), CallError> {
        let call = &envelope.protocol;
        let theirs = PeerProtocol::new(
            call.name().to_owned(),
            call.fingerprint(),
            call.text().to_owned(),
        );
        let agreed = AgreedProtocol::new(sink.binding.clone(), Arc::new(theirs));
        match agreed.terms(envelope.method) {
            MethodEncoding::Form(_) => Ok(()),
            MethodEncoding::Incompatible => {
                let differs = agreed.differs(envelope.method, ["here", "there"]);
                Err(incompatible(envelope, differs))
            }
        }
    }

    /// Waits for the answer and passes it to the caller.
    async fn finish(self: Arc<Self>, answering: Answering, form: Form, request: Request<AnyCodec>) {
        let bytes = match finished(answering).await {
            Ok(bytes) => bytes,
            Err(error) => return request.fail(failure(error)),
        };
        let input = In::with(self.codec, &bytes, form).process_encoding(&*self);
        // If decoding the answer fails or panics, the caller receives `NoReply`.
        let read = catch_unwind(AssertUnwindSafe(|| request.answer(input)));
        if !matches!(read, Ok(Ok(()))) {
            tracing::error!(node = %self.node_context.id(), "an answer cannot be read");
        }
    }
}

/// Returns the encoded answer. A panic during encoding becomes an error of that answer.
async fn finished(mut answering: Answering) -> Result<Vec<u8>, AnswerError> {
    std::future::poll_fn(|cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| Pin::new(&mut answering).poll(cx)));
        polled.unwrap_or_else(|_| {
            let why = "writing it panicked".to_owned();
            Poll::Ready(Err(AnswerError::Encode(EncodeError::Refused(why))))
        })
    })
    .await
}

fn incompatible(envelope: &RemoteEnvelope<AnyCodec>, differs: String) -> CallError {
    CallError::Incompatible {
        method: envelope.protocol.method_name(envelope.method).to_owned(),
        differs: differs.into(),
    }
}

impl Peer<AnyCodec> for Loopback {
    fn session(&self) -> Option<Arc<dyn distribution::Session<AnyCodec>>> {
        let loopback = self.itself.upgrade()?;
        Some(loopback)
    }

    fn forget(&self, _: Pid) {}
}

impl distribution::Session<AnyCodec> for Loopback {
    fn codec(&self) -> AnyCodec {
        self.codec
    }

    fn peer(&self) -> String {
        self.node_context.id().to_string()
    }

    fn limit(&self) -> usize {
        self.limit
    }

    fn is_over(&self) -> bool {
        false
    }

    fn cost(&self, _: usize) -> u32 {
        1
    }

    fn send(
        &self,
        mut envelope: RemoteEnvelope<AnyCodec>,
    ) -> Result<SendOutcome<AnyCodec>, RemoteEnvelope<AnyCodec>> {
        let Some(request) = envelope.request.take() else {
            let why = "a node itself takes only requests".to_owned();
            return Ok(SendOutcome::Unsendable { why });
        };
        let Some(loopback) = self.itself.upgrade() else {
            let error = CallError::NoConnection {
                executed: Executed::No,
            };
            return Ok(SendOutcome::NotSent(FailedCall::new(request, error)));
        };
        match loopback.begin(&envelope, &request) {
            Ok(answering) => {
                let answer = loopback.finish(answering, envelope.form, request);
                let task = self.runtime.spawn(answer).abort_handle();
                *self.running.lock() = Some(task);
                Ok(SendOutcome::Sent)
            }
            Err(error) => {
                let failed = FailedCall::new(request, error);
                Ok(SendOutcome::NotSent(failed))
            }
        }
    }

    /// The node itself neither ends nor stops.
    fn signal(&self, _: Pid, _: Signal) {}

    fn cancel(&self, _: u64) {
        if let Some(task) = self.running.lock().take() {
            task.abort();
        }
    }
}

impl ProcessEncoding<AnyCodec> for Loopback {
    fn put_pid(&self, pid: Pid, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.carry(CarriedProcess::Pid(pid), out);
        Ok(())
    }

    fn take_pid(&self, bytes: &mut &[u8]) -> Result<Pid, DecodeError> {
        self.take(bytes, |carried| match carried {
            CarriedProcess::Pid(pid) => Some(*pid),
            CarriedProcess::Subject { .. } => None,
        })
    }

    fn hold(&self, pid: Pid, guard: Box<dyn Any + Send>) {
        self.started.hold(pid, guard);
    }

    fn put_subject(
        &self,
        pid: Pid,
        exposed: Arc<dyn Exposed<AnyCodec>>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let orphan = self.started.take(pid);
        self.carry(CarriedProcess::Subject { exposed, orphan }, out);
        Ok(())
    }

    fn take_subject(
        &self,
        protocol: fn() -> &'static str,
        bytes: &mut &[u8],
    ) -> Result<DecodedProcess<AnyCodec>, DecodeError> {
        self.take(bytes, |carried| match carried {
            CarriedProcess::Subject { exposed, .. } if exposed.remote() == protocol() => {
                Some(DecodedProcess::Here(exposed.clone()))
            }
            CarriedProcess::Subject { .. } | CarriedProcess::Pid(_) => None,
        })
    }
}

impl fmt::Debug for Loopback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Loopback({})", self.node_context.id())
    }
}
