//! The trace context of the code that runs on this thread.
//!
//! It is set around a handler, like the current process, and every message carries it to the next mailbox and to other
//! nodes. Without a subscriber for spans, nothing is looked up or carried.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::str::FromStr;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

/// The `tracing` target of the handler spans and their events.
pub(crate) const TARGET: &str = "ambit::server";

/// The W3C flag `sampled`: the trace is recorded.
const SAMPLED: u8 = 1;

/// The number of characters in the text of a context, in the version that is written.
const LENGTH: usize = 55;

thread_local! {
    static CURRENT: Cell<Option<TraceContext>> = const { Cell::new(None) };
}

/// A trace and a span in it, identified as in [W3C Trace Context](https://www.w3.org/TR/trace-context/).
///
/// If a `tracing` subscriber enables level `DEBUG` of `ambit`, every message carries the context of its sender, even to
/// other nodes. The span `handle` of its handler has the same `trace_id`, its own `span_id`, and the span of the sender
/// as its `parent_id`. The `trace_id` thus identifies everything that a request caused. A handler whose sender has no
/// context begins a new trace; [`scope`](Self::scope) continues a trace that came from outside. Without such a
/// subscriber, messages carry no context and cost nothing extra.
///
/// [`Display`](fmt::Display) writes and [`FromStr`] parses the text of the HTTP header `traceparent`.
///
/// ```
/// use ambit::telemetry::TraceContext;
///
/// let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let context: TraceContext = header.parse().unwrap();
/// assert_eq!(context.to_string(), header);
/// assert_eq!((context.span_id()[7], context.flags()), (0xb7, 1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceContext {
    trace_id: [u8; 16],
    span_id: [u8; 8],
    flags: u8,
}

impl TraceContext {
    /// Creates a context from the ids of a trace and a span, with `flags` as defined by W3C (1: recorded). Returns
    /// `None` if all bytes of one of the ids are zero, which W3C reserves for an invalid id.
    ///
    /// ```
    /// use ambit::telemetry::TraceContext;
    /// assert!(TraceContext::new([7; 16], [1; 8], 1).is_some());
    /// assert!(TraceContext::new([7; 16], [0; 8], 1).is_none());
    /// ```
    #[must_use]
    pub fn new(trace_id: [u8; 16], span_id: [u8; 8], flags: u8) -> Option<Self> {
        let is_valid = trace_id != [0; 16] && span_id != [0; 8];
        is_valid.then_some(Self {
            trace_id,
            span_id,
            flags,
        })
    }

    /// Returns the context of the handler or [`scope`](Self::scope) that is running on this thread. Returns `None`
    /// outside both, and while no `tracing` subscriber enables level `DEBUG` of `ambit`.
    ///
    /// Tasks and plain processes do not inherit the context of the handler that spawns them, because they may outlive
    /// the request: pass it to them with [`scope`](Self::scope).
    ///
    /// ```
    /// assert_eq!(ambit::telemetry::TraceContext::current(), None);
    /// ```
    #[must_use]
    pub fn current() -> Option<Self> {
        carried()
    }

    /// Returns the id of the trace: the `trace-id` of W3C Trace Context, shared by all spans of one request.
    #[must_use]
    pub fn trace_id(&self) -> [u8; 16] {
        self.trace_id
    }

    /// Returns the id of the span. In the context of a handler, it is the span of that handler; in a parsed
    /// `traceparent` header, it is the `parent-id`, the span that sent the request.
    #[must_use]
    pub fn span_id(&self) -> [u8; 8] {
        self.span_id
    }

    /// Returns the flags; 1 means that the trace is recorded. Messages carry the flags unchanged.
    #[must_use]
    pub fn flags(&self) -> u8 {
        self.flags
    }

    /// Wraps `future` so that it runs in this context: messages that it sends belong to this trace. Use it for requests
    /// that do not come from a server, such as HTTP requests with a header `traceparent`, and for tasks that a handler
    /// spawns.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::telemetry::TraceContext;
    ///
    /// struct Cart(u64);
    ///
    /// #[gen_server]
    /// impl Cart {
    ///     #[call]
    ///     fn add(&mut self, count: u64) -> u64 { self.0 += count; self.0 }
    /// }
    ///
    /// async fn answer_http(traceparent: Option<&str>, cart: &CartSubject) -> Result<u64, CallError> {
    ///     match traceparent.and_then(|header| header.parse::<TraceContext>().ok()) {
    ///         Some(context) => context.scope(cart.add(1)).await,
    ///         None => cart.add(1).await,
    ///     }
    /// }
    ///
    /// #[ambit::main]
    /// async fn main() {
    ///     let cart = Cart(0).start().await.unwrap();
    ///     let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    ///     assert_eq!(answer_http(Some(header), &cart).await, Ok(1));
    /// }
    /// ```
    pub fn scope<F: Future>(self, future: F) -> WithinTrace<F> {
        let context = self;
        WithinTrace { context, future }
    }

