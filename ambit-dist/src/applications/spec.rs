//! The declaration of a distributed application.

use std::error::Error;
use std::fmt;
use std::future::{Future, ready};
use std::sync::Arc;
use std::time::Duration;

use ambit::prelude::*;
use ambit::process::Target;
use ambit::supervisor::ChildSpec;

use crate::applications::controller::{ApplicationController, ApplicationControllerSubject};
use crate::applications::controller_args::{ControllerArgs, OnStart};
use crate::applications::node_order::NodeOrder;
use crate::applications::registry::{self, ApplicationKey};
use crate::applications::start_type::StartType;
use crate::node::Node;
use crate::node::id::NodeName;

/// The time to wait for the other nodes of the list, unless set otherwise.
const SYNC_TIMEOUT: Duration = Duration::from_secs(5);

/// An application that runs on one node of an ordered list. When that node is lost, the next one starts it (failover);
/// when a node that precedes it joins, the application stops and starts there (takeover). (Erlang: a distributed
/// application, the parameter `distributed` of `kernel`.)
///
/// Declare it equally on every node of the list, and start its controller there: as a child of a supervisor, with
/// [`child_spec`](Self::child_spec), or inside of an `Application`, with [`start`](Self::start). The controllers agree
/// by a [name](crate::ClusterRegistry) of the cluster, so in a connected cluster one of them runs the application, also
/// when all start at once. A partition lets each side run it; after the partition it stops on all nodes but the most
/// preferred one.
///
/// The controller ends when the application ends, for the same reason, and when its start fails. Its supervisor decides
/// whether it is restarted on this node. While it is not, the next node runs the application. (Erlang starts an
/// application elsewhere only if its node is lost.)
///
/// ```
/// use ambit::prelude::*;
/// use ambit::supervisor::Supervisor;
/// use ambit_dist::transport::Memory;
/// use ambit_dist::{DistributedApplication, Node, StartType};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// let start = |start: StartType| async move {
///     println!("billing: {start}");
///     Supervisor::builder().start().await
/// };
/// let billing = DistributedApplication::new(&node, "billing", start).nodes(["a"]);
/// let supervisor = Supervisor::builder().child(billing.child_spec()).start().await?;
/// let node = billing.running().await;
/// assert_eq!(node.as_ref().map(|node| node.as_str()), Some("a"));
/// # supervisor.stop().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "it does nothing until its controller is started"]
pub struct DistributedApplication {
    args: ControllerArgs,
}

