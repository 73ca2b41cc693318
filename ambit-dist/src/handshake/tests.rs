//! Handshakes between honest and malicious nodes.

mod agreed;
mod bytes;
mod refused;

use super::*;
use crate::node::connection_manager::Verdict;
use crate::node::id::{NodeId, id};
use crate::wire::CloseCode;

fn node(name: &str) -> LocalOffer {
    LocalOffer::new(id(name, 7), "shop".parse().unwrap())
}

/// Runs a whole handshake between two certified and admitted nodes.
fn shake(dialler: LocalOffer, acceptor: LocalOffer) -> Result<(Ready, Ready), Refusal> {
    let (dialling, hello) = Dialling::new(dialler);
    let received_hello = Accepting::new(acceptor).received_hello(&hello, |_, _| true)?;
    let (accepted, answer) = received_hello.answer(Verdict::Accept)?;
    let received_answer = dialling.received_answer(&answer, |_, _| true)?;
    Ok((received_answer.confirm(Verdict::Accept)?, accepted))
}
