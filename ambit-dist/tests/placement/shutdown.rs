//! The end of placed servers: with their child process, and with the system of their member.

use std::future::pending;
use std::time::Duration;

use ambit::prelude::*;
use ambit::supervisor::{ChildSpec, ChildState, DynamicSupervisor, Supervisor};
use ambit::system::System;
use ambit_dist::{Node, PlacedServers, Placement};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::support::{all_on, nodes, start, strict, three};
use crate::distribution::support::Net;
use crate::names::support::until;

/// A server whose `#[terminate]` takes 10 s.
struct Slow;

#[gen_server(remote = "placement.slow")]
impl Slow {
    #[init]
    fn new(ctx: &mut Context<Self>) -> Self {
        ctx.trap_exits(true);
        Self
    }

    #[cast]
    async fn hang(&mut self) {
        pending::<()>().await;
    }

    #[info]
    fn exited(&mut self, _exit: Exit) {}

    #[terminate]
    async fn terminate(&mut self, _reason: &ExitReason) {
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
}

/// The reasons that servers of the type `Quiet` ended with.
static ENDED: Mutex<Vec<ExitReason>> = Mutex::new(Vec::new());

/// Records its end.
struct Quiet;

#[gen_server(remote = "placement.quiet")]
impl Quiet {
    #[init]
    fn new() -> Self {
        Self
    }

    #[cast]
    fn nothing(&mut self) {}

    #[terminate]
    fn terminate(&mut self, reason: &ExitReason) {
        ENDED.lock().push(reason.clone());
    }
}

/// One `Slow` on `c`, whose supervisor runs on `a`.
struct Placed {
    _nodes: [Node; 3],
    on_c: System,
    /// The number of processes on `c` without the server.
    before: usize,
    supervisor: DynamicSupervisor,
    child: Process,
    servers: PlacedServers<Slow>,
}

impl Placed {
    async fn start(shutdown: Shutdown) -> Self {
        let net = Net::new();
        let (nodes, [_, on_c]) = three(&net).await;
        for node in &nodes {
            node.expose::<Slow>();
        }
        let before = on_c.process_count();
        let supervisor = DynamicSupervisor::builder().start().await.unwrap();
        let servers = PlacedServers::<Slow>::new(&nodes[0], Placement::pinned("c"));
        let spec = servers.child_spec("1", ()).shutdown(shutdown);
        let spec = spec.restart(Restart::Temporary);
        let child = supervisor.start_child(spec).await.unwrap();
        let child = Process::clone(&child);
        Self {
            _nodes: nodes,
            on_c,
            before,
            supervisor,
            child,
            servers,
        }
    }

    /// Returns true if the server's process on `c` runs.
    fn runs(&self) -> bool {
        self.on_c.process_count() > self.before
    }

