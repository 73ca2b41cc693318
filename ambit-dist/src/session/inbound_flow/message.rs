//! A message for a process of this node: as it arrives, and the record of its wait.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use ambit::distribution::PeerProtocol;
use ambit::message::{Form, In, ProcessEncoding, WaitingDelivery};
use ambit::telemetry::TraceContext;
use bytes::Bytes;

use crate::codecs::any::AnyCodec;
use crate::wire::ProcessAddress as Address;

/// The bytes that a waiting message counts in addition to its payload, for its records here and in the mailbox. An
/// estimate: the size of the decoded message is not known.
const WAITING: usize = 160;

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

    /// Returns the bytes that the message counts while it waits.
    pub(super) fn bytes(&self) -> usize {
        self.payload.len() + WAITING
    }
}

/// The number of a call, and how long its caller waits.
#[derive(Clone, Copy)]
pub(crate) struct CallHeader {
    pub(crate) req: u64,
    /// How long the caller still waits; `None` without a limit.
    pub(crate) left: Option<Duration>,
}

/// A message that waits in the full mailbox of its process.
pub(super) struct WaitingMessage {
    pub(super) delivery: WaitingDelivery,
    /// The number of a call; `None` for a cast.
    pub(super) call: Option<u64>,
    /// The length of its payload.
    pub(super) bytes: usize,
    /// The bytes that it counts while it waits.
    pub(super) counted: usize,
}