impl DistributedApplication {
    /// Declares an application of this name. `on_start` starts it and returns the handle of its top process, usually a
    /// supervisor; the application ends with that process. It runs in the controller, which becomes the parent of the
    /// top process. An error or a panic ends the controller, and processes that are linked to it.
    pub fn new<F, Fut, H, E>(node: &Node, name: impl Into<String>, on_start: F) -> Self
    where
        F: Fn(StartType) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<H, E>> + Send + 'static,
        H: Target,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let on_start: OnStart = Arc::new(move |start| {
            let starting = on_start(start);
            Box::pin(async move {
                let top = starting.await.map_err(ambit::distribution::error_reason)?;
                let top = ambit::distribution::adopt(top);
                top.ok_or_else(|| ExitReason::error("`on_start` returned the handle of no process"))
            })
        });
        Self {
            args: ControllerArgs {
                node: node.clone(),
                name: name.into(),
                order: NodeOrder::default(),
                failover_after: Duration::ZERO,
                sync_timeout: SYNC_TIMEOUT,
                overlaps: false,
                shutdown_timeout: None,
                on_start,
                on_stop: Arc::new(|| Box::pin(ready(()))),
            },
        }
    }

    /// Adds nodes on which the application may run, each less preferred than all before it.
    pub fn nodes<N: Into<String>>(mut self, nodes: impl IntoIterator<Item = N>) -> Self {
        for node in nodes {
            self.args.order.push(vec![node.into()]);
        }
        self
    }

    /// Adds a group of equally preferred nodes, ranked below all nodes added before. The application moves from one of
    /// them to another only if its node is lost. (Erlang: a tuple in the list of nodes.)
    ///
    /// ```
    /// # use ambit::prelude::*;
    /// # use ambit_dist::{DistributedApplication, Node};
    /// # fn declare(node: &Node) -> DistributedApplication {
    /// let start = |_| async { Agent::start(|| 0).await };
    /// // On `main` if possible, otherwise on one of two that are equal.
    /// DistributedApplication::new(node, "billing", start).nodes(["main"]).any_of(["spare-1", "spare-2"])
    /// # }
    /// ```
    pub fn any_of<N: Into<String>>(mut self, nodes: impl IntoIterator<Item = N>) -> Self {
        let group = nodes.into_iter().map(Into::into).collect();
        self.args.order.push(group);
        self
    }

    /// Sets how long to wait after the loss of the node that ran the application before another node starts it; zero by
    /// default. If the lost node returns within this time, there is no failover. (Erlang: the time in `distributed`.)
    pub fn failover_after(mut self, failover_after: Duration) -> Self {
        self.args.failover_after = failover_after;
        self
    }

    /// Sets how long a controller waits for the controllers of the other nodes before it starts the application for the
    /// first time; 5 s by default. It does not wait if the controllers of all nodes of the list run, or if one of them
    /// runs the application. Without this wait, nodes that have not connected yet would all start it. (Erlang:
    /// `sync_nodes_timeout`.)
    pub fn sync_timeout(mut self, sync_timeout: Duration) -> Self {
        self.args.sync_timeout = sync_timeout;
        self
    }

    /// Starts the application on the preferred node before it stops on the other one, so that it can fetch the state
    /// there. For this time it runs twice. By default, it stops first. (Erlang: always so.)
    pub fn overlapping_takeover(mut self) -> Self {
        self.args.overlaps = true;
        self
    }

    /// Sets how long the application may take to stop before its top process is killed. By default there is no limit:
    /// its children have limits of their own.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.args.shutdown_timeout = Some(timeout);
        self
    }

    /// Sets a function that runs on this node each time the application has ended here, before it starts elsewhere. By
    /// default nothing runs. There is no time limit: the start elsewhere waits for the function. (Erlang:
    /// `Module:stop/1`.)
    pub fn on_stop<F, Fut>(mut self, on_stop: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.args.on_stop = Arc::new(move || Box::pin(on_stop()));
        self
    }

    /// Returns the spec of the controller, for any supervisor in the system of the node. The id is the name of the
    /// application. There is no limit for its shutdown, because the application stops within it.
    ///
    /// The start fails with [`DistributedApplicationError`](crate::DistributedApplicationError) if the list does not
    /// contain this node, or if the controller runs already.
    pub fn child_spec(&self) -> ChildSpec<ApplicationController> {
        let spec = ApplicationController::child_spec(Arc::new(self.args.clone()));
        spec.id(self.args.name.clone()).shutdown(Shutdown::Infinity)
    }

    /// Starts the controller, linked to the calling process: for the `on_start` of an
    /// [`Application`](ambit::application::Application), which has dependencies. It does not wait until the application
    /// runs.
    ///
    /// # Errors
    /// No controller runs then, except one that ran before.
    /// - `Init` with a [`DistributedApplicationError`](crate::DistributedApplicationError) if the list does not contain
    ///   this node, or if the controller runs already.
    /// - `NotAProcess` outside of a process.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll starts nothing. If it is dropped later, before it is ready, the
    /// controller is killed.
    pub async fn start(&self) -> Result<ApplicationControllerSubject, StartError> {
        let args = Arc::new(self.args.clone());
        ApplicationController::start(args).link().await
    }

    /// Returns the node that runs the application, as this node sees it; `None` while it starts or moves.
    #[must_use]
    pub fn node(&self) -> Option<NodeName> {
        let registry = registry::open::<ApplicationController>(&self.args.node, &self.args.name);
        registry::node_of(&registry, &ApplicationKey::Running)
    }

    /// Waits until a node runs the application, and returns that node; `None` if this node leaves the cluster first.
    /// There is no time limit.
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing.
    pub async fn running(&self) -> Option<NodeName> {
        let registry = registry::open::<ApplicationController>(&self.args.node, &self.args.name);
        let mut events = registry.events();
        loop {
            if let Some(node) = self.node() {
                return Some(node);
            }
            events.next().await?;
        }
    }
}

impl fmt::Debug for DistributedApplication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DistributedApplication")
            .field("name", &self.args.name)
            .field("order", &self.args.order)
            .field("node", &self.node())
            .finish_non_exhaustive()
    }
}
