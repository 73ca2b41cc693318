//! The hello and the answer of a peer.

use crate::handshake::{Accepting, Dialling, LocalOffer, Ready, Refusal};
use crate::node::connection_manager::Verdict;
use crate::node::id::{ClusterName, Incarnation, NodeId, NodeName};
use crate::wire::{CloseCode, HELLO_MAX};

/// Interprets the bytes as a dialler's hello, as an acceptor's answer, and as the text of a close. Checks that the
/// dialler accepts the acceptor's answer with the same parameters, that no answer exceeds the offer, and that a
/// displayed text is one line.
///
/// # Panics
/// Panics if a check fails.
pub fn handshake(bytes: &[u8]) {
    let refused = [accept(bytes).err(), dial(bytes).err()];
    let said = Refusal::received(CloseCode::Internal, &String::from_utf8_lossy(bytes));
    for refusal in refused.iter().flatten().chain([&said]) {
        let text = refusal.text();
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert!(text.chars().count() <= 512, "{text:?}");
    }
}

fn offer(name: &str) -> LocalOffer {
    let name: NodeName = name.parse().expect("a name of a node");
    let cluster: ClusterName = "shop".parse().expect("a name of a cluster");
    let incarnation = Incarnation::new(1, 1);
    LocalOffer::new(NodeId { name, incarnation }, cluster)
}

fn accept(bytes: &[u8]) -> Result<(), Refusal> {
    let received_hello = Accepting::new(offer("a")).received_hello(bytes, |_, _| true)?;
    let (acceptor, answer) = received_hello.answer(Verdict::Accept)?;
    assert!(answer.len() <= HELLO_MAX);
    let dialler = LocalOffer {
        id: acceptor.peer().clone(),
        codecs: vec![acceptor.codec()],
        limits: acceptor.limits().clone(),
        heartbeat: acceptor.heartbeat(),
        ..offer("b")
    };
    let received = Dialling::new(dialler)
        .0
        .received_answer(&answer, |_, _| true);
    let ready = received.and_then(|answer| answer.confirm(Verdict::Accept));
    let dialler = ready.expect("what was agreed is agreed");
    let terms = |ready: &Ready| {
        let numbers = (ready.version(), ready.features(), ready.heartbeat());
        (numbers, ready.codec(), ready.limits().clone())
    };
    assert_eq!(terms(&dialler), terms(&acceptor));
    Ok(())
}

fn dial(bytes: &[u8]) -> Result<(), Refusal> {
    let (dialling, _) = Dialling::new(offer("b"));
    let received_answer = dialling.received_answer(bytes, |_, _| true)?;
    let ready = received_answer.confirm(Verdict::Accept)?;
    let offered = offer("b");
    assert_eq!(
        offered.limits.agree(ready.limits()).as_ref(),
        Ok(ready.limits())
    );
    assert!(offered.codecs.contains(&ready.codec()));
    assert!(ready.heartbeat() >= offered.heartbeat);
    Ok(())
}
