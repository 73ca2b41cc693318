//! A request is one trace on all nodes that it reaches.

use std::time::Duration;

use ambit::prelude::*;
use ambit::rpc;
use ambit::telemetry::TraceContext;
use tokio::sync::Notify;
use tracing::Level;

use crate::support::traces::Traces;
use crate::two_nodes::pair::pair;

const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: Option<&str> = Some("00f067aa0ba902b7");

/// Returns the context of an external request.
fn outside() -> TraceContext {
    HEADER.parse().unwrap()
}

/// Notified when a request has passed all servers.
static ENDED: Notify = Notify::const_new();

/// One of a sequence of servers that a request passes.
struct Stop {
    next: Option<StopSubject>,
}

#[gen_server(remote = "traces.stop")]
impl Stop {
    #[init]
    fn new(next: Option<StopSubject>) -> Self {
        Self { next }
    }

    #[call]
    async fn ask_here(&mut self) {
        self.next.as_ref().unwrap().ask_there().await.unwrap();
    }

    #[call]
    async fn ask_there(&mut self) {
        tokio::task::yield_now().await;
        self.next.as_ref().unwrap().tell_back().await.unwrap();
    }

    #[cast]
    async fn tell_back(&mut self) {
        self.next.as_ref().unwrap().end().await.unwrap();
        ENDED.notify_one();
    }

    #[call]
    fn end(&mut self) {}
}

#[ambit::test(real_time)]
async fn a_request_across_two_nodes_and_back_forms_one_trace() {
    let (traces, _listening) = Traces::listen(Level::DEBUG);
    let pair = pair().await;
    pair.far.expose::<Stop>();
    let far = pair.near.on("far");
    let end = far.start::<Stop>((None,)).await.unwrap();
    let back = Stop::start(Some(end)).await.unwrap();
    let there = far.start::<Stop>((Some(back),)).await.unwrap();
    let here = Stop::start(Some(there)).await.unwrap();
    outside().scope(here.ask_here()).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(20), ENDED.notified());
    ended.await.expect("the request passes all of them");
    let way = ["ask_here", "ask_there", "tell_back", "end"];
    traces.is_chain(TRACE, PARENT, &way);
}

#[ambit::test(real_time)]
async fn both_nodes_log_the_trace_and_the_request_of_a_message() {
    let (traces, _listening) = Traces::listen(Level::DEBUG);
    let pair = pair().await;
    pair.far.expose::<Stop>();
    let stop = pair.near.on("far").start::<Stop>((None,)).await.unwrap();
    // The message has no cause, so its trace begins with the send.
    stop.end().await.unwrap();
    let said = traces.with("method", "end");
    let [sent, come, handled] = &said[..] else {
        panic!("{said:?}");
    };
    assert_eq!(sent["message"], "a message for another node");
    assert_eq!(come["message"], "a message from another node");
    assert!(sent["peer"].contains("far") && come["peer"].contains("near"));
    assert_eq!(sent["request"], come["request"]);
    let ids = (&sent["trace_id"], &sent["span_id"]);
    assert_eq!(ids, (&come["trace_id"], &come["parent_id"]));
    assert_eq!(ids, (&handled["trace_id"], &handled["parent_id"]));
}

#[rpc(name = "traces.current")]
async fn current() -> Option<String> {
    tokio::task::yield_now().await;
    TraceContext::current().map(|context| context.to_string())
}

#[ambit::test(real_time)]
async fn a_remote_call_and_a_remote_start_belong_to_the_trace_of_their_caller() {
    let (traces, _listening) = Traces::listen(Level::DEBUG);
    let pair = pair().await;
    pair.far.expose::<Stop>();
    pair.far.expose_rpc::<current>();
    let far = pair.near.on("far");
    let seen = outside().scope(far.call(current())).await.unwrap();
    traces.is_chain(TRACE, PARENT, &["traces.current"]);
    let span = traces.handled("traces.current")["span_id"].clone();
    assert_eq!(seen, Some(format!("00-{TRACE}-{span}-01")));
    outside()
        .scope(async { far.start::<Stop>((None,)).await.unwrap() })
        .await;
    traces.is_chain(TRACE, PARENT, &["traces.stop"]);
}
