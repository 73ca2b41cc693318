//! A message for a process of this node, in its form at arrival and while it waits.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use ambit::distribution::PeerProtocol;
use ambit::message::{Form, In, ProcessEncoding};
use ambit::telemetry::TraceContext;
use bytes::Bytes;

use crate::codecs::any::AnyCodec;
use crate::rt::{self, Instant};
use crate::session::pending_answer::ReservedAnswer;
use crate::wire::ProcessAddress as Address;

/// A message that has arrived, in the memory that it was read into.
pub(crate) struct ReceivedMessage<'a> {
    pub(crate) theirs: &'a Arc<PeerProtocol>,
    pub(crate) method: u32,
    pub(crate) framed: bool,
    pub(crate) from: Option<Address>,
    pub(crate) payload: &'a [u8],
    /// The memory that contains the payload.
    pub(crate) memory: &'a Bytes,
    /// True if that memory contains no other message.
    pub(crate) is_alone: bool,
    pub(crate) ask: Option<CallHeader>,
    /// The trace of the sender.
    pub(crate) trace: Option<TraceContext>,
}

impl ReceivedMessage<'_> {
    /// Runs code that decodes the message, in the trace context of the message. Part of the code belongs to the user
    /// and may panic: a panic fails only this message.
    pub(super) fn caught<T>(&self, what: impl FnOnce() -> T) -> Result<T, ()> {
        let what = AssertUnwindSafe(|| match self.trace {
            Some(trace) => trace.in_scope(what),
            None => what(),
        });
        catch_unwind(what).map_err(drop)
    }

    /// Returns the arguments for decoding.
    pub(super) fn input<'a>(
        &'a self,
        codec: AnyCodec,
        processes: &'a dyn ProcessEncoding<AnyCodec>,
        form: Form,
    ) -> In<'a, AnyCodec> {
        let input = In::with(codec, self.payload, form).process_encoding(processes);
        match self.is_alone {
            true => input.sharing(self.memory),
            false => input,
        }
    }

    /// Returns the memory that the message holds while it waits, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.payload.len() + size_of::<WaitingMessage>()
    }
}

/// The number of a call, and how long its caller waits.
#[derive(Clone, Copy)]
pub(crate) struct CallHeader {
    pub(crate) req: u64,
    /// How long the caller still waits; `None` without a limit.
    pub(crate) left: Option<Duration>,
}

/// A message that waits for its process.
pub(super) struct WaitingMessage {
    pub(super) theirs: Arc<PeerProtocol>,
    pub(super) method: u32,
    pub(super) framed: bool,
    pub(super) from: Option<Address>,
    pub(super) payload: Bytes,
    pub(super) req: Option<u64>,
    /// The caller's deadline.
    pub(super) until: Option<Instant>,
    pub(super) trace: Option<TraceContext>,
    /// The answer to a call. It is cancelled if the caller no longer waits.
    pub(super) reserved: Option<ReservedAnswer>,
}

impl WaitingMessage {
    /// Borrows the message, with the time that its caller still waits.
    pub(super) fn arrived(&self) -> ReceivedMessage<'_> {
        let left = || {
            let until = self.until?;
            Some(until.saturating_duration_since(rt::now()))
        };
        ReceivedMessage {
            theirs: &self.theirs,
            method: self.method,
            framed: self.framed,
            from: self.from,
            payload: &self.payload,
            memory: &self.payload,
            is_alone: true,
            ask: self.req.map(|req| CallHeader { req, left: left() }),
            trace: self.trace,
        }
    }
}
