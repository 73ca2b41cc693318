//! Placed servers that trap exits end with their supervisor's child, as local children do.

use ambit::prelude::*;
use ambit::supervisor::DynamicSupervisor;
use ambit::system::System;
use ambit_dist::{Node, PlacedServers, Placement};
use parking_lot::Mutex;

use super::support::three;
use crate::distribution::support::Net;
use crate::names::support::{cut, heal, until};

/// The reasons that servers ended with, by the number of the server.
static ENDED: Mutex<Vec<(u64, ExitReason)>> = Mutex::new(Vec::new());

/// Traps exits.
struct Trapping(u64);

#[gen_server(remote = "placement.trapping")]
impl Trapping {
    #[init]
    fn new(ctx: &mut Context<Self>, number: u64) -> Self {
        ctx.trap_exits(true);
        Self(number)
    }

    #[call]
    fn number(&self) -> u64 {
        self.0
    }

    #[info]
    fn exited(&mut self, _exit: Exit) {}

    #[terminate]
    fn terminate(&mut self, reason: &ExitReason) {
        ENDED.lock().push((self.0, reason.clone()));
    }
}

fn ended(number: u64) -> Vec<ExitReason> {
    let ended = ENDED.lock();
    let ended = ended.iter().filter(|(ended, _)| *ended == number);
    ended.map(|(_, reason)| reason.clone()).collect()
}

/// A server that traps exits on `c`, whose supervisor runs on `a`.
struct Placed {
    net: Net,
    nodes: [Node; 3],
    on_c: System,
    /// The number of processes on `c` without the server.
    before: usize,
    supervisor: DynamicSupervisor,
    child: Process,
    servers: PlacedServers<Trapping>,
}

impl Placed {
    async fn start(number: u64) -> Self {
        let net = Net::new();
        let (nodes, [_, on_c]) = three(&net).await;
        for node in &nodes {
            node.expose::<Trapping>();
        }
        let before = on_c.process_count();
        let supervisor = DynamicSupervisor::builder().start().await.unwrap();
        let servers = PlacedServers::<Trapping>::new(&nodes[0], Placement::pinned("c"));
        let spec = servers.child_spec("1", (number,));
        let child = supervisor.start_child(spec.restart(Restart::Temporary));
        let child = Process::clone(&child.await.unwrap());
        assert_eq!(servers.via("1").number().await, Ok(number));
        Self {
            net,
            nodes,
            on_c,
            before,
            supervisor,
            child,
            servers,
        }
    }

    async fn has_ended(&self) {
        let is_gone = || self.on_c.process_count() == self.before;
        until("the server on c has ended", is_gone).await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_on_the_side_without_its_supervisor_ends_and_runs_once_after_the_partition() {
    let placed = Placed::start(1).await;
    let [a, b, c] = placed.nodes.each_ref();
    cut(&placed.net, &[c], &[a, b]);
    placed.has_ended().await;
    assert_eq!(ended(1), [ExitReason::NoConnection]);
    heal(&placed.net, &[c], &[a, b]);
    let is_back = || placed.servers.whereis("1").is_some();
    until("the server runs again", is_back).await;
    assert_eq!(placed.on_c.process_count(), placed.before + 1);
    assert_eq!(placed.servers.via("1").number().await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn one_whose_child_process_is_killed_ends() {
    let placed = Placed::start(2).await;
    ambit::exit(&placed.child, ExitReason::Kill);
    placed.has_ended().await;
    // A killed process runs no `#[terminate]`.
    assert_eq!(ended(2), []);
}

#[tokio::test(start_paused = true)]
async fn one_whose_supervisor_is_killed_ends() {
    let placed = Placed::start(3).await;
    ambit::exit(&placed.supervisor, ExitReason::Kill);
    placed.has_ended().await;
    assert_eq!(ended(3), [ExitReason::Killed]);
}
