//! Discovery: nodes that find each other by seeds, DNS, SRV records and multicast DNS.

mod forming;
mod multicast;
mod name_server;
mod over_quic;
mod sources;
mod srv;
mod support;
