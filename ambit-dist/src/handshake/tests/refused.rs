//! Refusals, and the codes and texts that both nodes see.

use std::time::Duration;

use super::*;
use crate::handshake::hello::Hello;
use crate::node::connection_manager::{PeerSettings, Peers};
use crate::node::id::Incarnation;
use crate::node::reconnect::Reconnect;
use crate::wire::Limits;

/// Returns the code and text of a refusal.
fn refusal(refused: Result<impl std::fmt::Debug, Refusal>) -> (CloseCode, String) {
    let refused = refused.unwrap_err();
    (refused.code(), refused.text().to_owned())
}

fn hello(of: LocalOffer) -> Vec<u8> {
    Dialling::new(of).1
}

#[test]
fn a_node_of_another_cluster_is_rejected_by_both_sides_with_both_cluster_names() {
    let mut b = node("b");
    b.cluster = "store".parse().unwrap();
    let (code, text) = refusal(shake(node("a"), b.clone()));
    assert_eq!(code, CloseCode::Cluster);
    assert_eq!(
        text,
        "one node is of the cluster `store`, the other of `shop`"
    );
    let (dialling, _) = Dialling::new(node("a"));
    let received_hello = Accepting::new(b.clone())
        .received_hello(&hello(b), |_, _| true)
        .unwrap();
    let (_, answer) = received_hello.answer(Verdict::Accept).unwrap();
    let (code, _) = refusal(dialling.received_answer(&answer, |_, _| true));
    assert_eq!(code, CloseCode::Cluster);
}

#[test]
fn a_name_that_is_not_in_the_certificate_is_refused_by_both_sides() {
    let asked = |name: &crate::NodeName, cluster: &crate::ClusterName| {
        assert_eq!((name.as_str(), cluster.as_str()), ("b", "shop"));
        false
    };
    let (code, text) = refusal(Accepting::new(node("a")).received_hello(&hello(node("b")), asked));
    assert_eq!(code, CloseCode::Name);
    assert_eq!(
        text,
        "the certificate is not for `b` in `shop` (wildcards are not accepted)"
    );
    let (dialling, hello) = Dialling::new(node("a"));
    let received_hello = Accepting::new(node("b"))
        .received_hello(&hello, |_, _| true)
        .unwrap();
    let (_, answer) = received_hello.answer(Verdict::Accept).unwrap();
    assert_eq!(
        refusal(dialling.received_answer(&answer, asked)).0,
        CloseCode::Name
    );
}

/// Builds the node `a` in its seventh incarnation.
fn peers() -> Peers {
    let rules = PeerSettings {
        reconnect: Reconnect::Never,
        peers: 8,
    };
    Peers::new(id("a", 7), rules, 1)
}

/// Returns the answer of `a` to this dialler.
fn verdict_of(peers: &mut Peers, dialler: NodeId) -> Result<(Ready, Vec<u8>), Refusal> {
    let dialler = LocalOffer::new(dialler, "shop".parse().unwrap());
    let received_hello = Accepting::new(node("a")).received_hello(&hello(dialler), |_, _| true)?;
    let conn = peers.arriving();
    let at = "10.0.0.2:9000".parse().unwrap();
    let verdict = peers.hello(Duration::ZERO, conn, received_hello.peer(), at);
    if verdict == Verdict::Accept {
        peers.confirmed(conn);
    }
    received_hello.answer(verdict)
}

#[test]
fn the_connection_table_of_the_node_decides_on_the_handshake() {
    let mut peers = peers();
    let code = |refused: Result<_, Refusal>| refusal(refused).0;
    assert_eq!(code(verdict_of(&mut peers, id("a", 8))), CloseCode::Name);
    assert_eq!(code(verdict_of(&mut peers, id("a", 7))), CloseCode::Name);
    assert!(verdict_of(&mut peers, id("b", 5)).is_ok());
    assert_eq!(
        code(verdict_of(&mut peers, id("b", 5))),
        CloseCode::Duplicate
    );
    assert_eq!(
        code(verdict_of(&mut peers, id("b", 4))),
        CloseCode::StaleIncarnation
    );
    assert!(verdict_of(&mut peers, id("b", 6)).is_ok());
}

