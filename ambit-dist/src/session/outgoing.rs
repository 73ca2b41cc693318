//! Sends the messages and signals that handles pass to a session.

use std::time::Duration;

use ambit::distribution::{self, FailedCall, RemoteEnvelope, Request, SendOutcome, Signal};
use ambit::error::{CallError, Executed};
use ambit::message::Form;
use ambit::process::Pid;

use crate::codecs::any::AnyCodec;
use crate::session::lane::{Lane, NotQueued, ProcessPair};
use crate::session::sent_call::SentCall;
use crate::session::state::Session;
use crate::wire::{CloseCode, Frame, Kind, NODE, ProcessAddress as Address, Trace, WireError};

impl distribution::Session<AnyCodec> for Session {
    fn codec(&self) -> AnyCodec {
        self.codec
    }

    fn peer(&self) -> String {
        self.peer_incarnation.id.to_string()
    }

    fn limit(&self) -> usize {
        self.limits.payload()
    }

    fn is_over(&self) -> bool {
        self.closing.has_begun()
    }

    fn cost(&self, bytes: usize) -> u32 {
        self.limits.cost(bytes)
    }

    fn send(
        &self,
        mut envelope: RemoteEnvelope<AnyCodec>,
    ) -> Result<SendOutcome<AnyCodec>, RemoteEnvelope<AnyCodec>> {
        let Some(Some(to)) = self.peer_incarnation.address(envelope.to) else {
            return Err(envelope);
        };
        let from = self.local_address(envelope.from);
        let ty = match self.sent_definitions.binding(&envelope.protocol) {
            Ok(ty) => ty,
            Err(error) => return Ok(self.unsendable(envelope, &error)),
        };
        if let Some(request) = envelope.request.take() {
            return self.send_call(envelope, request, (from, to), ty);
        }
        let frame = Frame::Tell {
            to,
            from,
            ty,
            method: envelope.method,
            framed: envelope.form == Form::Framed,
            trace: envelope.trace.as_deref().map(Trace::of),
            payload: &envelope.payload,
        };
        let queued = self.queue(from, to, &frame, &envelope);
        self.after(queued, Kind::Tell, envelope)
    }

    fn signal(&self, to: Pid, signal: Signal) {
        self.send_signal(to, signal);
    }

    fn cancel(&self, id: u64) {
        let Some(SentCall { from, to, .. }) = self.take_sent_call(id) else {
            return;
        };
        // Follows the call itself.
        self.queue_signal(from, to, &Frame::Cancel { req: id });
    }
}

/// Returns a time in milliseconds, rounded up: a caller with less than a millisecond left still waits.
fn milliseconds(time: Duration) -> u32 {
    let rounded = time.as_nanos().div_ceil(1_000_000);
    u32::try_from(rounded).unwrap_or(u32::MAX)
}

