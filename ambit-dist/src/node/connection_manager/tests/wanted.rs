use super::*;
use crate::node::connection_manager::SourceId;

/// Fails this many dials, or all until the address is forgotten. Returns the time of the last one.
fn fail(peers: &mut Peers, count: usize, error: &DialFailure) -> (usize, Duration) {
    let (mut failed, mut now) = (0, NOW);
    while failed < count
        && let Some(due) = peers.deadline()
    {
        now = due;
        peers.timer(now);
        for action in peers.take_actions() {
            if let Action::Dial { conn, .. } = action {
                failed += 1;
                peers.dial_failed(now, conn, error.clone());
            }
        }
    }
    (failed, now)
}

#[test]
fn a_member_is_dialled_until_it_is_forgotten() {
    let mut peers = peers("a", Reconnect::Always);
    peers.want(NOW, &name("b"), [at(1)]);
    let (failed, now) = fail(&mut peers, 400, &unreachable());
    assert_eq!(failed, 400);
    assert!(now > Duration::from_secs(30 * 60), "{now:?}");
    peers.forget_wanted(NOW, &name("b"));
    assert_eq!(peers.deadline(), None);
    assert!(peers.targets.is_empty() && peers.wanted.is_empty());
}

#[test]
fn a_member_is_dialled_again_after_each_loss() {
    let mut peers = peers("a", Reconnect::Always);
    let conn = connected(&mut peers);
    peers.targets.get_mut(&at(1)).unwrap().is_requested = false;
    peers.want(NOW, &name("b"), [at(1)]);
    peers.take_actions();
    peers.lost(NOW, conn, DownReason::TimedOut);
    assert_eq!(fail(&mut peers, 50, &unreachable()).0, 50);
}

#[test]
fn an_address_that_a_caller_connected_to_is_dialled_after_its_member_is_forgotten() {
    let mut peers = peers("a", Reconnect::Always);
    let conn = connected(&mut peers);
    peers.want(NOW, &name("b"), [at(1)]);
    peers.take_actions();
    peers.lost(NOW, conn, DownReason::TimedOut);
    assert_eq!(fail(&mut peers, 50, &unreachable()).0, 50);
    peers.forget_wanted(NOW, &name("b"));
    assert_eq!(fail(&mut peers, 50, &unreachable()).0, 50);
}

#[test]
fn candidates_that_never_answer_give_way_to_callers_and_members() {
    let rules = PeerSettings {
        reconnect: Reconnect::Always,
        peers: 2,
    };
    let mut peers = Peers::new(id("a", 1), rules, 7);
    let forged = [at(1), at(2)];
    peers.candidates(NOW, SourceId(1), forged.to_vec());
    // A new node may still be starting.
    assert_eq!(fail(&mut peers, 8, &unreachable()).0, 8);
    peers.want(NOW, &name("b"), [at(4)]);
    assert_eq!(peers.targets.keys().collect::<Vec<_>>(), [&at(1), &at(2)]);
    assert_eq!(fail(&mut peers, 64, &unreachable()).0, 64);
    peers.connect(at(3), CallerId(1));
    peers.want(NOW, &name("b"), [at(4)]);
    assert_eq!(peers.targets.keys().collect::<Vec<_>>(), [&at(3), &at(4)]);
    peers.candidates.waiting.sort();
    assert_eq!(peers.candidates.waiting, forged);
    // They are dialled again once there is capacity.
    peers.forget_wanted(NOW, &name("b"));
    assert_eq!(peers.targets.keys().collect::<Vec<_>>(), [&at(1), &at(3)]);
}

#[test]
fn a_member_that_refuses_this_node_is_dialled_again_twice_a_minute() {
    let mut peers = peers("a", Reconnect::Always);
    peers.want(NOW, &name("b"), [at(1)]);
    let quarantined = DialFailure::Failed(ConnectError::Quarantined {
        address: at(1),
        reason: "not this one".to_owned(),
    });
    let (failed, took) = fail(&mut peers, 100, &quarantined);
    assert_eq!(failed, 100);
    assert!((2_500..3_500).contains(&took.as_secs()), "{took:?}");
    // Admitted again.
    peers.timer(peers.deadline().unwrap());
    let conn = dialled(&mut peers);
    assert_eq!(
        peers.received_answer(NOW, conn, &id("b", 5)),
        Verdict::Accept
    );
}