    /// Terminates the child, and returns how long that took.
    async fn terminate(&self) -> Duration {
        let begun = Instant::now();
        let ended = self.supervisor.terminate_child(self.child.pid());
        ended.timeout(Duration::from_secs(60)).await.unwrap();
        begun.elapsed()
    }
}

#[tokio::test(start_paused = true)]
async fn a_child_ends_after_its_server_however_long_that_takes() {
    let placed = Placed::start(Shutdown::Infinity).await;
    let took = placed.terminate().await;
    assert!(!placed.runs(), "the server still runs after {took:?}");
    assert!(took >= Duration::from_secs(10), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stop_of_a_child_waits_for_its_server() {
    let placed = Placed::start(Shutdown::Infinity).await;
    let stopped = placed.child.stop().no_timeout().await;
    assert_eq!(stopped, Ok(()));
    assert!(!placed.runs(), "the server still runs");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_exceeds_the_shutdown_time_is_killed() {
    let placed = Placed::start(Shutdown::After(Duration::from_secs(1))).await;
    placed.servers.via("1").hang().await.unwrap();
    let took = placed.terminate().await;
    assert!(took < Duration::from_secs(2), "{took:?}");
    let begun = Instant::now();
    until("the server has ended", || !placed.runs()).await;
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_server_whose_supervisor_was_killed_has_5_s() {
    let placed = Placed::start(Shutdown::Infinity).await;
    placed.servers.via("1").hang().await.unwrap();
    let begun = Instant::now();
    ambit::exit(&placed.supervisor, ExitReason::Kill);
    placed.child.closed().await;
    assert_eq!(begun.elapsed().as_secs(), 5);
    until("the server has ended", || !placed.runs()).await;
    assert_eq!(placed.servers.placed(), []);
}

#[tokio::test(start_paused = true)]
async fn a_server_on_another_node_ends_in_order_with_the_system_of_its_starter() {
    let net = Net::new();
    let ([_a, b, c], [on_b, on_c]) = three(&net).await;
    c.expose::<Quiet>();
    let before = on_c.process_count();
    let (started, has_started) = tokio::sync::oneshot::channel();
    on_b.within(|| {
        ambit::spawn(|mut inbox: Inbox<()>| async move {
            let quiet = b.on("c").start::<Quiet>(()).link().await.unwrap();
            started.send(quiet.pid()).unwrap();
            inbox.recv().await;
        })
    });
    has_started.await.unwrap();
    assert_eq!(on_b.stop(Duration::from_secs(5)).await.len(), 0);
    until("the server has ended", || on_c.process_count() == before).await;
    assert_eq!(*ENDED.lock(), [ExitReason::Shutdown]);
}

/// Stops the system of the member on which a server runs, and not its node. The supervisor gives up at the first restart.
async fn stop_the_system_of_its_member(restart: Restart) {
    let net = Net::new();
    let ([a, _b, _c], [on_b, _]) = three(&net).await;
    let (supervisor, lots) = strict(&a, Placement::pinned("b")).await;
    let spec = lots.child_spec("1", (10,)).restart(restart);
    supervisor.start_child(spec).await.unwrap();
    let first = lots.whereis("1").unwrap();
    let stuck = on_b.stop(Duration::from_secs(5)).await;
    assert!(stuck.is_empty());
    let runs_again = || {
        lots.whereis("1")
            .is_some_and(|now| now.pid() != first.pid())
    };
    until("the server runs again", runs_again).await;
    assert_eq!(lots.via("1").bid().await, Ok(11));
    assert!(supervisor.is_alive());
}

#[tokio::test(start_paused = true)]
async fn the_stop_of_its_members_system_is_a_loss_for_a_permanent_server() {
    stop_the_system_of_its_member(Restart::Permanent).await;
}

#[tokio::test(start_paused = true)]
async fn the_stop_of_its_members_system_is_a_loss_for_a_transient_server() {
    stop_the_system_of_its_member(Restart::Transient).await;
}

#[tokio::test(start_paused = true)]
async fn a_member_whose_system_is_stopping_starts_no_server() {
    let net = Net::new();
    let ([a, b, _c], [on_b, _]) = three(&net).await;
    // Its oldest process is stopped last.
    b.expose::<Slow>();
    let slow = a.on("b").start::<Slow>(()).await.unwrap();
    let (supervisor, lots) = strict(&a, Placement::least_loaded()).await;
    start(&supervisor, &lots, ["1", "2", "3", "4"]).await;
    assert_eq!(nodes(&lots), "a b c a");
    let stop = ambit::spawn(move |_: Inbox<()>| async move {
        on_b.stop(Duration::from_secs(60)).await;
    });
    all_on(&lots, "a c c a").await;
    start(&supervisor, &lots, ["5", "6"]).await;
    assert!(slow.is_alive() && stop.is_alive());
    assert_eq!(nodes(&lots), "a c c a a c");
    assert_eq!(lots.via("6").bid().await, Ok(11));
    assert!(supervisor.is_alive());
}

#[tokio::test(start_paused = true)]
async fn a_server_whose_supervisor_is_killed_while_it_stops_has_5_s_from_then_on() {
    let placed = Placed::start(Shutdown::Infinity).await;
    placed.servers.via("1").hang().await.unwrap();
    let begun = Instant::now();
    let terminates = placed.supervisor.terminate_child(placed.child.pid()).send();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(placed.runs());
    ambit::exit(&placed.supervisor, ExitReason::Kill);
    placed.child.closed().await;
    assert_eq!(begun.elapsed().as_secs(), 65);
    assert!(terminates.await.is_err());
    until("the server has ended", || !placed.runs()).await;
}

#[tokio::test(start_paused = true)]
async fn a_supervisor_that_was_killed_restarts_once_its_servers_have_ended() {
    let net = Net::new();
    let (nodes, _systems) = three(&net).await;
    for node in &nodes {
        node.expose::<Slow>();
    }
    let servers = PlacedServers::<Slow>::new(&nodes[0], Placement::pinned("c"));
    let inner = {
        let servers = servers.clone();
        move || {
            let child = servers.child_spec("1", ()).shutdown(Shutdown::Infinity);
            Supervisor::builder().child(child).start()
        }
    };
    let inner = ChildSpec::from_fn(inner).id("inner");
    let outer = Supervisor::builder().restarts(1, Duration::from_secs(60));
    let outer = outer.child(inner).start().await.unwrap();
    let first = servers.whereis("1").unwrap();
    first.hang().await.unwrap();
    let begun = Instant::now();
    let ChildState::Running(inner) = outer.which_children().await.unwrap()[0].state else {
        panic!("the inner supervisor runs");
    };
    ambit::exit(inner, ExitReason::Kill);
    first.closed().await;
    let runs_again = || {
        servers
            .whereis("1")
            .is_some_and(|server| server.pid() != first.pid())
    };
    until("the next server runs", runs_again).await;
    assert_eq!(begun.elapsed().as_secs(), 5);
    assert!(outer.is_alive());
}
