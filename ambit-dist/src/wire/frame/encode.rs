//! Encodes frames in one pass, and fills in the length afterwards.

use bytes::{BufMut, BytesMut};

use crate::wire::frame::address::ProcessAddress;
use crate::wire::frame::kind::{FRAMED, HAS_TRACE, LAST, OPTIONAL};
use crate::wire::frame::trace::Trace;
use crate::wire::frame::{Frame, HEADER};
use crate::wire::varint::{self, PutByte};

impl Frame<'_> {
    /// Appends the encoded frame, including its length field, to `out`.
    ///
    /// # Panics
    /// Panics if the frame has 4 GiB or more. Nodes refuse messages above
    /// [`Limits::max_message`](crate::wire::Limits::max_message) before encoding them.
    pub fn encode(&self, out: &mut BytesMut) {
        let tail = self.tail();
        let start = out.len();
        out.reserve(HEADER + LONGEST_FIELDS + tail.len());
        let mut head = FrameHeader::default();
        head.put_slice(&[0; LENGTH]);
        head.put_slice(&[self.kind().number(), self.flags()]);
        if let Some(trace) = self.trace() {
            put_trace(trace, &mut head);
        }
        self.put_fields(&mut head, out);
        head.move_to(out);
        out.put_slice(tail);
        let length = u32::try_from(out.len() - start - LENGTH);
        let length = length.expect("the limit is checked before encoding");
        out[start..start + LENGTH].copy_from_slice(&length.to_le_bytes());
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
            _ => flag(self.kind().is_optional(), OPTIONAL),
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
            Self::Down { reason, .. }
            | Self::Exit { reason, .. }
            | Self::ExitAhead { reason, .. }
            | Self::Stop { reason, .. } => reason,
            Self::Frag { chunk, .. } => chunk,
            Self::Hello(bytes) | Self::HelloAck(bytes) => bytes,
            _ => &[],
        }
    }

    /// Writes the fields between the trace context and the tail. A text, which may be long, goes to `text` with the
    /// fields before it.
    fn put_fields(&self, out: &mut FrameHeader, text: &mut BytesMut) {
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
                varint::put(name.len() as u64, out);
                out.move_to(text);
                text.put_slice(name.as_bytes());
                out.put_slice(&number.to_le_bytes());
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
                out.put_slice(&method.to_le_bytes());
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
                out.put_slice(&method.to_le_bytes());
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
            Self::Ping { nonce } | Self::Pong { nonce } => out.put_slice(&nonce.to_le_bytes()),
            _ => self.put_signal(out),
        }
    }

    /// Writes the fields of signals between processes.
    fn put_signal(&self, out: &mut FrameHeader) {
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
            }
            | Self::ExitAhead {
                from, to, cause, ..
            } => {
                put_maybe(from, out);
                put_local(to, out);
                out.put_slice(&[cause.number()]);
            }
            Self::Stop { from, to, .. } => {
                put_maybe(from, out);
                put_local(to, out);
            }
            _ => {}
        }
    }
}

/// The size of the length field of a frame, which the length does not include.
const LENGTH: usize = 4;

/// The maximum size of all fields before a text or a tail, in bytes.
const LONGEST_FIELDS: usize = 90;

/// The beginning of a frame, assembled on the stack: appending each field to the bytes of a lane costs more than the
/// field.
struct FrameHeader {
    bytes: [u8; HEADER + LONGEST_FIELDS],
    length: usize,
}

impl Default for FrameHeader {
    fn default() -> Self {
        Self {
            bytes: [0; HEADER + LONGEST_FIELDS],
            length: 0,
        }
    }
}

impl FrameHeader {
    #[inline]
    fn put_slice(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        self.bytes[self.length..end].copy_from_slice(bytes);
        self.length = end;
    }

    /// Appends the bytes to `out`, and clears the head.
    #[inline]
    fn move_to(&mut self, out: &mut BytesMut) {
        out.put_slice(&self.bytes[..self.length]);
        self.length = 0;
    }
}

impl PutByte for FrameHeader {
    #[inline]
    fn put_byte(&mut self, byte: u8) {
        self.put_slice(&[byte]);
    }
}

#[inline]
fn put_local(local: ProcessAddress, out: &mut FrameHeader) {
    varint::put(u64::from(local.slot), out);
    varint::put(u64::from(local.generation), out);
}

/// Writes an optional process: the slot plus 1, or 0 for none.
#[inline]
fn put_maybe(local: Option<ProcessAddress>, out: &mut FrameHeader) {
    let Some(ProcessAddress { slot, generation }) = local else {
        return out.put_byte(0);
    };
    varint::put(u64::from(slot) + 1, out);
    varint::put(u64::from(generation), out);
}

fn put_trace(trace: &Trace, out: &mut FrameHeader) {
    out.put_slice(&trace.trace_id);
    out.put_slice(&trace.span_id);
    out.put_slice(&[trace.flags]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_fields_fit() {
        let local = ProcessAddress {
            slot: u32::MAX,
            generation: u32::MAX,
        };
        let trace = Trace {
            trace_id: [1; 16],
            span_id: [2; 8],
            flags: 1,
        };
        let frame = Frame::Ask {
            req: u64::MAX,
            to: local,
            from: Some(local),
            ty: u32::MAX,
            method: u32::MAX,
            deadline_ms: Some(u32::MAX),
            framed: true,
            trace: Some(trace),
            payload: &[],
        };
        let mut out = BytesMut::new();
        frame.encode(&mut out);
        assert!(out.len() <= HEADER + LONGEST_FIELDS);
        let decoded = Frame::decode(out[4], out[5], &out[HEADER..]);
        assert_eq!(decoded, Ok(Some(frame)));
    }
}