#[test]
fn a_member_that_is_disconnected_on_request_is_wanted_no_more() {
    let mut peers = peers("a", Reconnect::Always);
    peers.want(NOW, &name("b"), [at(1)]);
    connected(&mut peers);
    assert!(peers.disconnect(NOW, &name("b")));
    assert!(peers.wanted.is_empty());
    assert_eq!(peers.deadline(), None);
}

#[test]
fn a_member_that_is_disconnected_on_request_while_it_is_lost_is_wanted_no_more() {
    let mut peers = peers("a", Reconnect::Always);
    peers.want(NOW, &name("b"), [at(1)]);
    let conn = connected(&mut peers);
    peers.lost(NOW, conn, DownReason::TimedOut);
    assert!(peers.deadline().is_some());
    assert!(!peers.disconnect(NOW, &name("b")));
    peers.want(NOW, &name("b"), [at(1)]);
    assert!(peers.wanted.is_empty());
    assert_eq!(peers.deadline(), None);
}

#[test]
fn the_addresses_of_lost_members_give_way_to_those_of_callers_and_candidates() {
    let rules = PeerSettings {
        reconnect: Reconnect::Always,
        peers: 2,
    };
    let mut peers = Peers::new(id("a", 1), rules, 7);
    peers.want(NOW, &name("b"), [at(1)]);
    peers.want(NOW, &name("c"), [at(2)]);
    peers.connect(at(3), CallerId(1));
    let too_many = ConnectError::TooMany { limit: 2 };
    let answer = Action::Answer {
        caller: CallerId(1),
        result: Err(too_many),
    };
    assert!(peers.take_actions().contains(&answer));
    let (_, now) = fail(&mut peers, 40, &unreachable());
    peers.connect(at(3), CallerId(2));
    let source = SourceId(0);
    peers.candidates(now, source, vec![at(4)]);
    let targets: Vec<u16> = peers.targets.keys().map(SocketAddr::port).collect();
    assert_eq!(targets, [3, 4]);
}

#[test]
fn a_member_that_moves_is_dialled_only_at_its_last_addresses() {
    let mut peers = peers("a", Reconnect::Always);
    for number in 1..=300 {
        peers.want(NOW, &name("b"), [at(number)]);
        // Its next incarnation connects by itself.
        let conn = peers.arriving();
        let next = id("b", u64::from(number));
        assert_eq!(peers.hello(NOW, conn, &next, at(9_000)), Verdict::Accept);
        peers.confirmed(conn);
        peers.lost(NOW, conn, DownReason::TimedOut);
        peers.take_actions();
    }
    let targets: Vec<u16> = peers.targets.keys().map(SocketAddr::port).collect();
    assert_eq!(targets, [300]);
}

#[test]
fn nodes_with_ever_new_names_that_close_their_connections_leave_little_behind() {
    let names: u64 = if cfg!(miri) { 100 } else { 5_000 };
    let mut peers = peers("a", Reconnect::Always);
    connected(&mut peers);
    assert!(peers.disconnect(NOW, &name("b")));
    for number in 0..names {
        let conn = peers.arriving();
        let other = id(&format!("n{number}"), 1);
        assert_eq!(peers.hello(NOW, conn, &other, at(2)), Verdict::Accept);
        peers.confirmed(conn);
        peers.lost(NOW, conn, DownReason::Closed);
        peers.take_actions();
    }
    assert!(peers.disconnected.len() <= 4_096);
    let last = name(&format!("n{}", names - 1));
    for kept in [name("b"), last] {
        peers.want(NOW, &kept, [at(3)]);
        assert!(!peers.wanted.contains(&kept), "`{kept}` is dialled");
    }
}
