//! The trace context of a message.

use ambit::telemetry::TraceContext;

/// The trace context of a message, as defined by W3C Trace Context, as uninterpreted bytes.
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
