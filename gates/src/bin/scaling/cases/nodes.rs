//! Two nodes in one program, connected in memory: the state that a node keeps about processes of the other.

use std::future::pending;
use std::sync::Arc;

use ambit::distribution::{
    AgreedProtocol, Attachment, MethodEncoding, PeerProtocol, ProtocolBinding, Signal, Signals,
};
use ambit::message::{Form, tag};
use ambit::prelude::*;
use ambit::process::Pid;
use ambit::system::System;
use ambit_dist::transport::Memory;
use ambit_dist::{Limits, Node};

use super::{Order, SECOND, end, idle, poll_once, turns};
use crate::case::{Case, case};
use crate::run::Run;

#[rustfmt::skip] // a table: one line per case
pub(super) fn all() -> Vec<Case> {
    vec![
        case!("nodes/start there", 250, [], start),
        case!("nodes/monitor many there", 250, [], monitor),
        case!("nodes/monitor one there, often", 250, [], |run, n| monitor_one(run, n, false)),
        case!("nodes/monitored ones end there", 250, [], targets_end),
        case!("nodes/one that is monitored often ends there", 250, [], |run, n| monitor_one(run, n, true)),
        case!("nodes/demonitor there, at random", 250, [], demonitor),
        case!("nodes/link to many there, and unlink", 250, [], link),
        case!("nodes/linked ones end there", 250, [], linked_end),
        case!("nodes/end with links there", 250, [], end_with_links),
        case!("nodes/many wait for the end of one there", 250, [], closed),
        case!("nodes/calls wait for answers, in order", 250, [], |run, n| calls(run, n, Order::Forward)),
        case!("nodes/calls wait for answers, at random", 250, [], |run, n| calls(run, n, Order::Random)),
        case!("nodes/calls are given up, at random", 250, [], give_up),
        case!("nodes/calls wait for credit", 250, [], credit),
        case!("nodes/casts to one there", 4_000, [], casts),
        case!("nodes/casts wait for credit, and are withdrawn", 250, [], withdraw),
        case!("nodes/handles of many in one message", 250, [], handles),
        case!("nodes/loss of a node with monitors, links and calls", 250, [], loss),
        case!("nodes/many nodes are lost, among many processes", 1_000, [], losses),
        case!("nodes/processes end that the other node knows", 250, [], known_end),
        case!("nodes/methods of two versions of a protocol are compared", 100, [], compared),
    ]
}

/// A server that the other node can start.
#[derive(Default)]
struct Desk {
    seen: u64,
    kept: Vec<Option<ReplyTo<u64>>>,
    known: Vec<DeskSubject>,
}

#[gen_server(remote = "scaling.desk", in_place = never)]
impl Desk {
    #[init]
    fn new() -> Self {
        Self::default()
    }

    #[call]
    fn seen(&self) -> u64 {
        self.seen
    }

    #[call(deferred)]
    fn ask(&mut self, reply: ReplyTo<u64>) {
        self.kept.push(Some(reply));
    }

    /// Replies to all kept calls, in their order or at random.
    #[cast]
    fn answer(&mut self, random: bool) {
        let order = if random {
            Order::Random
        } else {
            Order::Forward
        };
        for index in order.of(self.kept.len()) {
            let reply = self.kept[index].take();
            reply.expect("each is answered once").send(1);
        }
    }

    #[cast]
    fn note(&mut self) {
        self.seen += 1;
    }

    #[call]
    fn know(&mut self, others: Vec<DeskSubject>) {
        self.known.extend(others);
    }

    /// Handles nothing for this number of seconds.
    #[cast]
    async fn sleep(&mut self, seconds: u32) {
        tokio::time::sleep(SECOND * seconds).await;
    }
}

struct Pair {
    near: Node,
    far: Node,
    _far_system: System,
}

async fn pair() -> Pair {
    let network = Memory::new();
    let far_system = System::builder()
        .quiet_panics(true)
        .build()
        .expect("there is a runtime");
    let bind = |address: &str| {
        let address = address.parse().expect("an address");
        network.bind(address).expect("the address is free")
    };
    let near = Node::builder("near").transport(bind("10.0.0.1:9000"));
    let near = near
        .limits(Limits::default())
        .start()
        .await
        .expect("it starts");
    let far = Node::builder("far").transport(bind("10.0.0.2:9000"));
    let far = far
        .system(far_system.clone())
        .start()
        .await
        .expect("it starts");
    near.connect(far.local_addr()).await.expect("they meet");
    far.expose::<Desk>();
    Pair {
        near,
        far,
        _far_system: far_system,
    }
}

async fn desks(pair: &Pair, n: usize) -> Vec<DeskSubject> {
    let far = pair.near.on("far");
    let mut all = Vec::new();
    for _ in 0..n {
        all.push(far.start::<Desk>(()).await.expect("it starts"));
    }
    all
}

async fn desk(pair: &Pair) -> DeskSubject {
    desks(pair, 1).await.remove(0)
}

async fn start(mut run: Run, n: usize) {
    let pair = pair().await;
    run.begin().await;
    let all = desks(&pair, n).await;
    run.end().await;
    drop(all);
}

