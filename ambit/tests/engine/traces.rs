//! All consequences of one request belong to one trace, for inline and queued handlers.

use std::sync::Arc;
use std::time::Duration;

use ambit::prelude::*;
use ambit::telemetry::TraceContext;
use tokio::sync::{Semaphore, mpsc};
use tracing::Level;

use crate::support::process::{poll_once, soon};
use crate::support::traces::Traces;

const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: Option<&str> = Some("00f067aa0ba902b7");

/// The trace context of an external request.
fn outside() -> TraceContext {
    HEADER.parse().unwrap()
}

struct Wake;

/// One of a chain of servers that a request passes through.
struct Link {
    next: Option<LinkSubject>,
    /// True if it calls the next one through the queue, even where inline execution would be possible.
    queued: bool,
    /// The trace contexts that its handlers saw.
    seen: mpsc::UnboundedSender<(&'static str, Option<TraceContext>)>,
}

impl Link {
    fn saw(&self, method: &'static str) {
        self.seen.send((method, TraceContext::current())).unwrap();
    }
}

#[gen_server(in_place = always)]
impl Link {
    /// Suspends before it calls the next one.
    #[call]
    async fn ask_first(&mut self) {
        tokio::task::yield_now().await;
        let next = self.next.as_ref().unwrap();
        match self.queued {
            true => next.ask_second().send().await.unwrap(),
            false => next.ask_second().await.unwrap(),
        }
        self.saw("ask_first");
    }

    #[call]
    fn ask_second(&mut self) {
        self.next.as_ref().unwrap().tell_third().now().unwrap();
        self.saw("ask_second");
    }

    #[cast]
    async fn tell_third(&mut self) {
        tokio::task::yield_now().await;
        self.saw("tell_third");
    }

    #[call]
    fn set_off(&mut self, ctx: &mut Context<Self>) {
        ctx.continue_with(LinkContinue::GoOn);
        ctx.send_after(Duration::ZERO, Wake);
    }

    #[continue_with]
    fn go_on(&mut self) {
        self.saw("go_on");
    }

    #[info]
    fn woken(&mut self, _: Wake) {
        self.saw("woken");
    }
}

type Seen = mpsc::UnboundedReceiver<(&'static str, Option<TraceContext>)>;

/// Starts three of them, each with the subject of the next one.
async fn line(queued: bool) -> (LinkSubject, Seen) {
    let (seen, all) = mpsc::unbounded_channel();
    let mut next = None;
    for _ in 0..3 {
        let seen = seen.clone();
        let link = Link { next, queued, seen };
        next = Some(link.start().await.unwrap());
    }
    (next.unwrap(), all)
}

/// Receives `count` of the recorded trace contexts.
async fn of(seen: &mut Seen, count: usize) -> Vec<(&'static str, Option<TraceContext>)> {
    let mut all = Vec::new();
    while all.len() < count {
        all.push(soon(seen.recv()).await.unwrap());
    }
    all
}

async fn check_line(queued: bool) {
    let (traces, _listening) = Traces::listen(Level::DEBUG);
    let (first, mut seen) = line(queued).await;
    soon(outside().scope(first.ask_first())).await.unwrap();
    let seen = of(&mut seen, 3).await;
    let methods = ["ask_first", "ask_second", "tell_third"];
    traces.is_chain(TRACE, PARENT, &methods);
    for (method, current) in seen {
        let (current, span) = (current.unwrap(), traces.handled(method));
        let own = format!("00-{TRACE}-{}-01", span["span_id"]);
        assert_eq!(current.to_string(), own, "{method}");
    }
    let kinds = methods.map(|method| traces.handled(method)["kind"].clone());
    assert_eq!(kinds, ["Call", "Call", "Cast"]);
    assert_eq!(TraceContext::current(), None, "the caller is in no trace");
}

#[tokio::test]
async fn a_line_of_servers_is_one_chain_where_callers_run_handlers() {
    check_line(false).await;
}

#[tokio::test]
async fn a_line_of_servers_is_one_chain_where_messages_are_queued() {
    check_line(true).await;
}

#[tokio::test]
async fn a_message_without_a_cause_starts_its_own_trace() {
    let (traces, _listening) = Traces::listen(Level::DEBUG);
    let (first, mut seen) = line(true).await;
    soon(first.ask_first()).await.unwrap();
    of(&mut seen, 3).await;
    let own = traces.handled("ask_first")["trace_id"].clone();
    traces.is_chain(&own, None, &["ask_first", "ask_second", "tell_third"]);
    // The next request has a new trace.
    soon(first.set_off()).await.unwrap();
    assert_ne!(traces.handled("set_off")["trace_id"], own);
}

#[tokio::test]
async fn a_continuation_belongs_to_what_it_continues_and_a_timer_to_nothing() {
    let (traces, _listening) = Traces::listen(Level::DEBUG);
    let (first, mut seen) = line(true).await;
    soon(outside().scope(first.set_off())).await.unwrap();
    of(&mut seen, 2).await;
    traces.is_chain(TRACE, PARENT, &["set_off", "go_on"]);
    let woken = traces.handled("woken");
    assert_ne!(woken["trace_id"], TRACE);
    assert!(!woken.contains_key("parent_id"));
}

#[tokio::test]
async fn a_sender_waiting_for_capacity_keeps_its_trace() {
    struct Narrow(Arc<Semaphore>);

    #[gen_server(mailbox = 1)]
    impl Narrow {
        #[cast]
        async fn hold(&mut self) {
            self.0.acquire().await.unwrap().forget();
        }

        #[cast]
        fn fill(&mut self) {}

        #[cast]
        fn wait_for_room(&mut self) {}
    }

    let (traces, _listening) = Traces::listen(Level::DEBUG);
    let gate = Arc::new(Semaphore::new(0));
    let narrow = Narrow(gate.clone()).start().await.unwrap();
    narrow.hold().await.unwrap();
    narrow.fill().await.unwrap();
    let mut waits = Box::pin(outside().scope(narrow.wait_for_room()));
    assert!(poll_once(&mut waits).await.is_pending());
    gate.add_permits(1);
    soon(waits).await.unwrap();
    soon(narrow.stop()).await.unwrap();
    traces.is_chain(TRACE, PARENT, &["wait_for_room"]);
}

#[tokio::test]
async fn no_trace_is_propagated_while_spans_are_disabled() {
    let (traces, _listening) = Traces::listen(Level::INFO);
    let (first, mut seen) = line(true).await;
    let inside = async {
        first.ask_first().await.unwrap();
        TraceContext::current()
    };
    assert_eq!(soon(outside().scope(inside)).await, None);
    let methods = of(&mut seen, 3).await;
    assert!(
        methods.iter().all(|(_, seen)| seen.is_none()),
        "{methods:?}"
    );
    assert!(traces.with("method", "ask_first").is_empty());
}
