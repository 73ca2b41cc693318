//! Handshakes between honest and malicious nodes.

mod agreed;
mod bytes;
mod refused;

use super::*;
use crate::node::id::{NodeId, id};
use crate::node::peers::Verdict;
use crate::wire::CloseCode;

fn node(name: &str) -> LocalOffer {
    LocalOffer::new(id(name, 7), "shop".parse().unwrap())
}

/// Runs a whole handshake between two certified and admitted nodes.
fn shake(dialler: LocalOffer, acceptor: LocalOffer) -> Result<(Ready, Ready), Refusal> {
    let (dialling, hello) = Dialling::new(dialler);
    let heard = Accepting::new(acceptor).heard(&hello, |_, _| true)?;
    let (accepted, answer) = heard.answer(Verdict::Accept)?;
    let answered = dialling.answered(&answer, |_, _| true)?;
    Ok((answered.confirm(Verdict::Accept)?, accepted))
}
