//! The errors of starts of a distributed application.

use crate::names::error::RegisterNameError;
use crate::node::id::NodeName;

/// The reason why the controller of a distributed application did not start, or ended. A supervisor returns it inside
/// of `ChildError::Start(StartError::Init(ExitReason::Error(..)))`. The application does not run on this node.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DistributedApplicationError {
    /// The list of the application does not contain this node.
    #[error(
        "the application `{application}` is not to run on the node `{node}`: add it with `nodes` or `any_of`, or do not start the application there"
    )]
    NotListed {
        /// The application.
        application: String,
        /// This node.
        node: NodeName,
    },
    /// A controller of the application runs already in the system of this node.
    #[error(
        "a controller of the application `{application}` runs already on the node `{node}`: start it once per node"
    )]
    AlreadyStarted {
        /// The application.
        application: String,
        /// This node.
        node: NodeName,
    },
    /// The controller could not register the application in the cluster.
    #[error("the application `{application}` cannot be registered in the cluster: {error}")]
    Register {
        /// The application.
        application: String,
        /// The cause.
        error: RegisterNameError,
    },
}
