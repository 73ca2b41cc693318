//! Dispatches the frames of a lane to processes, callers and the system.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use ambit::distribution::{self, PeerProtocol};
use ambit::error::{CallError, Executed};
use ambit::message::{Form, In, Wire};
use bytes::Bytes;

use crate::remote_processes::exports::ExportedSink;
use crate::remote_processes::peer_session::PeerSession;
use crate::session::inbound_flow::{CallHeader, ReceivedMessage, Receiver};
use crate::session::state::Session;
use crate::wire::{
    CloseCode, Definitions, Frame, Limits, NODE, ProcessAddress as Address, SplitFrame, Trace,
    WireError,
};

/// The definitions that one lane has received.
pub(crate) struct LaneDefinitions {
    protocols: Definitions<()>,
    /// The protocols that the numbers refer to, in the order of the numbers.
    theirs: Vec<Arc<PeerProtocol>>,
    nodes: Definitions<()>,
    /// The receiver of the last message, cached because messages often go to the same process.
    last: LastReceiver,
}

/// The receiver of the last message of a lane.
type LastReceiver = Option<(Address, Arc<Receiver>)>;

impl LaneDefinitions {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            protocols: Definitions::new(limits),
            theirs: Vec::new(),
            nodes: Definitions::new(limits),
            last: None,
        }
    }
}

impl Session {
    /// Dispatches one frame.
    ///
    /// # Errors
    /// Fails if the frame is not allowed here; the session ends.
    pub(crate) fn dispatch(
        self: &Arc<Self>,
        seen: &mut LaneDefinitions,
        found: SplitFrame<'_>,
    ) -> Result<(), WireError> {
        let kind = found.kind;
        let Some(frame) = found.decode()? else {
            return Ok(());
        };
        self.stats.frame(kind);
        match frame {
            Frame::TypeDef { .. } | Frame::NodeDef { .. } => self.define(seen, &frame),
            Frame::Tell { .. } | Frame::Ask { .. } => self.deliver(seen, &frame, &found),
            Frame::Reply {
                req,
                framed,
                payload,
            } => {
                let memory = found.is_alone.then_some(found.memory);
                self.reply(req, framed, payload, memory);
                Ok(())
            }
            Frame::ReplyErr { req, error } => {
                self.reply_error(req, error);
                Ok(())
            }
            Frame::Cancel { req } => {
                self.cancelled(req);
                Ok(())
            }
            Frame::Link { .. }
            | Frame::Unlink { .. }
            | Frame::Monitor { .. }
            | Frame::Demonitor { .. }
            | Frame::Down { .. }
            | Frame::Exit { .. }
            | Frame::ExitAhead { .. }
            | Frame::Stop { .. } => {
                self.take_signal(&frame);
                Ok(())
            }
            Frame::Frag { .. }
            | Frame::Hello(_)
            | Frame::HelloAck(_)
            | Frame::Credit { .. }
            | Frame::Ping { .. }
            | Frame::Pong { .. }
            | Frame::GoAway => Err(WireError::UnknownKind { kind }),
        }
    }

    fn define(&self, seen: &mut LaneDefinitions, frame: &Frame<'_>) -> Result<(), WireError> {
        let defined = &self.defined;
        match *frame {
            Frame::TypeDef {
                id,
                name,
                fingerprint,
                contract,
            } => {
                seen.protocols.define(id, name, contract, || ())?;
                let known = defined.define_protocol(
                    id,
                    name,
                    fingerprint,
                    contract,
                    &self.node_context.protocol_cache,
                )?;
                seen.theirs.push(known);
                Ok(())
            }
            Frame::NodeDef {
                id,
                name,
                incarnation,
            } => {
                seen.nodes.define(id, name, &[], || ())?;
                defined.define_node(id, name, incarnation).map(drop)
            }
            _ => Ok(()),
        }
    }

    fn deliver(
        self: &Arc<Self>,
        seen: &mut LaneDefinitions,
        frame: &Frame<'_>,
        found: &SplitFrame<'_>,
    ) -> Result<(), WireError> {
        let (Frame::Tell {
            to,
            from,
            ty,
            method,
            framed,
            trace,
            payload,
        }
        | Frame::Ask {
            to,
            from,
            ty,
            method,
            framed,
            trace,
            payload,
            ..
        }) = *frame
        else {
            return Ok(());
        };
        let at = usize::try_from(ty).ok().and_then(|ty| ty.checked_sub(1));
        let theirs = at.and_then(|at| seen.theirs.get(at));
        let message = ReceivedMessage {
            theirs: theirs.ok_or(WireError::Undefined { id: ty })?,
            method,
            framed,
            from,
            payload,
            memory: found.memory,
            is_alone: found.is_alone,
            ask: call_header(frame),
            trace: trace.as_ref().and_then(Trace::context),
        };
        let request = message.ask.map(|ask| ask.req);
        distribution::arrived(
            message.trace,
            &self.peer_incarnation.id,
            message.theirs,
            method,
            request,
        );
        self.message(&mut seen.last, to, &message)
    }

