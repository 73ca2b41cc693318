//! A malicious peer with a valid certificate, over QUIC: its frames are refused, or the connection is closed with the
//! right code. The node keeps serving other nodes, and nothing is delivered.

mod answers;
mod entries;
mod flow;
mod frames;
mod gossip;
mod growth;
mod handshakes;
pub(crate) mod hello;
mod log;
mod mailboxes;
mod one_address;
mod questions;
mod signals;
mod state;
pub(crate) mod stranger;
mod streams;
mod target;
mod traces;
mod words;

use crate::support::listening;
