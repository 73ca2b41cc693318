//! Distribution for ambit: nodes that start, call, link and monitor servers on other machines.
//!
//! A subject is the typed handle to a server. It has the same type and methods for a server on another node as for a
//! local one. Callers, links and monitors receive `NoConnection` if the connection to the node of the server is lost.

#![forbid(unsafe_code)]

mod applications;
mod auth;
mod codecs;
pub mod discovery;
#[doc(hidden)]
pub mod fuzzing;
mod groups;
mod membership;
// Public for a compile-time test only: its one public type cannot be constructed.
#[doc(hidden)]
pub mod handshake;
mod names;
mod node;
mod placement;
mod presence;
mod remote_processes;
mod replica;
mod replication;
mod rpc;
mod rt;
mod session;
#[cfg(feature = "sim")]
pub mod sim;
mod small_map;
pub mod transport;
mod user_code;
pub mod wire;

pub use crate::applications::controller::{ApplicationController, ApplicationControllerSubject};
pub use crate::applications::error::DistributedApplicationError;
pub use crate::applications::spec::DistributedApplication;
pub use crate::applications::start_type::StartType;
pub use crate::auth::{
    Auth, AuthError, Cookie, CookieAuth, CookieError, Credentials, DevError, Pki, PkiError,
};
pub use crate::codecs::any::AnyCodec;
pub use crate::codecs::bincode::Bincode;
pub use crate::codecs::postcard::Postcard;
pub use crate::groups::error::JoinGroupError;
pub use crate::groups::event::{ClusterGroupChange, ClusterGroupEvent};
pub use crate::groups::handle::Groups;
pub use crate::groups::monitor::ClusterGroupMonitor;
pub use crate::groups::multi_call::{MultiCall, MultiCallError, MultiReplies};
pub use crate::groups::topic::{ClusterTopic, Published, TopicMessage};
pub use crate::membership::event::{MemberEvent, MemberLoss};
pub use crate::membership::handle::Membership;
pub use crate::membership::member::{Member, MemberState};
pub use crate::membership::node_health::{HealthStatus, NodeHealth, PeerHealth};
pub use crate::names::cluster_registry::ClusterRegistry;
pub use crate::names::conflict::{ConflictChoice, ConflictPolicy, NameConflict, NameConflictError};
pub use crate::names::error::{RegisterNameError, UpdateValueError};
pub use crate::names::event::NameEvent;
pub use crate::names::handle::Names;
pub use crate::names::key::NameKey;
pub use crate::names::lookup::LookupName;
pub use crate::names::register::RegisterName;
pub use crate::names::reservation::{RegistryReservation, Reservation};
pub use crate::names::reserve::ReserveName;
pub use crate::node::Node;
pub use crate::node::address::{InvalidAddress, ToAddress};
pub use crate::node::admission::{Admission, Candidate};
pub use crate::node::builder::NodeBuilder;
pub use crate::node::call_on::CallOn;
pub use crate::node::discovery_status::DiscoveryStatus;
pub use crate::node::down_reason::DownReason;
pub use crate::node::error::{ConnectError, NodeError, PingError};
pub use crate::node::events::{NodeEvent, NodeEvents};
pub use crate::node::id::{ClusterName, Incarnation, InvalidName, NodeId, NodeName};
pub use crate::node::peer_info::{PeerInfo, PeerStats};
pub use crate::node::reconnect::{InvalidNetwork, Network, Reconnect};
pub use crate::node::requests::On;
pub use crate::node::start_on::StartOn;
pub use crate::node::start_on_error::StartOnError;
pub use crate::node::subscribers::{Event, Events, NodeSubscription};
pub use crate::node::timeouts::Timeouts;
pub use crate::placement::error::PlaceError;
pub use crate::placement::handle::PlacedServers;
pub use crate::placement::pool::PlacedPool;
pub use crate::placement::server::PlacedServer;
pub use crate::placement::strategy::Placement;
pub use crate::presence::builder::PresenceBuilder;
pub use crate::presence::data::{
    PresenceDiff, PresenceEntry, PresenceEvent, PresenceMeta, PresenceRef,
};
pub use crate::presence::error::{OpenPresenceError, TrackError, UpdateError};
pub use crate::presence::handle::Presence;
pub use crate::presence::view::PresenceView;
pub use crate::remote_processes::start::Startable;
pub use crate::wire::Limits;
