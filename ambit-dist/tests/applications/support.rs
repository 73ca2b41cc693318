//! An application whose starts and ends are recorded.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit::prelude::*;
use ambit::supervisor::Supervisor;
use ambit_dist::{ApplicationControllerSubject, DistributedApplication, Node};

use crate::distribution::support::Net;
use crate::membership::support::complete;
use crate::names::support::until;

/// What happened to the application on all nodes, in order.
#[derive(Clone, Default)]
pub(crate) struct Record(Arc<Mutex<Recorded>>);

#[derive(Default)]
struct Recorded {
    lines: Vec<String>,
    running: Vec<(String, BillingSubject)>,
    most: usize,
}

impl Record {
    fn started(&self, node: &str, start: &str, billing: BillingSubject) {
        let mut recorded = self.0.lock().unwrap();
        recorded.lines.push(format!("{node}: {start}"));
        recorded.running.push((node.to_owned(), billing));
        recorded.most = recorded.most.max(recorded.running.len());
    }

    fn ended(&self, node: &str) {
        let mut recorded = self.0.lock().unwrap();
        recorded.lines.push(format!("{node}: end"));
        recorded.running.retain(|(other, _)| other != node);
    }

    pub(crate) fn note(&self, line: &str) {
        self.0.lock().unwrap().lines.push(line.to_owned());
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().lines.clone()
    }

    pub(crate) fn has(&self, line: &str) -> bool {
        self.lines().iter().any(|other| other == line)
    }

    /// Returns the nodes that run the application at this moment.
    pub(crate) fn running(&self) -> Vec<String> {
        let recorded = self.0.lock().unwrap();
        recorded
            .running
            .iter()
            .map(|(node, _)| node.clone())
            .collect()
    }

    /// Returns the largest number of nodes that have run it at the same time.
    pub(crate) fn most(&self) -> usize {
        self.0.lock().unwrap().most
    }

    /// Returns the process on a node that runs it.
    pub(crate) fn on(&self, node: &str) -> BillingSubject {
        let recorded = self.0.lock().unwrap();
        let mut running = recorded.running.iter();
        running.find(|(other, _)| other == node).unwrap().1.clone()
    }

    /// Waits until exactly this node runs it.
    pub(crate) async fn runs_on(&self, node: &str) {
        let what = format!("it runs on {node}");
        until(&what, || self.running() == [node]).await;
    }
}

/// The top process of the application.
pub(crate) struct Billing {
    node: String,
    record: Record,
}

#[gen_server]
impl Billing {
    #[init]
    pub fn new(ctx: &mut Context<Self>, node: String, start: String, record: Record) -> Self {
        record.started(&node, &start, ctx.subject());
        Self { node, record }
    }

    #[cast]
    pub fn end(&mut self, ctx: &mut Context<Self>, reason: ExitReason) {
        ctx.stop(reason);
    }

    #[terminate]
    fn terminate(&mut self, _: &ExitReason) {
        self.record.ended(&self.node);
    }
}

/// Declares the application on a node.
pub(crate) fn billing(node: &Node, record: &Record) -> DistributedApplication {
    let (name, record) = (node.name().as_str().to_owned(), record.clone());
    DistributedApplication::new(node, "billing", move |start| {
        Billing::start(name.clone(), start.to_string(), record.clone())
    })
}

/// Declares the application on a node, with a start that takes 100 ms.
pub(crate) fn slow_billing(node: &Node, record: &Record) -> DistributedApplication {
    let (name, record) = (node.name().as_str().to_owned(), record.clone());
    DistributedApplication::new(node, "billing", move |start| {
        let (name, record) = (name.clone(), record.clone());
        async move {
            record.note(&format!("{name}: starts"));
            tokio::time::sleep(Duration::from_millis(100)).await;
            Billing::start(name, start.to_string(), record).await
        }
    })
}

/// Starts the controller under a supervisor that restarts nothing.
pub(crate) async fn supervise(application: &DistributedApplication) -> Supervisor {
    let child = application.child_spec().restart(Restart::Temporary);
    Supervisor::builder().child(child).start().await.unwrap()
}

/// Starts the controller from a process that is not linked to it once it runs.
pub(crate) async fn start(
    application: &DistributedApplication,
) -> Result<ApplicationControllerSubject, StartError> {
    let controller = application.start().await?;
    ambit::unlink(&controller).unwrap();
    Ok(controller)
}

/// Starts nodes with these names, connected.
pub(crate) async fn nodes<const N: usize>(net: &Net, names: [&str; N]) -> [Node; N] {
    let mut nodes = Vec::new();
    for name in names {
        let builder = net.builder(name).seeds([Net::at(names[0])]);
        nodes.push(builder.start().await.unwrap());
    }
    complete(&nodes.iter().collect::<Vec<_>>()).await;
    nodes.try_into().unwrap_or_else(|_| panic!("{N} nodes"))
}

/// Lets virtual time pass in which nothing may change.
pub(crate) async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}
