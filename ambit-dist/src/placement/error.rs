//! Errors of starts on a member that a placement chooses.

use crate::node::start_on_error::StartOnError;

/// The error of a placed server that could not be started. A supervisor returns it inside
/// `ChildError::Start(StartError::Init(ExitReason::Error(..)))`.
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::{PlaceError, PlacedServers, Placement};
/// # use ambit_dist::{Node, transport::Memory};
/// # struct Counter { value: u64 }
/// # #[gen_server(remote = "shop.counter")]
/// # impl Counter {
/// #     #[init] fn new(value: u64) -> Self { Self { value } }
/// #     #[call] fn add(&mut self, amount: u64) -> u64 { self.value += amount; self.value }
/// # }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// // The cluster has no member of this name.
/// let counters = PlacedServers::<Counter>::new(&node, Placement::pinned("b"));
/// let supervisor = DynamicSupervisor::builder().start().await?;
/// let refused = supervisor.start_child(counters.child_spec("tea", (40,))).await;
/// let Err(ChildError::Start(StartError::Init(ExitReason::Error(report)))) = refused else { panic!() };
/// assert_eq!(report.downcast_ref(), Some(&PlaceError::NoMember { id: "tea".to_owned() }));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// Another placed server of the same [`PlacedServers`](crate::PlacedServers) has this id. Nothing was started. If the
    /// supervisor of that server has ended, for example because it was killed, a start first waits up to 6 s until the
    /// server has ended.
    #[error(
        "there is a placed server with the id `{id}`: choose another id, or terminate that child first"
    )]
    IdInUse {
        /// The id that is in use.
        id: String,
    },
    /// No connected member fits the placement. Nothing was started; retry when a fitting member has joined.
    #[error(
        "no connected member fits the placement of `{id}`: wait for a member with this name, role or tag"
    )]
    NoMember {
        /// The id of the server.
        id: String,
    },
    /// This node has left the cluster or is leaving it. Nothing was started. A placed server on this node that crashes
    /// after that is not restarted, because its start fails with this error: stop the supervisor before the node leaves.
    #[error("the node has left the cluster: start a new node")]
    Left,
    /// The start failed on the chosen member. If it failed on several members, this is the last error.
    #[error("`{id}` was not placed: {error}")]
    Start {
        /// The id of the server.
        id: String,
        /// The error of the start.
        error: StartOnError,
    },
}
