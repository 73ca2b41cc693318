//! The trace context of a message.

use ambit::telemetry::TraceContext;

/// The trace context of a message, as defined by W3C Trace Context, as uninterpreted bytes.
///
/// ```
/// use ambit_dist::wire::{Frame, ProcessAddress, Trace};
///
/// let trace = Some(Trace { trace_id: [7; 16], span_id: [1; 8], flags: 1 });
/// let to = ProcessAddress { slot: 7, generation: 1 };
/// let tell = Frame::Tell { to, from: None, ty: 1, method: 2, framed: false, trace, payload: b"" };
/// let mut out = bytes::BytesMut::new();
/// tell.encode(&mut out);
/// assert_eq!(out[5], 0x01, "the flag of frames with a trace context");
/// assert_eq!(out[6..22], [7; 16]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Trace {
    /// The identifier of the trace.
    pub trace_id: [u8; 16],
    /// The identifier of the sender's span.
    pub span_id: [u8; 8],
    /// The trace flags as defined by W3C, such as the sampled flag.
    pub flags: u8,
}

impl Trace {
    pub(crate) fn of(context: &TraceContext) -> Self {
        Self {
            trace_id: context.trace_id(),
            span_id: context.span_id(),
            flags: context.flags(),
        }
    }

    /// Converts the context if it is valid: W3C requires that invalid ones are ignored.
    pub(crate) fn context(&self) -> Option<TraceContext> {
        TraceContext::new(self.trace_id, self.span_id, self.flags)
    }
}
