//! The errors of starts of a distributed application.

use crate::names::error::RegisterNameError;
use crate::node::id::NodeName;

/// The error with which the controller of a distributed application fails to start, or ends. A supervisor returns it
/// inside `ChildError::Start(StartError::Init(ExitReason::Error(..)))`. The application does not run on this node.
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::{DistributedApplication, DistributedApplicationError};
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// // This node is `a`.
/// let start = |_| async { Agent::start(|| 0).await };
/// let billing = DistributedApplication::new(&node, "billing", start).nodes(["b"]);
/// let supervisor = DynamicSupervisor::builder().start().await?;
/// let refused = supervisor.start_child(billing.child_spec()).await;
/// let Err(ChildError::Start(StartError::Init(ExitReason::Error(report)))) = refused else { panic!() };
/// let error = report.downcast_ref::<DistributedApplicationError>();
/// assert!(matches!(error, Some(DistributedApplicationError::NotListed { .. })));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DistributedApplicationError {
    /// The node list of the application does not contain this node.
    #[error(
        "the application `{application}` is not to run on the node `{node}`: add it with `nodes` or `any_of`, or do not start the application there"
    )]
    NotListed {
        /// The name of the application.
        application: String,
        /// The name of this node.
        node: NodeName,
    },
    /// A controller of the application is already running in the system of this node.
    #[error(
        "a controller of the application `{application}` runs already on the node `{node}`: start it once per node"
    )]
    AlreadyStarted {
        /// The name of the application.
        application: String,
        /// The name of this node.
        node: NodeName,
    },
    /// The controller could not register the application in the cluster.
    #[error("the application `{application}` cannot be registered in the cluster: {error}")]
    Register {
        /// The name of the application.
        application: String,
        /// The error of the registration.
        error: RegisterNameError,
    },
}