    /// Handles a message for a process of this node, or for the node itself.
    fn message(
        self: &Arc<Self>,
        last: &mut LastReceiver,
        to: Address,
        message: &ReceivedMessage<'_>,
    ) -> Result<(), WireError> {
        if let Some((_, receiver)) = last.as_ref().filter(|(last, _)| *last == to)
            && to != NODE
        {
            receiver.take(self, message);
            return Ok(());
        }
        let Some(receiver) = self.receiver(to, message) else {
            return self.nobody(to, message);
        };
        if to != NODE {
            *last = Some((to, receiver.clone()));
        }
        receiver.take(self, message);
        Ok(())
    }

    fn receiver(&self, to: Address, message: &ReceivedMessage<'_>) -> Option<Arc<Receiver>> {
        if to == NODE {
            let services = &self.node_context.services;
            let sink = services.find(message.theirs, message.method)?;
            return Some(Receiver::uncounted(to, sink, &self.limits, &self.growth));
        }
        if let Some(known) = self.receivers.lock().get(&to) {
            return Some(known.clone());
        }
        let sink = self.node_context.exports.sink(to, message.theirs)?;
        Some(self.add_receiver(to, sink))
    }

    /// Adds the receiver of an exported process.
    fn add_receiver(&self, to: Address, sink: ExportedSink) -> Arc<Receiver> {
        let made = Receiver::new(to, sink, &self.limits, &self.growth);
        // Another lane may have created the receiver meanwhile. A process has one, which counts its credits.
        let kept = {
            let mut receivers = self.receivers.lock();
            receivers.entry(to).or_insert_with(|| made.clone()).clone()
        };
        // If the process has ended meanwhile, its end has found no receiver.
        if !self.node_context.exports.is_named(to) {
            self.over(to);
        }
        kept
    }

    /// Handles a message without a receiver. Notifies the sender, which may not have been notified yet that the process
    /// has ended. If the message is long, its credits are returned, because the messages to all processes share them.
    fn nobody(&self, to: Address, message: &ReceivedMessage<'_>) -> Result<(), WireError> {
        if let Some(parts) = self.long_parts(to, message.payload.len()) {
            self.long.arrived(parts)?;
            if let Some(count) = self.long.handled(parts) {
                self.control.credit(NODE, count);
            }
        }
        let is_named = to != NODE && self.node_context.exports.is_named(to);
        let Some(ask) = message.ask else {
            self.stats.undelivered();
            if !is_named {
                self.gone(to);
            }
            return Ok(());
        };
        let error = match to == NODE || is_named {
            true => CallError::NotExposed,
            false => CallError::NoProcess,
        };
        self.fail(ask.req, (Some(to), message.from), &error);
        if to != NODE && !is_named {
            self.gone(to);
        }
        Ok(())
    }

    fn reply(&self, req: u64, framed: bool, payload: &[u8], memory: Option<&Bytes>) {
        let Some(call) = self.take_sent_call(req) else {
            return;
        };
        let form = match framed {
            true => Form::Framed,
            false => Form::Compact,
        };
        let mut input = In::with(self.codec, payload, form).process_encoding(self);
        if let Some(memory) = memory {
            input = input.sharing(memory);
        }
        let read = std::panic::AssertUnwindSafe(|| call.request.answer(input));
        match std::panic::catch_unwind(read) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.stats.undecoded(&error.to_string()),
            Err(_) => self.stats.undecoded("reading an answer panicked"),
        }
    }

    fn reply_error(&self, req: u64, bytes: &[u8]) {
        // Only the error of a known call is read: its pids may be of nodes that this node does not know yet.
        let Some(call) = self.take_sent_call(req) else {
            return;
        };
        let mut input = In::with(self.codec, bytes, Form::Compact).process_encoding(self);
        let Ok(error) = CallError::take(&mut input) else {
            self.stats.undecoded("an error");
            self.close(CloseCode::Malformed, "an error that cannot be read");
            call.request.fail(CallError::NoConnection {
                executed: Executed::Maybe,
            });
            return;
        };
        call.request.fail(error);
    }

    /// Drops the state of the session after its end, and notifies the callers that wait for an answer.
    pub(crate) fn abandon(&self) {
        let sent_calls = self.sent_calls.lock().take();
        for call in sent_calls.unwrap_or_default().into_values() {
            call.request.fail(CallError::NoConnection {
                executed: Executed::Maybe,
            });
        }
        let answers = self.answers.lock().take();
        for answer in answers.unwrap_or_default().into_values() {
            answer.cancel();
        }
        self.unclaimed.close();
        self.linkable.clear();
        let receivers = std::mem::take(&mut *self.receivers.lock());
        drop(receivers);
    }
}

/// Returns the number of the call and the time that its caller waits; `None` for a cast.
fn call_header(frame: &Frame<'_>) -> Option<CallHeader> {
    let Frame::Ask {
        req, deadline_ms, ..
    } = *frame
    else {
        return None;
    };
    let left = deadline_ms.map(|left| Duration::from_millis(u64::from(left)));
    Some(CallHeader { req, left })
}
