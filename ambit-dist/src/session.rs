//! The session of two nodes: one connection after the handshake.
//!
//! Outgoing messages: a handle encodes its message and passes it to [`Session`], which queues it in the [`lane`](lane)
//! of its pair of processes. Each lane has a [`writer`](writer). Incoming messages: each lane has a [`reader`](reader)
//! that splits the bytes into frames, and [`dispatch`](dispatch) routes the frames: messages to the receiver of each
//! process ([`inbound_flow`](inbound_flow)), which counts credits, answers to the waiting callers, and signals to the
//! system. [`control`](control) carries credits and heartbeats on a separate stream.

mod answers;
mod blocked;
mod channel_streams;
pub(crate) mod channels;
mod close_request;
mod control;
mod control_stream;
pub(crate) mod definition_table;
mod dispatch;
mod exits;
mod inbound_flow;
mod lane;
mod linkable;
pub(crate) mod linked_starts;
mod long_messages;
mod node_answer_encoding;
mod outgoing;
mod peer_session;
pub(crate) mod pending_answer;
mod reader;
mod remote_relations;
mod request_budget;
mod run;
mod sent_call;
mod signals;
mod state;
pub(crate) mod stats;
mod writer;

pub(crate) use self::control::Heartbeat;
pub(crate) use self::run::{NegotiatedConnection, SessionEnd, open};
pub(crate) use self::state::Session;
