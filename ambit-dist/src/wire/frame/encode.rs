//! Encoding of frames in one pass, filling in the length afterwards.

use bytes::{BufMut, BytesMut};

use crate::wire::frame::address::Local;
use crate::wire::frame::kind::{FRAMED, HAS_TRACE, LAST};
use crate::wire::frame::trace::Trace;
use crate::wire::frame::{Frame, HEADER};
use crate::wire::varint;

impl Frame<'_> {
    /// Appends the frame to `out`, allocating only capacity there.
    ///
    /// # Panics
    /// Panics if the frame has 4 GiB or more. Messages above [`Limits::max_message`](crate::wire::Limits::max_message) are
    /// refused earlier.
    pub fn encode(&self, out: &mut BytesMut) {
        let start = out.len();
        out.reserve(HEADER + 64 + self.tail().len());
        out.put_u32_le(0);
        out.put_u8(self.kind().number());
        out.put_u8(self.flags());
        if let Some(trace) = self.trace() {
            put_trace(trace, out);
        }
        self.put_fields(out);
        out.put_slice(self.tail());
        let length = u32::try_from(out.len() - start - 4);
        let length = length.expect("the limit is checked before encoding");
        out[start..start + 4].copy_from_slice(&length.to_le_bytes());
    }

    /// Returns the flags on the wire.
    fn flags(&self) -> u8 {
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        match self {
            Self::Tell { framed, trace, .. } | Self::Ask { framed, trace, .. } => {
                flag(*framed, FRAMED) | flag(trace.is_some(), HAS_TRACE)
            }
            Self::Reply { framed, .. } => flag(*framed, FRAMED),
            Self::Frag { last, .. } => flag(*last, LAST),
            _ => 0,
        }
    }

    fn trace(&self) -> Option<&Trace> {
        match self {
            Self::Tell { trace, .. } | Self::Ask { trace, .. } => trace.as_ref(),
            _ => None,
        }
    }

    /// Returns the end of the body, which has no length prefix.
    fn tail(&self) -> &[u8] {
        match self {
            Self::TypeDef { contract, .. } => contract,
            Self::Tell { payload, .. }
            | Self::Ask { payload, .. }
            | Self::Reply { payload, .. } => payload,
            Self::ReplyErr { error, .. } => error,
            Self::Down { reason, .. } | Self::Exit { reason, .. } | Self::Stop { reason, .. } => {
                reason
            }
            Self::Frag { chunk, .. } => chunk,
            Self::Hello(bytes) | Self::HelloAck(bytes) => bytes,
            _ => &[],
        }
    }

    /// Writes the fields between the trace context and the tail.
    fn put_fields(&self, out: &mut BytesMut) {
        match *self {
            Self::TypeDef {
                id,
                name,
                fingerprint: number,
                ..
            }
            | Self::NodeDef {
                id,
                name,
                incarnation: number,
            } => {
                varint::put(u64::from(id), out);
                put_text(name, out);
                out.put_u64_le(number);
            }
            Self::Tell {
                to,
                from,
                ty,
                method,
                ..
            } => {
                put_local(to, out);
                put_maybe(from, out);
                varint::put(u64::from(ty), out);
                out.put_u32_le(method);
            }
            Self::Ask {
                req,
                to,
                from,
                ty,
                method,
                deadline_ms,
                ..
            } => {
                varint::put(req, out);
                put_local(to, out);
                put_maybe(from, out);
                varint::put(u64::from(ty), out);
                out.put_u32_le(method);
                varint::put(deadline_ms.map_or(0, |ms| u64::from(ms) + 1), out);
            }
            Self::Reply { req, .. } | Self::ReplyErr { req, .. } | Self::Cancel { req } => {
                varint::put(req, out);
            }
            Self::Frag { id, .. } => varint::put(u64::from(id), out),
            Self::Credit { to, count } => {
                put_local(to, out);
                varint::put(u64::from(count), out);
            }
            Self::Ping { nonce } | Self::Pong { nonce } => out.put_u64_le(nonce),
            _ => self.put_signal(out),
        }
    }

    /// Writes the fields of signals between processes.
    fn put_signal(&self, out: &mut BytesMut) {
        match *self {
            Self::Link { from, to } | Self::Unlink { from, to } => {
                put_local(from, out);
                put_local(to, out);
            }
            Self::Monitor {
                from,
                to,
                reference,
            }
            | Self::Demonitor {
                from,
                to,
                reference,
            } => {
                put_maybe(from, out);
                put_local(to, out);
                varint::put(reference, out);
            }
            Self::Down {
                from,
                to,
                reference,
                ..
            } => {
                put_local(from, out);
                put_maybe(to, out);
                varint::put(reference, out);
            }
            Self::Exit {
                from, to, cause, ..
            } => {
                put_maybe(from, out);
                put_local(to, out);
                out.put_u8(cause.number());
            }
            Self::Stop { from, to, .. } => {
                put_maybe(from, out);
                put_local(to, out);
            }
            _ => {}
        }
    }
}

fn put_local(local: Local, out: &mut BytesMut) {
    varint::put(u64::from(local.slot), out);
    varint::put(u64::from(local.generation), out);
}

/// Writes an optional process: the slot plus 1, or 0 for none.
fn put_maybe(local: Option<Local>, out: &mut BytesMut) {
    let Some(Local { slot, generation }) = local else {
        return out.put_u8(0);
    };
    varint::put(u64::from(slot) + 1, out);
    varint::put(u64::from(generation), out);
}

fn put_text(text: &str, out: &mut BytesMut) {
    varint::put(text.len() as u64, out);
    out.put_slice(text.as_bytes());
}

fn put_trace(trace: &Trace, out: &mut BytesMut) {
    out.put_slice(&trace.trace_id);
    out.put_slice(&trace.span_id);
    out.put_u8(trace.flags);
}
