//! The span of one handler, and its relation to the trace of the message.

use tracing::Span;

use crate::pid::Pid;
use crate::process::dead_letter::LetterKind;
use crate::process::system_inner::SystemInner;
use crate::trace::{self, TARGET, TraceContext};

/// The span of one handler.
pub(crate) struct HandlerSpan {
    span: Span,
    context: TraceContext,
}

/// The handled message and its server.
pub(crate) struct HandledMessage {
    pub(crate) server: &'static str,
    pub(crate) pid: Pid,
    pub(crate) method: &'static str,
    pub(crate) kind: LetterKind,
}

impl HandlerSpan {
    /// Begins the span of a message from `origin`. In `tracing` it is a root, whichever thread runs it: its sender's
    /// span may be on another node, and may be over.
    pub(crate) fn begin(
        system: &SystemInner,
        origin: Option<TraceContext>,
        handled: &HandledMessage,
    ) -> Self {
        let context = TraceContext::after(origin, || system.trace_number());
        let &HandledMessage {
            server,
            pid,
            method,
            kind,
        } = handled;
        let span = tracing::debug_span!(target: TARGET, parent: None, "handle", server, %pid, method, ?kind,
            trace_id = %context.trace(), span_id = %context.span(),
            parent_id = origin.map(|origin| tracing::field::display(origin.span())));
        span.follows_from(Span::current());
        Self { span, context }
    }

    pub(crate) fn context(&self) -> TraceContext {
        self.context
    }

    /// Enters the span until the guard is dropped.
    pub(crate) fn enter(&self) -> SpanGuard<'_> {
        SpanGuard {
            _context: trace::enter(Some(self.context)),
            _span: self.span.enter(),
        }
    }
}

/// Inside a [`HandlerSpan`].
pub(crate) struct SpanGuard<'a> {
    _context: trace::Entered,
    _span: tracing::span::Entered<'a>,
}