    /// Runs `what` in this context and returns its result: the equivalent of [`scope`](Self::scope) for code that is
    /// not async.
    ///
    /// ```
    /// use ambit::telemetry::TraceContext;
    /// let context = TraceContext::new([7; 16], [1; 8], 1).unwrap();
    /// assert_eq!(context.in_scope(|| 1 + 1), 2);
    /// ```
    pub fn in_scope<T>(self, what: impl FnOnce() -> T) -> T {
        let _within = enter(Some(self));
        what()
    }

    /// Creates a further span of the trace of `origin`; without one, the first span of a new trace. `number` returns
    /// random numbers, never 0.
    pub(crate) fn after(origin: Option<Self>, number: impl Fn() -> u64) -> Self {
        let span_id = number().to_be_bytes();
        if let Some(origin) = origin {
            return Self { span_id, ..origin };
        }
        let trace_id = u128::from(number()) << 64 | u128::from(number());
        Self {
            trace_id: trace_id.to_be_bytes(),
            span_id,
            flags: SAMPLED,
        }
    }

    /// Returns the trace, in hexadecimal digits.
    pub(crate) fn trace(self) -> Hex<32> {
        Hex(u128::from_be_bytes(self.trace_id))
    }

    /// Returns the span, in hexadecimal digits.
    pub(crate) fn span(self) -> Hex<16> {
        Hex(u64::from_be_bytes(self.span_id).into())
    }
}

/// A number in `DIGITS` hexadecimal digits.
pub(crate) struct Hex<const DIGITS: usize>(u128);

impl<const DIGITS: usize> fmt::Display for Hex<DIGITS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0DIGITS$x}", self.0)
    }
}

/// Returns true if spans of handlers are enabled, and so the context that connects them.
#[inline(always)]
pub(crate) fn is_on() -> bool {
    tracing::enabled!(target: TARGET, tracing::Level::DEBUG)
}

/// Returns the context that a message carries.
#[inline(always)]
pub(crate) fn carried() -> Option<TraceContext> {
    if is_on() { carried_now() } else { None }
}

#[cold]
fn carried_now() -> Option<TraceContext> {
    CURRENT.get()
}

/// Sets this context until the guard is dropped.
pub(crate) fn enter(context: Option<TraceContext>) -> Entered {
    Entered(CURRENT.replace(context))
}

/// The previous context.
pub(crate) struct Entered(Option<TraceContext>);

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.trace(), self.span(), self.flags)
    }
}

/// The error of parsing a text that is not a valid `traceparent`; [`TraceContext`] shows the format. Handle a request
/// with an invalid header like a request without one.
///
/// ```
/// use ambit::telemetry::TraceContext;
/// let parse = |header: &str| header.parse::<TraceContext>().ok();
/// assert!(parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").is_some());
/// // The id of the span is zero, so the request continues no trace.
/// assert_eq!(parse("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error(
    "no trace context: write `00-<32 hex digits>-<16 hex digits>-<2 hex digits>`, in lower case, neither id all zero"
)]
pub struct InvalidTraceContext {}

impl FromStr for TraceContext {
    type Err = InvalidTraceContext;

    /// Parses version `00`, which [`Display`](fmt::Display) writes, and the known part of later versions, as W3C
    /// requires.
    fn from_str(text: &str) -> Result<Self, InvalidTraceContext> {
        read(text).ok_or(InvalidTraceContext {})
    }
}

fn read(text: &str) -> Option<TraceContext> {
    let (known, rest) = text.split_at_checked(LENGTH)?;
    let mut parts = known.split('-');
    let [version] = digits(parts.next()?)?;
    let is_whole = match version {
        0 => rest.is_empty(),
        0xff => false,
        _ => rest.is_empty() || rest.starts_with('-'),
    };
    let (trace_id, span_id) = (digits(parts.next()?)?, digits(parts.next()?)?);
    let [flags] = digits(parts.next()?)?;
    let context = TraceContext::new(trace_id, span_id, flags)?;
    (is_whole && parts.next().is_none()).then_some(context)
}

/// Parses `N` bytes in hexadecimal digits, in lower case.
fn digits<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

pin_project! {
    /// The future of [`TraceContext::scope`], which runs the wrapped future in a trace context.
    #[must_use = "a future does nothing until it is awaited or spawned"]
    pub struct WithinTrace<F> {
        context: TraceContext,
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for WithinTrace<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _within = enter(Some(*this.context));
        this.future.poll(cx)
    }
}

impl<F> fmt::Debug for WithinTrace<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithinTrace")
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
