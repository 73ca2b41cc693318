//! The declaration of a distributed application.

use std::error::Error;
use std::fmt;
use std::future::{Future, ready};
use std::sync::Arc;
use std::time::Duration;

use ambit::prelude::*;
use ambit::process::Target;
use ambit::supervisor::ChildSpec;

use crate::applications::cluster_names::{self, ApplicationKey};
use crate::applications::controller::{ApplicationController, ApplicationControllerSubject};
use crate::applications::controller_args::{ControllerArgs, OnStart};
use crate::applications::node_order::NodeOrder;
use crate::applications::start_type::StartType;
use crate::node::Node;
use crate::node::id::NodeName;

/// The time to wait for the other nodes of the list, unless set otherwise.
const SYNC_TIMEOUT: Duration = Duration::from_secs(5);

/// An application that runs on one node of an ordered list. When that node is lost, the next node of the list starts
/// the application (failover). When a node that precedes it in the list joins, the application stops and starts on that
/// node (takeover). (Erlang: a distributed application, the parameter `distributed` of `kernel`.)
///
/// Declare the application identically on every node of the list, and start its controller on each of them: as a child
/// of a supervisor, with [`child_spec`](Self::child_spec), or inside an `Application`, with [`start`](Self::start). The
/// controllers coordinate through a [cluster registry](crate::ClusterRegistry), so in a connected cluster exactly one
/// of them runs the application, even if all start at once. During a partition, each side may run the application;
/// after the partition, it stops on all nodes except the most preferred one.
///
/// The controller ends when the application ends, with the same exit reason, and when the start of the application
/// fails. The supervisor of the controller decides whether to restart it on this node. As long as the controller is not
/// running, the next node runs the application. (Erlang starts an application elsewhere only if its node is lost.)
///
/// Stop the controller, or its supervisor, before [`Node::leave`]. If a node leaves while the application runs, the
/// application stops on that node, but the next node does not wait for its end: both may run for a moment.
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
    /// Declares an application with this name. `on_start` starts the application and returns the handle to its top
    /// process, usually a supervisor; the application ends with that process. `on_start` runs in a process that is
    /// linked to the controller and becomes the parent of the top process. An error or a panic of `on_start` ends the
    /// controller. Processes that `on_start` has linked end with the application, before another node starts it.
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

    /// Adds nodes on which the application may run, in order of preference, ranked below all nodes added before.
    pub fn nodes<N: Into<String>>(mut self, nodes: impl IntoIterator<Item = N>) -> Self {
        for node in nodes {
            self.args.order.push(vec![node.into()]);
        }
        self
    }

    /// Adds a group of equally preferred nodes, ranked below all nodes added before. Within the group, the application
    /// moves to another node only if its node is lost or its controller has ended, after
    /// [`failover_after`](Self::failover_after). (Erlang: a tuple in the list of nodes.)
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

    /// Sets how long the other nodes wait, after the loss of the node that ran the application or the end of its
    /// controller, before one of them starts it; zero by default. If the lost node or its controller returns within
    /// this time, there is no failover. (Erlang: the time in `distributed`.)
    pub fn failover_after(mut self, failover_after: Duration) -> Self {
        self.args.failover_after = failover_after;
        self
    }

    /// Sets how long a controller waits for the controllers of the other nodes before it starts the application for the
    /// first time; 5 s by default. The controller does not wait longer once the controllers of all nodes of the list
    /// are running or one of them runs the application. Without this wait, nodes that have not connected yet would all
    /// start the application. (Erlang: `sync_nodes_timeout`.)
    pub fn sync_timeout(mut self, sync_timeout: Duration) -> Self {
        self.args.sync_timeout = sync_timeout;
        self
    }

    /// Makes a takeover start the application on the preferred node before it stops on the other node, so that the new
    /// instance can fetch the state of the old one. Meanwhile, both instances run. By default, the application stops
    /// first. (Erlang: every takeover overlaps.)
    pub fn overlapping_takeover(mut self) -> Self {
        self.args.overlaps = true;
        self
    }

    /// Sets how long the top process may take to stop before it is killed, and then the processes that `on_start` has
    /// linked. There is no limit by default, because the children of a supervisor have their own shutdown timeouts.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.args.shutdown_timeout = Some(timeout);
        self
    }

    /// Sets a function that runs on this node each time the application has ended on this node, before another node
    /// starts it. By default, nothing runs. There is no time limit: the start on another node waits until the function
    /// returns. If this node leaves the cluster while the application runs, another node may start the application
    /// before the function has run; stop the controller before [`Node::leave`]. (Erlang: `Module:stop/1`.)
    pub fn on_stop<F, Fut>(mut self, on_stop: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.args.on_stop = Arc::new(move || Box::pin(on_stop()));
        self
    }

    /// Returns the child spec of the controller, for any supervisor in the system of the node. The id is the name of
    /// the application. The shutdown of the child has no time limit, because it includes the shutdown of the
    /// application.
    ///
    /// The start fails with a [`DistributedApplicationError`](crate::DistributedApplicationError): `NotListed` if the
    /// list does not contain this node, or `AlreadyStarted` if a controller of the application is already running on
    /// it.
    pub fn child_spec(&self) -> ChildSpec<ApplicationController> {
        let spec = ApplicationController::child_spec(Arc::new(self.args.clone()));
        spec.id(self.args.name.clone()).shutdown(Shutdown::Infinity)
    }

    /// Starts the controller, linked to the calling process. Use this in the `on_start` of an
    /// [`Application`](ambit::application::Application), for example to declare dependencies. Does not wait until the
    /// application runs.
    ///
    /// # Errors
    /// Fails with a `StartError`, and starts no controller:
    /// - `Init` with a [`DistributedApplicationError`](crate::DistributedApplicationError) if the list does not contain
    ///   this node, or if a controller of the application is already running on it.
    /// - `NotAProcess` if the caller is not a process.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll starts nothing. If it is dropped later, before it is ready, the
    /// controller is killed.
    pub async fn start(&self) -> Result<ApplicationControllerSubject, StartError> {
        let args = Arc::new(self.args.clone());
        ApplicationController::start(args).link().await
    }

    /// Returns the node that runs the application, as seen by this node, or `None` while the application is starting,
    /// moving or stopped.
    #[must_use]
    pub fn node(&self) -> Option<NodeName> {
        let registry =
            cluster_names::open::<ApplicationController>(&self.args.node, &self.args.name);
        cluster_names::node_of(&registry, &ApplicationKey::Running)
    }

    /// Waits until a node runs the application, without a time limit, and returns that node. Returns `None` if this
    /// node leaves the cluster first.
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing.
    pub async fn running(&self) -> Option<NodeName> {
        let registry =
            cluster_names::open::<ApplicationController>(&self.args.node, &self.args.name);
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
