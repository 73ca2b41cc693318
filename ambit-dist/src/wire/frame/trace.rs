//! The trace context in front of a message.

use ambit::telemetry::TraceContext;

/// Which trace a message belongs to (W3C Trace Context), as opaque numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Trace {
    /// The trace.
    pub trace_id: [u8; 16],
    /// The span of whoever sent the message.
    pub span_id: [u8; 8],
    /// Whether it is recorded, and what else W3C says of the flags.
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

    /// What a peer has written, if it can be one: W3C wants what cannot to be ignored.
    pub(crate) fn context(&self) -> Option<TraceContext> {
        TraceContext::new(self.trace_id, self.span_id, self.flags)
    }
}