/// Waits until everything sent before has arrived.
async fn arrived(desk: &DeskSubject) {
    desk.seen().await.expect("it lives");
}

async fn monitor(mut run: Run, n: usize) {
    let pair = pair().await;
    let all = desks(&pair, n).await;
    run.begin().await;
    for desk in &all {
        run.inbox.monitor(desk);
    }
    arrived(&all[0]).await;
    run.end().await;
}

async fn monitor_one(mut run: Run, n: usize, ends: bool) {
    let pair = pair().await;
    let desk = desk(&pair).await;
    run.begin().await;
    for _ in 0..n {
        run.inbox.monitor(&desk);
    }
    arrived(&desk).await;
    if ends {
        ambit::exit(&desk, ExitReason::Kill);
        downs(&mut run, n).await;
    }
    run.end().await;
}

async fn downs(run: &mut Run, n: usize) {
    for _ in 0..n {
        assert!(matches!(run.inbox.next().await, InboxEvent::Down(_)));
    }
}

async fn targets_end(mut run: Run, n: usize) {
    let pair = pair().await;
    let all = desks(&pair, n).await;
    for desk in &all {
        run.inbox.monitor(desk);
    }
    run.begin().await;
    for index in Order::Random.of(n) {
        ambit::exit(&all[index], ExitReason::Kill);
    }
    downs(&mut run, n).await;
    run.end().await;
}

async fn demonitor(mut run: Run, n: usize) {
    let pair = pair().await;
    let all = desks(&pair, n).await;
    let monitors: Vec<_> = all.iter().map(|desk| run.inbox.monitor(desk)).collect();
    run.begin().await;
    for index in Order::Random.of(n) {
        assert!(run.inbox.demonitor(monitors[index]));
    }
    arrived(&all[0]).await;
    run.end().await;
}

async fn link(mut run: Run, n: usize) {
    let pair = pair().await;
    let all = desks(&pair, n).await;
    run.begin().await;
    for desk in &all {
        run.inbox.link(desk).expect("it lives");
    }
    for index in Order::Random.of(n) {
        run.inbox.unlink(&all[index]);
    }
    arrived(&all[0]).await;
    run.end().await;
}

async fn linked_end(mut run: Run, n: usize) {
    let pair = pair().await;
    let all = desks(&pair, n).await;
    run.inbox.trap_exits(true);
    for desk in &all {
        run.inbox.link(desk).expect("it lives");
    }
    run.begin().await;
    for index in Order::Random.of(n) {
        ambit::exit(&all[index], ExitReason::Kill);
    }
    for _ in 0..n {
        assert!(matches!(run.inbox.next().await, InboxEvent::Exit(_)));
    }
    run.end().await;
}

async fn end_with_links(mut run: Run, n: usize) {
    let pair = pair().await;
    let all = desks(&pair, n).await;
    let linked = all.clone();
    let middle = ambit::spawn(move |mut inbox: Inbox<()>| async move {
        for desk in &linked {
            inbox.link(desk).expect("it lives");
        }
        pending::<()>().await;
    });
    turns(4).await;
    run.begin().await;
    end(&middle).await;
    for desk in &all {
        desk.closed().await;
    }
    run.end().await;
}

async fn closed(mut run: Run, n: usize) {
    let pair = pair().await;
    let desk = desk(&pair).await;
    run.begin().await;
    let monitors: Vec<_> = (0..2 * n).map(|_| desk.monitor()).collect();
    let mut kept = Vec::new();
    for (index, monitor) in monitors.into_iter().enumerate() {
        if index % 2 == 0 {
            kept.push(monitor);
        }
    }
    ambit::exit(&desk, ExitReason::Kill);
    for monitor in kept {
        monitor.await;
    }
    run.end().await;
}

async fn calls(mut run: Run, n: usize, order: Order) {
    let pair = pair().await;
    let desk = desk(&pair).await;
    run.begin().await;
    let mut calls: Vec<_> = (0..n).map(|_| desk.ask().no_timeout().send()).collect();
    for call in &mut calls {
        assert!(poll_once(call).is_pending());
    }
    desk.answer(matches!(order, Order::Random))
        .await
        .expect("it lives");
    for call in calls {
        call.await.expect("it is answered");
    }
    run.end().await;
}

async fn give_up(mut run: Run, n: usize) {
    let pair = pair().await;
    let desk = desk(&pair).await;
    let mut calls: Vec<_> = (0..n).map(|_| desk.ask().no_timeout().send()).collect();
    for call in &mut calls {
        assert!(poll_once(call).is_pending());
    }
    arrived(&desk).await;
    run.begin().await;
    Order::Random.drop(calls);
    arrived(&desk).await;
    run.end().await;
}

/// More calls than there is credit for, to a busy server.
async fn credit(mut run: Run, n: usize) {
    let pair = pair().await;
    let desk = desk(&pair).await;
    desk.sleep(60).await.expect("it lives");
    run.begin().await;
    let mut calls: Vec<_> = (0..8 * n)
        .map(|_| desk.seen().no_timeout().send())
        .collect();
    for call in &mut calls {
        assert!(poll_once(call).is_pending());
    }
    for call in calls {
        call.await.expect("it is answered");
    }
    run.end().await;
}

