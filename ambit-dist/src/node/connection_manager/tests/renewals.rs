//! Nodes of which others have seen a later incarnation.

use super::*;
use crate::node::id::Incarnation;

fn outdated(later: u64) -> DialFailure {
    let reason = String::new();
    DialFailure::Outdated(Incarnation(later), ConnectError::Stale { reason })
}

#[test]
fn a_stale_node_renews_its_incarnation_and_redials_with_it() {
    let mut peers = peers("a", Reconnect::Always);
    peers.connect(at(1), CallerId(1));
    let first = dialled(&mut peers);
    peers.connect(at(2), CallerId(2));
    let second = dialled(&mut peers);
    peers.dial_failed(NOW, first, outdated(9 << 16));
    let actions = peers.take_actions();
    let [
        Action::Renew(own),
        Action::Close { conn, .. },
        Action::Dial { address, .. },
    ] = &actions[..]
    else {
        panic!("{actions:?}");
    };
    assert_eq!(
        (own.incarnation.get() >> 16, *conn, *address),
        (10, second, at(2))
    );
    // The other node is dialled again after a while, and its callers keep waiting.
    assert!(peers.deadline().is_some());
}

#[test]
fn a_connected_node_does_not_renew_its_incarnation() {
    let mut peers = peers("a", Reconnect::Always);
    connected(&mut peers);
    peers.connect(at(2), CallerId(2));
    peers.take_actions();
    let conn = *peers.dials.keys().next().unwrap();
    peers.dial_failed(NOW, conn, outdated(9));
    let actions = peers.take_actions();
    let told = matches!(
        &actions[..],
        [Action::Answer {
            caller: CallerId(2),
            result: Err(ConnectError::Stale { .. })
        }]
    );
    assert!(told, "{actions:?}");
}

#[test]
fn a_peer_that_always_reports_a_later_incarnation_is_not_followed_indefinitely() {
    let mut peers = peers("a", Reconnect::Always);
    peers.connect(at(1), CallerId(1));
    let mut conn = dialled(&mut peers);
    let mut now = NOW;
    let mut renewals = 0;
    loop {
        let later = peers.own.incarnation.get() + 1;
        peers.dial_failed(now, conn, outdated(later));
        let actions = peers.take_actions();
        if let [Action::Answer { result, .. }] = &actions[..] {
            assert!(matches!(result, Err(ConnectError::Stale { .. })));
            break;
        }
        assert!(matches!(&actions[..], [Action::Renew(_)]), "{actions:?}");
        renewals += 1;
        now = peers.deadline().unwrap();
        peers.timer(now);
        conn = dialled(&mut peers);
    }
    assert_eq!(renewals, 3);
    let conn = peers.arriving();
    assert_eq!(peers.hello(now, conn, &id("b", 1), at(1)), Verdict::Accept);
    assert!(
        !peers.outdated(now, Incarnation(u64::MAX)),
        "there is none after the last"
    );
}

#[test]
fn an_incarnation_too_far_in_the_future_is_rejected_and_leaves_its_name_free() {
    const YEAR: u64 = 365 * 24 * 60 * 60 * 1000;
    let in_2026 = 1_770_000_000_000;
    let incarnation = |years: u64| NodeId {
        name: name("b"),
        incarnation: Incarnation::new(in_2026 + years * YEAR, 0),
    };
    let mut last = incarnation(0);
    last.incarnation = Incarnation(u64::MAX);
    // One clock is right, and one has never been set.
    for started in [in_2026, 1] {
        let mut own = id("a", 1);
        own.incarnation = Incarnation::new(started, 0);
        let rules = PeerSettings {
            reconnect: Reconnect::Always,
            peers: 8,
        };
        let mut peers = Peers::new(own, rules, 7);
        for future in [&last, &incarnation(31)] {
            let conn = peers.arriving();
            let refused = peers.hello(NOW, conn, future, at(1));
            let Verdict::Refuse { code, text } = refused else {
                panic!("{future} is welcome");
            };
            assert_eq!(code, CloseCode::Malformed);
            assert!(text.contains("`b`") && text.contains("clock"), "{text}");
            peers.connect(at(1), CallerId(1));
            let conn = dialled(&mut peers);
            let refused = peers.received_answer(NOW, conn, future);
            assert_eq!(super::code(&refused), Some(CloseCode::Malformed));
            peers.disconnect(NOW, &name("b"));
            peers.take_actions();
        }
        let conn = peers.arriving();
        assert_eq!(
            peers.hello(NOW, conn, &incarnation(0), at(1)),
            Verdict::Accept
        );
        let conn = peers.arriving();
        assert_eq!(
            peers.hello(NOW, conn, &incarnation(29), at(1)),
            Verdict::Accept
        );
        // The node does not take an incarnation that others would refuse.
        assert!(!peers.outdated(NOW, incarnation(31).incarnation));
    }
}