impl Session {
    /// Sends a call, after it has been inserted into the table of sent calls.
    #[expect(
        clippy::result_large_err,
        reason = "as `send` of the trait, which hands the envelope back"
    )]
    fn send_call(
        &self,
        mut envelope: RemoteEnvelope<AnyCodec>,
        request: Request<AnyCodec>,
        (from, to): (Option<Address>, Address),
        ty: u32,
    ) -> Result<SendOutcome<AnyCodec>, RemoteEnvelope<AnyCodec>> {
        let left = request.left();
        let deadline_ms = left.map(milliseconds);
        let req = envelope.id;
        // Insert it before sending: the answer may arrive at once.
        if let Some(request) = self.insert_sent_call(req, SentCall { request, from, to }) {
            let error = CallError::NoConnection {
                executed: Executed::No,
            };
            // The credit window is closed, or already belongs to the next session, so no credits are put back.
            return Ok(SendOutcome::Lost(FailedCall::new(request, error)));
        }
        let frame = Frame::Ask {
            req,
            to,
            from,
            ty,
            method: envelope.method,
            deadline_ms,
            framed: envelope.form == Form::Framed,
            trace: envelope.trace.as_deref().map(Trace::of),
            payload: &envelope.payload,
        };
        let queued = self.queue(from, to, &frame, &envelope);
        if queued.is_err() {
            envelope.request = self.take_sent_call(req).map(|call| call.request);
            if envelope.request.is_none() {
                // The session was closed in the meantime, and the caller was notified.
                return Ok(SendOutcome::Sent);
            }
        }
        self.after(queued, Kind::Ask, envelope)
    }

    /// Cancels a start. Its answer may have arrived already: the other node holds the server until it is confirmed.
    pub(crate) fn cancel_start(&self, id: u64) {
        let call = self.take_sent_call(id);
        let (from, to) = call.map_or((None, NODE), |call| (call.from, call.to));
        self.queue_signal(from, to, &Frame::Cancel { req: id });
    }

    /// Gives up a message because the other node accepts no more definitions of protocols.
    fn unsendable(
        &self,
        envelope: RemoteEnvelope<AnyCodec>,
        error: &WireError,
    ) -> SendOutcome<AnyCodec> {
        self.stats.undelivered();
        let why = error.to_string();
        match envelope.request {
            Some(request) => {
                SendOutcome::NotSent(FailedCall::new(request, CallError::Unsendable { why }))
            }
            None => SendOutcome::Unsendable { why },
        }
    }

    /// Records the call that waits for an answer; returns its request if the session has ended.
    fn insert_sent_call(&self, req: u64, call: SentCall) -> Option<Request<AnyCodec>> {
        let mut calls = self.sent_calls.lock();
        let Some(calls) = &mut *calls else {
            return Some(call.request);
        };
        calls.insert(req, call);
        None
    }

    /// Queues a message. If the lane has no capacity for it, its proxy is notified when capacity is free.
    fn queue(
        &self,
        from: Option<Address>,
        to: Address,
        frame: &Frame<'_>,
        envelope: &RemoteEnvelope<AnyCodec>,
    ) -> Result<(), NotQueued> {
        let (lane, payload) = (self.lane(from, to), envelope.payload.len());
        let long = self.long_parts(to, payload);
        loop {
            let pair = (from, Some(to));
            let may_go = || long.is_none_or(|parts| self.long.take(parts));
            let context = (&self.sent_definitions, &self.limits);
            let queued = lane.message(pair, frame, payload, may_go, context);
            let Err(refused) = queued else {
                return queued;
            };
            let Some(proxy) = self.peer_incarnation.known(envelope.to) else {
                return queued;
            };
            // If there is capacity by now, no later event would make the proxy continue.
            let waits = match (refused, long) {
                (NotQueued::Full(sort), _) => lane.block(sort, &proxy, &self.limits),
                (NotQueued::TooLong, Some(parts)) => self.long.block(parts, &proxy),
                _ => true,
            };
            if waits {
                return queued;
            }
        }
    }

    #[allow(
        clippy::result_large_err,
        reason = "a message that was not sent is sent again, whole"
    )]
    fn after(
        &self,
        queued: Result<(), NotQueued>,
        kind: Kind,
        envelope: RemoteEnvelope<AnyCodec>,
    ) -> Result<SendOutcome<AnyCodec>, RemoteEnvelope<AnyCodec>> {
        match queued {
            Ok(()) => {
                self.stats.frame_out(kind);
                self.stats.message_sent(envelope.payload.len());
                Ok(SendOutcome::Sent)
            }
            // The waiting proxy is notified when there is capacity, or when the session is lost.
            Err(
                NotQueued::Full(_)
                | NotQueued::TooLong
                | NotQueued::Closed
                | NotQueued::TooManySignals,
            ) => Err(envelope),
        }
    }

    /// Returns the cost of a message in the window of long messages, if it is long. Messages to the node itself are not
    /// counted here.
    pub(crate) fn long_parts(&self, to: Address, payload: usize) -> Option<u32> {
        // Nearly all messages are shorter.
        if payload <= self.long.longest_short() {
            return None;
        }
        self.limits.long(payload).filter(|_| to != NODE)
    }

    /// Returns the address of a process of this node, or `None` if the pid is no process of this node.
    pub(crate) fn local_address(&self, pid: Pid) -> Option<Address> {
        let (slot, generation) = self.node_context.local.parts(pid)?;
        Some(Address { slot, generation })
    }

    /// Takes the call that waits for an answer.
    pub(crate) fn take_sent_call(&self, req: u64) -> Option<SentCall> {
        self.sent_calls.lock().as_mut()?.remove(&req)
    }

    /// Queues an answer, or a frame that follows a request.
    pub(crate) fn answer(
        &self,
        server: Option<Address>,
        caller: Option<Address>,
        frame: &Frame<'_>,
    ) {
        let lane = self.lane_back((server, caller));
        if self.is_too_far_behind(lane) {
            return;
        }
        // If the lane is closed, the other node was notified that the session is over.
        let queued = lane.answer(
            (server, caller),
            frame,
            &self.sent_definitions,
            &self.limits,
        );
        if queued.is_ok() {
            self.stats.frame_out(frame.kind());
        }
    }

    /// Returns the lane from a process of this node to its caller.
    fn lane_back(&self, (server, caller): ProcessPair) -> &Lane {
        self.lane(server, caller.unwrap_or(NODE))
    }

    /// Returns whether the other node reads so slowly that no more answers are added to the lane.
    pub(crate) fn is_behind(&self, pair: ProcessPair) -> bool {
        self.lane_back(pair).queued() >= self.limits.answers
    }

    /// Returns whether so many bytes wait that not even short answers and signals can be added. In that case the
    /// session ends, because none of them may be lost.
    fn is_too_far_behind(&self, lane: &Lane) -> bool {
        let most = self.limits.answers.saturating_mul(2);
        let is_full = lane.queued() >= most.saturating_add(self.limits.message());
        if is_full {
            let text = "too many bytes wait for this node to read them";
            self.close(CloseCode::Overloaded, text);
        }
        is_full
    }

    /// Queues a signal. Too many signals end the session, because none may be lost.
    pub(crate) fn queue_signal(&self, from: Option<Address>, to: Address, frame: &Frame<'_>) {
        let lane = self.lane(from, to);
        if self.is_too_far_behind(lane) {
            return;
        }
        let pair = (from, Some(to));
        let queued = lane.signal(pair, frame, &self.sent_definitions, &self.limits);
        if queued.is_ok() {
            self.stats.frame_out(frame.kind());
        }
        if queued == Err(NotQueued::TooManySignals) {
            self.close(CloseCode::Overloaded, "too many signals wait for this node");
        }
    }
}
