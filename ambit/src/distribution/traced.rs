//! Tracing of messages between nodes: both nodes log the trace of a message, and the number under which the other node
//! knows it.

use std::fmt::Display;
use std::future::{Future, poll_fn};
use std::pin::pin;

use crate::distribution::protocol_binding::PeerProtocol;
use crate::distribution::remote_envelope::RemoteEnvelope;
use crate::distribution::session::Session;
use crate::message::Codec;
use crate::process::dead_letter::LetterKind;
use crate::process::handler_span::{HandledMessage, HandlerSpan};
use crate::process::system_inner::SystemInner;
use crate::process::{current, current_system};
use crate::trace::{self, TraceContext};

impl<C: Codec> RemoteEnvelope<C> {
    /// Returns the same envelope, with the trace of its sender if tracing is on.
    pub(crate) fn within_trace(self, session: &dyn Session<C>, system: &SystemInner) -> Self {
        if trace::is_on() {
            return self.traced(session, system);
        }
        self
    }

    #[cold]
    fn traced(mut self, session: &dyn Session<C>, system: &SystemInner) -> Self {
        // A message outside any trace begins one here, with the same number on both nodes.
        let context = TraceContext::current()
            .unwrap_or_else(|| TraceContext::after(None, || system.trace_number()));
        self.trace = Some(Box::new(context));
        tracing::debug!(trace_id = %context.trace(), span_id = %context.span(), peer = session.peer(), to = %self.to,
            protocol = self.protocol.name(), method = self.protocol.method_name(self.method),
            request = self.request.as_ref().map(|_| self.id), "a message for another node");
        self
    }
}

/// Logs a message from the node `peer`. For a call, `request` is the number that `peer` has assigned to it.
pub fn arrived(
    trace: Option<TraceContext>,
    peer: impl Display,
    theirs: &PeerProtocol,
    method: u32,
    request: Option<u64>,
) {
    tracing::debug!(trace_id = trace.map(|trace| tracing::field::display(trace.trace())), parent_id = trace.map(|trace| tracing::field::display(trace.span())),
        %peer, protocol = theirs.name(), method = theirs.method_name(method), request, "a message from another node");
}

/// Runs `work`, a request of another node, in a span of the current trace, like a handler of `server`.
pub fn handled<F: Future>(
    server: &'static str,
    method: &'static str,
    work: F,
) -> impl Future<Output = F::Output> {
    let origin = TraceContext::current();
    async move {
        let span = trace::is_on().then(|| {
            let handled = HandledMessage {
                server,
                pid: current::pid(),
                method,
                kind: LetterKind::Call,
            };
            current_system::current().map(|system| HandlerSpan::begin(&system, origin, &handled))
        });
        let (span, mut work) = (span.flatten(), pin!(work));
        poll_fn(|cx| {
            let _inside = span.as_ref().map(HandlerSpan::enter);
            work.as_mut().poll(cx)
        })
        .await
    }
}
