//! The names of a distributed application in the cluster.

use ambit::Message;
use ambit::message::Remote;

use crate::applications::decision::ClusterView;
use crate::applications::node_order::NodeOrder;
use crate::names::cluster_registry::ClusterRegistry;
use crate::node::Node;
use crate::node::id::NodeName;

/// A name in the registry of one application.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Message)]
#[message(name = "ambit.application_key")]
pub(super) enum ApplicationKey {
    /// The controller whose node runs the application, or is starting or stopping it.
    Holder,
    /// The controller whose node runs the application.
    Running,
    /// The controller whose node was the last one to start the application. It keeps the name when it stops for
    /// another.
    Last,
    /// The controller on the node of this name.
    Candidate(String),
    /// The controller on the node `by`, which waits for `node` after its loss.
    Awaited { node: String, by: String },
}

/// The registry of the controllers `A` of one application.
pub(super) type ApplicationRegistry<A> = ClusterRegistry<ApplicationKey, A>;

/// Opens the registry of an application.
pub(super) fn open<A: Remote>(node: &Node, application: &str) -> ApplicationRegistry<A> {
    ClusterRegistry::open(node, &format!("application/{application}"))
}

/// Returns the node of a name.
pub(super) fn node_of<A: Remote>(
    registry: &ApplicationRegistry<A>,
    key: &ApplicationKey,
) -> Option<NodeName> {
    Some(registry.node_of(key)?.name)
}

/// Returns what this node sees of an application whose nodes are `order`. Looks up only the names of these nodes: a member
/// can register any number of others. The cost grows with the square of the number of nodes.
pub(super) fn view<A: Remote>(registry: &ApplicationRegistry<A>, order: &NodeOrder) -> ClusterView {
    let mut view = ClusterView {
        holder: node_of(registry, &ApplicationKey::Holder),
        last: node_of(registry, &ApplicationKey::Last),
        ..ClusterView::default()
    };
    for by in order.names() {
        // A member can register any name, but only for processes of its own node.
        let of_by = |key| node_of(registry, &key).filter(|node| node.as_str() == by);
        view.candidates
            .extend(of_by(ApplicationKey::Candidate(by.clone())));
        for node in order.names() {
            let (node, by) = (node.clone(), by.clone());
            let key = ApplicationKey::Awaited {
                node: node.clone(),
                by,
            };
            if of_by(key).is_some() {
                view.awaited.extend(node.parse::<NodeName>());
            }
        }
    }
    view
}
