//! Nodes of which others have seen a later life.

use super::*;
use crate::node::id::Incarnation;

fn outdated(later: u64) -> DialFailure {
    let reason = String::new();
    DialFailure::Outdated(Incarnation(later), ConnectError::Stale { reason })
}

#[test]
fn a_node_becomes_later_than_what_others_have_seen_and_tells_all_whom_it_dials() {
    let mut peers = peers("a", Reconnect::Always);
    peers.connect(at(1), Caller(1));
    let first = dialled(&mut peers);
    peers.connect(at(2), Caller(2));
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
    // The other one is dialled again after a while, and whoever waits for it waits.
    assert!(peers.deadline().is_some());
}

#[test]
fn who_is_connected_does_not_become_another_life() {
    let mut peers = peers("a", Reconnect::Always);
    connected(&mut peers);
    peers.connect(at(2), Caller(2));
    peers.take_actions();
    let conn = *peers.dials.keys().next().unwrap();
    peers.dial_failed(NOW, conn, outdated(9));
    let actions = peers.take_actions();
    let told = matches!(
        &actions[..],
        [Action::Answer {
            caller: Caller(2),
            result: Err(ConnectError::Stale { .. })
        }]
    );
    assert!(told, "{actions:?}");
}

#[test]
fn whoever_always_knows_a_later_life_is_not_followed_for_ever() {
    let mut peers = peers("a", Reconnect::Always);
    peers.connect(at(1), Caller(1));
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
        !peers.outdated(Incarnation(u64::MAX)),
        "there is none after the last"
    );
}
