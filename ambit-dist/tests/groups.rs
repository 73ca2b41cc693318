//! Groups and topics of the whole cluster.

mod broadcast;
mod healing;
mod members;
mod monitors;
mod over_quic;
mod support;
mod topics;
