//! The trace context in front of a message.

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