async fn casts(mut run: Run, n: usize) {
    let pair = pair().await;
    let desk = desk(&pair).await;
    run.begin().await;
    for _ in 0..n {
        desk.note().await.expect("it lives");
    }
    arrived(&desk).await;
    run.end().await;
}

/// More casts than a node sends to one process without new credit.
const CREDIT: usize = 2_000;

async fn withdraw(mut run: Run, n: usize) {
    let pair = pair().await;
    let desk = desk(&pair).await;
    desk.sleep(60).await.expect("it lives");
    let waiting = |casts: usize| {
        let casts = (0..casts).map(|_| desk.note().no_timeout().into_owned());
        let mut casts: Vec<_> = casts.collect();
        for cast in &mut casts {
            let _ = poll_once(cast);
        }
        casts
    };
    // These use up the credit.
    let sent = waiting(CREDIT);
    let casts = waiting(16 * n);
    run.begin().await;
    Order::Random.drop(casts);
    run.end().await;
    drop(sent);
}

async fn handles(mut run: Run, n: usize) {
    let pair = pair().await;
    let desk = desk(&pair).await;
    let mut own = Vec::new();
    for _ in 0..n {
        own.push(Desk::start().await.expect("it starts"));
    }
    run.begin().await;
    for part in own.chunks(50) {
        desk.know(part.to_vec()).await.expect("it lives");
    }
    run.end().await;
}

async fn loss(mut run: Run, n: usize) {
    let pair = pair().await;
    let all = desks(&pair, n).await;
    run.inbox.trap_exits(true);
    let mut calls = Vec::new();
    for desk in &all {
        run.inbox.link(desk).expect("it lives");
        run.inbox.monitor(desk);
        calls.push(desk.ask().no_timeout().send());
    }
    for call in &mut calls {
        assert!(poll_once(call).is_pending());
    }
    arrived(&all[0]).await;
    run.begin().await;
    assert!(pair.near.disconnect("far").await);
    for call in calls {
        call.await.expect_err("the node is lost");
    }
    for _ in 0..2 * n {
        run.inbox.next().await;
    }
    run.end().await;
    drop(pair.far);
}

/// Discards all signals.
struct Silent;

impl Signals for Silent {
    fn signal(&self, _to: Pid, _signal: Signal) {}
}

/// As many nodes as processes, each of which is linked to one process.
async fn losses(mut run: Run, n: usize) {
    let system = System::current().expect("the run has one");
    let nodes: Vec<_> = (0..n).map(|_| Attachment::new(&system)).collect();
    let all = idle(n);
    turns(2).await;
    for (node, process) in nodes.iter().zip(&all) {
        node.connect(Arc::new(Silent));
        let from = node.pid(1, 0);
        node.accept(process.pid(), Signal::Link { from })
            .expect("it lives");
    }
    run.begin().await;
    for node in &nodes {
        node.disconnect();
    }
    for process in &all {
        assert_eq!(process.closed().await, ExitReason::NoConnection);
    }
    run.end().await;
}

/// Local processes end one after the other, while the other node has handles of them.
async fn known_end(mut run: Run, n: usize) {
    let pair = pair().await;
    let desk = desk(&pair).await;
    let mut own = Vec::new();
    for _ in 0..n {
        own.push(Desk::start().await.expect("it starts"));
    }
    for part in own.chunks(50) {
        desk.know(part.to_vec()).await.expect("it lives");
    }
    run.begin().await;
    for index in Order::Random.of(n) {
        end(&own[index]).await;
    }
    arrived(&desk).await;
    run.end().await;
}

/// Returns a protocol with `n` methods, which all refer to a chain of `n` types. `last` are the fields of the last type.
fn versioned(n: usize, last: &str) -> Arc<ProtocolBinding> {
    let mut text = "ambit contract 1\nprotocol chain\n".to_owned();
    for method in 0..n {
        text.push_str(&format!("  call m{method}(a: t0) -> u64\n"));
    }
    for next in 1..n {
        let before = next - 1;
        text.push_str(&format!("struct t{before} version 1\n  next: t{next}\n"));
    }
    text.push_str(&format!("struct t{} version 1\n{last}", n - 1));
    let contract = text.parse().expect("the text of a contract");
    Arc::new(ProtocolBinding::new("chain", contract))
}

/// A node compares its methods with those of a newer version.
async fn compared(mut run: Run, n: usize) {
    let ours = versioned(n, "  a: u64\n");
    let newer = versioned(n, "  a: u64\n  b?: option<u64>\n");
    let theirs = PeerProtocol::new("chain".into(), newer.fingerprint(), newer.text().to_owned());
    theirs.contract().expect("the text of a contract");
    let agreed = AgreedProtocol::new(ours, Arc::new(theirs));
    run.begin().await;
    assert_eq!(agreed.terms(tag("m0")), MethodEncoding::Form(Form::Framed));
    run.end().await;
}
