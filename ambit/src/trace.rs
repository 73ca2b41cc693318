//! Which trace the code that runs on this thread belongs to.
//!
//! It is set around a handler, as the current process is, and every message takes it along: to the next mailbox, and to
//! other nodes. Nobody wants spans: nothing is looked up, and nothing is carried.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::str::FromStr;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

/// Where the spans of handlers, and what belongs to them, are to be found by a filter.
pub(crate) const TARGET: &str = "ambit::server";

/// What W3C calls sampled: somebody records it.
const SAMPLED: u8 = 1;

/// How many characters the text of a context has, in the version that is written.
const LENGTH: usize = 55;

thread_local! {
    static CURRENT: Cell<Option<TraceContext>> = const { Cell::new(None) };
}

/// Which trace something belongs to, and which span of it: the numbers of
/// [W3C Trace Context](https://www.w3.org/TR/trace-context/).
///
/// With a `tracing` subscriber that wants level `DEBUG` of `ambit`, every message takes the context of its sender along, also
/// to other nodes; the span of its handler, `handle`, has the same `trace_id`, a `span_id` of its own, and as its `parent_id`
/// the span of the sender. So everything that one request caused is found by one number. Where a chain begins is
/// up to you: a handler that nobody with a context has caused begins a trace of its own, and [`scope`](Self::scope) goes
/// on with one that came from outside.
///
/// Its text, by [`Display`](fmt::Display) and [`FromStr`], is that of the header `traceparent`. Without such a subscriber
/// nothing is carried, and it costs nothing.
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
    /// Of these numbers, `flags` as W3C has them (1: recorded). `None` if either of the ids is all zero, which stands for none.
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

    /// That of the handler, or of the [`scope`](Self::scope), that runs on this thread. `None` outside of both, and
    /// everywhere while no `tracing` subscriber wants level `DEBUG` of `ambit`.
    ///
    /// It does not follow into tasks and plain processes, which may outlive the request: give it to them with
    /// [`scope`](Self::scope).
    ///
    /// ```
    /// assert_eq!(ambit::telemetry::TraceContext::current(), None);
    /// ```
    #[must_use]
    pub fn current() -> Option<Self> {
        carried()
    }

    /// The trace.
    #[must_use]
    pub fn trace_id(&self) -> [u8; 16] {
        self.trace_id
    }

    /// The span in it.
    #[must_use]
    pub fn span_id(&self) -> [u8; 8] {
        self.span_id
    }

    /// The flags; 1 says that somebody records it. They are passed on as they came.
    #[must_use]
    pub fn flags(&self) -> u8 {
        self.flags
    }

    /// A future that runs with this context, at each poll: what is sent in it belongs to this trace. For what begins
    /// outside of servers, as a request over HTTP with a header `traceparent`, and for tasks that a handler spawns.
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

    /// The same for code that is not async: runs `what` with this context.
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

    /// A further span of the trace of `origin`; without one the first of a trace of its own. `number` gives random numbers,
    /// never 0.
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

    /// The trace, in hexadecimal digits.
    pub(crate) fn trace(self) -> Hex<32> {
        Hex(u128::from_be_bytes(self.trace_id))
    }

    /// The span, in hexadecimal digits.
    pub(crate) fn span(self) -> Hex<16> {
        Hex(u64::from_be_bytes(self.span_id).into())
    }
}

/// A number in so many hexadecimal digits.
pub(crate) struct Hex<const DIGITS: usize>(u128);

impl<const DIGITS: usize> fmt::Display for Hex<DIGITS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0DIGITS$x}", self.0)
    }
}

/// Whether anybody wants spans of handlers, and so the context that connects them.
#[inline(always)]
pub(crate) fn is_on() -> bool {
    tracing::enabled!(target: TARGET, tracing::Level::DEBUG)
}

/// What a message takes along.
#[inline(always)]
pub(crate) fn carried() -> Option<TraceContext> {
    if is_on() { carried_now() } else { None }
}

#[cold]
fn carried_now() -> Option<TraceContext> {
    CURRENT.get()
}

/// Runs in this context until the guard is dropped.
pub(crate) fn enter(context: Option<TraceContext>) -> Entered {
    Entered(CURRENT.replace(context))
}

/// What was so before.
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

/// A text that is no trace context; [`TraceContext`] says what one looks like. A request with such a header is best handled as
/// one without.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error(
    "no trace context: write `00-<32 hex digits>-<16 hex digits>-<2 hex digits>`, in lower case, neither id all zero"
)]
pub struct InvalidTraceContext {}

impl FromStr for TraceContext {
    type Err = InvalidTraceContext;

    /// Reads the version that is written here, and what is known of it in later ones, as W3C asks.
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

/// So many bytes in hexadecimal digits, in lower case.
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
    /// A future that runs in a trace; see [`TraceContext::scope`].
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
