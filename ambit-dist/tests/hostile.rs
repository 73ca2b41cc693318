//! A peer that has a valid certificate and means ill, over QUIC: whatever it sends, it is refused or closed with the code that
//! says why, the node goes on working for others, and nothing is delivered.

mod flow;
mod frames;
mod growth;
mod handshakes;
mod hello;
mod questions;
mod signals;
mod stranger;
mod streams;
mod target;
mod traces;
mod words;