#[test]
fn a_dialler_refuses_an_unwelcome_acceptor_with_a_reason() {
    let (dialling, hello) = Dialling::new(node("a"));
    let received_hello = Accepting::new(node("b"))
        .received_hello(&hello, |_, _| true)
        .unwrap();
    let (_, answer) = received_hello.answer(Verdict::Accept).unwrap();
    let received_answer = dialling.received_answer(&answer, |_, _| true).unwrap();
    assert_eq!(received_answer.peer(), &id("b", 7));
    let refused = received_answer.confirm(Verdict::Refuse {
        code: CloseCode::Quarantined,
        text: "gone".into(),
    });
    assert_eq!(refusal(refused), (CloseCode::Quarantined, "gone".into()));
}

#[test]
fn an_answer_that_exceeds_the_offer_is_rejected() {
    let beyond = |change: fn(&mut Hello)| {
        let (mut a, mut b) = (node("a"), node("b"));
        (a.features, b.features) = (1, 1);
        a.heartbeat = Duration::from_secs(2);
        a.limits = Limits::default().lanes(2);
        let (dialling, hello) = Dialling::new(a.clone());
        let received_hello = Accepting::new(b)
            .received_hello(&hello, |_, _| true)
            .unwrap();
        let (_, answer) = received_hello.answer(Verdict::Accept).unwrap();
        let (mut answer, _) = Hello::decode(&answer, a.versions, &a.limits).unwrap();
        change(&mut answer);
        dialling.received_answer(&answer.encode(), |_, _| true)
    };
    assert!(beyond(|_| {}).is_ok());
    let changes: [fn(&mut Hello); 6] = [
        |answer| answer.features = 3,
        |answer| answer.limits.lanes = 3,
        |answer| answer.limits.max_message += 1,
        |answer| answer.heartbeat = Duration::from_secs(1),
        |answer| answer.codecs.push(crate::AnyCodec::Postcard),
        |answer| answer.versions.oldest = 0,
    ];
    for change in changes {
        let (code, text) = refusal(beyond(change));
        assert_eq!(code, CloseCode::Malformed);
        assert!(text.contains("exceeds the offer"), "{text}");
    }
}

#[test]
fn a_limit_of_nothing_is_refused() {
    let mut b = node("b");
    b.limits = Limits::default().window(0);
    let (code, text) = refusal(shake(b, node("a")));
    assert_eq!(code, CloseCode::Malformed);
    assert!(text.contains("`window`"), "{text}");
}

#[test]
fn the_text_of_a_peer_is_shown_on_one_line_of_bounded_length() {
    let said = format!("no\n\x1b[31mway\u{202e}\u{200b}{}", "x".repeat(300));
    let received = Refusal::received(CloseCode::Overloaded, &said);
    let shown = format!("no[31mway{}…", "x".repeat(191));
    assert_eq!(received.text(), shown);
    assert_eq!(
        received.to_string(),
        format!("the node is overloaded: {shown}")
    );
    let short = Refusal::received(CloseCode::Other(99), "größer");
    assert_eq!(short.to_string(), "code 0x63: größer");
}

#[test]
fn a_stale_incarnation_is_refused_with_the_later_one() {
    let at = Some("10.0.0.1:9000".parse().unwrap());
    let later = Incarnation(0x00ab_cdef);
    let refusal = Refusal::stale(&"b".parse().unwrap(), later, at);
    let code = CloseCode::StaleIncarnation;
    assert_eq!(refusal.code(), code);
    // The number is part of the protocol: see the table of close codes.
    let text = "of `b` the later life abcdef is known, at 10.0.0.1:9000";
    assert_eq!(refusal.text(), text);
    assert_eq!(Refusal::later(code, text), Some(later));
    assert_eq!(Refusal::later(CloseCode::Name, text), None);
    for text in [
        "",
        "the later life ",
        "the later life x",
        "the later life 10000000000000000 is",
    ] {
        assert_eq!(Refusal::later(code, text), None, "{text}");
    }
}
