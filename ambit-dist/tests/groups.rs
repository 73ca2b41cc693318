//! Groups and topics of the whole cluster.

mod broadcast;
mod healing;
mod members;
mod monitors;
mod multi_call;
mod over_quic;
mod support;
mod topics;
