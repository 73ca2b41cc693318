//! The keeper of a node: it starts the services that no node runs.

use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::{MemberEvent, NameEvent, Node, RegisterNameError};

use crate::service::{SERVICES, Service};

/// The role of the nodes that run services.
pub(crate) const WORKER: &str = "worker";

/// The number of these nodes.
const WORKERS: usize = 2;

/// How often the keeper looks for services without an event: a reservation that another node gives up is no event.
const PERIOD: Duration = Duration::from_millis(500);

pub(crate) struct Keeper {
    node: Node,
    /// Whether all workers have been connected. Before that, two could start the same service.
    was_complete: bool,
}

/// The time to look for services.
#[derive(Clone, Message)]
pub(crate) struct Tick;

#[gen_server]
impl Keeper {
    #[init]
    pub(crate) fn new(ctx: &mut Context<Self>, node: Node) -> Self {
        node.names()
            .subscribe(&ctx.recipient::<NameEvent<String>>());
        node.membership().subscribe(&ctx.recipient::<MemberEvent>());
        ctx.send_every(PERIOD, Tick);
        let was_complete = false;
        Self { node, was_complete }
    }

    /// Handles a service that has ended on some node.
    #[info]
    async fn name_changed(&mut self, event: NameEvent<String>) {
        if matches!(event, NameEvent::Unregistered { .. }) {
            self.take_over().await;
        }
    }

    /// Handles a node that has joined or is lost.
    #[info]
    async fn member_changed(&mut self, _event: MemberEvent) {
        self.take_over().await;
    }

    #[info]
    async fn tick(&mut self, _: Tick) {
        self.take_over().await;
    }
}

impl Keeper {
    /// Starts the services of this node's share that no node runs.
    async fn take_over(&mut self) {
        let mut workers = self.node.membership().up();
        workers.retain(|member| member.role() == WORKER && member.is_connected());
        self.was_complete |= workers.len() == WORKERS;
        if !self.was_complete {
            return;
        }
        for (number, name) in SERVICES.into_iter().enumerate() {
            let is_ours =
                !workers.is_empty() && workers[number % workers.len()].name() == self.node.name();
            if is_ours && self.node.names().node_of(name).is_none() {
                // After an error another node was first, or the next event or tick tries again.
                let _ = self.start_service(name).await;
            }
        }
    }

    /// Reserves the name first, so that only one node starts the service.
    async fn start_service(&self, name: &str) -> Result<(), RegisterNameError> {
        let reservation = self.node.names().reserve(name).await?;
        let started = Service::start(self.node.name().clone()).await;
        let service = started.map_err(|_| RegisterNameError::NoProcess)?;
        let registered = reservation.register(&service).await;
        if registered.is_err() {
            let _ = service.stop().await;
        }
        registered
    }
}
