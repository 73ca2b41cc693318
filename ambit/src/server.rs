//! Servers: the [`GenServer`] trait, the context of its handlers, and the types to start and call servers.
//!
//! [`#[gen_server]`](macro@crate::gen_server) generates the implementation from a plain impl block; implement
//! [`GenServer`] to write a server by hand. A [`Start`] starts a server and returns its typed handle, a [`Subject`]. A
//! [`Call`] waits for an answer, a [`Cast`] does not, and a [`Recipient`] hides the server's type. Handlers take a
//! [`Context`] if they need more than the server's own state: timers, links, tasks, deferred answers ([`ReplyTo`]).

#[cfg(feature = "stream")]
pub(crate) mod attach;
pub(crate) mod context;
mod counting;
mod drain;
pub(crate) mod gen_server;
pub(crate) mod glue;
pub(crate) mod info_bounds;
pub(crate) mod inline;
pub(crate) mod latency;
pub(crate) mod launch;
pub(crate) mod message_text;
pub(crate) mod options;
pub(crate) mod owned;
pub(crate) mod pending_start;
pub(crate) mod protocol_binding;
mod requested_steps;
pub(crate) mod run;
pub(crate) mod server_state;
mod server_tasks;
pub(crate) mod sink;
pub(crate) mod start;
pub(crate) mod startable;
mod step;
pub(crate) mod sys;

pub use crate::engine::in_place::InPlace;
pub use crate::engine::mailbox::overflow::Overflow;
pub use crate::engine::reply::ReplyTo;
pub use crate::exit_reason::Ignore;
pub use crate::handle::call::Call;
pub use crate::handle::cast::Cast;
pub use crate::handle::deliver::Deliver;
pub use crate::handle::pending::Pending;
pub use crate::handle::protocol::Protocol;
pub use crate::handle::recipient::{PlainRecipient, Recipient, Same};
pub use crate::handle::reserve::{Permit, Reserve};
pub use crate::handle::subject::Subject;
#[cfg(feature = "tower")]
pub use crate::handle::tower_service::SubjectService;
#[cfg(feature = "stream")]
pub use crate::server::attach::{Attached, HandlesStreamEnd, StreamEnd, StreamRef};
pub use crate::server::context::Context;
pub use crate::server::gen_server::{Flow, GenServer, IdleTimeout, Incoming};
pub use crate::server::glue::{IntoFlow, IntoInit, ReplyPort};
pub use crate::server::info_bounds::{
    Handles, HandlesDown, HandlesExit, HandlesIdleTimeout, InfoOf,
};
pub use crate::server::options::ServerOptions;
pub use crate::server::owned::{Owned, StartOwned};
pub use crate::server::pending_start::{PendingStart, PendingStartOwned};
#[doc(hidden)]
pub use crate::server::protocol_binding::{AnswerOf, Carried};
pub use crate::server::start::{Start, start};
pub use crate::server::startable::Startable;
