use super::*;
use crate::node::connection_manager::SourceId;

const ONE: SourceId = SourceId(0);
const OTHER: SourceId = SourceId(1);

/// Returns the ports of all new dials, after the timers that are due.
fn dials(peers: &mut Peers, now: Duration) -> Vec<(u16, ConnectionId)> {
    peers.timer(now);
    let actions = peers.take_actions().into_iter();
    let dials = actions.filter_map(|action| match action {
        Action::Dial { conn, address } => Some((address.port(), conn)),
        _ => None,
    });
    dials.collect()
}

fn ports(peers: &mut Peers) -> Vec<u16> {
    let dials = dials(peers, NOW).into_iter();
    dials.map(|(port, _)| port).collect()
}

fn set(ports: &[u16]) -> Vec<SocketAddr> {
    ports.iter().copied().map(at).collect()
}

fn warnings(peers: &mut Peers) -> Vec<String> {
    let actions = peers.take_actions().into_iter();
    let texts = actions.filter_map(|action| match action {
        Action::Warn(text) => Some(text),
        _ => None,
    });
    texts.collect()
}

/// Fails the dials of `address` until it is forgotten or `most` have failed. Returns the number of dials.
fn failed_dials(peers: &mut Peers, address: SocketAddr, most: usize) -> usize {
    let mut count = 0;
    while count < most
        && let Some(due) = peers.deadline()
    {
        for (port, conn) in dials(peers, due) {
            assert_eq!(port, address.port());
            count += 1;
            peers.dial_failed(due, conn, unreachable());
        }
    }
    count
}

#[test]
fn new_candidates_are_dialled_once() {
    let mut peers = peers("a", Reconnect::Always);
    peers.candidates(NOW, ONE, set(&[1, 2]));
    assert_eq!(ports(&mut peers), [1, 2]);
    peers.candidates(NOW, ONE, set(&[2, 3, 1, 3]));
    assert_eq!(ports(&mut peers), [3]);
    peers.candidates(NOW, OTHER, set(&[1, 4]));
    assert_eq!(ports(&mut peers), [4]);
}

#[test]
fn candidates_are_dialled_until_they_answer_and_after_they_left() {
    let mut peers = peers("a", Reconnect::Always);
    peers.candidates(NOW, ONE, set(&[1]));
    assert_eq!(failed_dials(&mut peers, at(1), 40), 40);
    let due = peers.deadline().unwrap();
    let [(1, conn)] = dials(&mut peers, due)[..] else {
        panic!("no dial");
    };
    peers.received_answer(due, conn, &id("b", 5));
    assert_eq!(peers.deadline(), None);
    peers.lost(due, conn, DownReason::Left);
    assert!(peers.deadline().is_some(), "its node may come back");
}

#[test]
fn a_candidate_that_never_answered_is_forgotten_when_no_source_lists_it() {
    let mut peers = peers("a", Reconnect::Always);
    peers.candidates(NOW, ONE, set(&[1]));
    peers.candidates(NOW, OTHER, set(&[1]));
    let [(1, conn)] = dials(&mut peers, NOW)[..] else {
        panic!("no dial");
    };
    peers.candidates(NOW, ONE, set(&[]));
    assert_eq!(peers.take_actions(), []);
    peers.candidates(NOW, OTHER, set(&[]));
    let actions = peers.take_actions();
    assert!(
        matches!(actions[..], [Action::Close { conn: closed, .. }] if closed == conn),
        "{actions:?}"
    );
    assert!(peers.is_idle() && peers.targets.is_empty());
    // Its late answer changes nothing, and it is dialled when it is listed again.
    let verdict = peers.received_answer(NOW, conn, &id("b", 5));
    assert_eq!(code(&verdict), Some(CloseCode::Normal));
    peers.candidates(NOW, ONE, set(&[1]));
    assert_eq!(ports(&mut peers), [1]);
}

#[test]
fn a_connected_candidate_stays_when_no_source_lists_it_and_is_redialled_for_a_while() {
    let mut peers = peers("a", Reconnect::Always);
    peers.candidates(NOW, ONE, set(&[1]));
    let [(1, conn)] = dials(&mut peers, NOW)[..] else {
        panic!("no dial");
    };
    peers.received_answer(NOW, conn, &id("b", 5));
    peers.take_actions();
    peers.candidates(NOW, ONE, set(&[]));
    assert_eq!(peers.take_actions(), []);
    assert_eq!(peers.up(&name("b")), Some(id("b", 5)));
    peers.lost(NOW, conn, DownReason::TimedOut);
    let dials = failed_dials(&mut peers, at(1), 100);
    assert!((10..=16).contains(&dials), "{dials}");
    assert!(peers.targets.is_empty());
}

#[test]
fn a_candidate_that_a_caller_or_a_seed_wants_too_is_not_forgotten() {
    for is_seed in [true, false] {
        let mut peers = peers("a", Reconnect::Always);
        peers.candidates(NOW, ONE, set(&[1]));
        if is_seed {
            peers.targets.clear();
            peers.seed(NOW, at(1));
        } else {
            let conn = connected(&mut peers);
            peers.candidates(NOW, ONE, set(&[]));
            peers.lost(NOW, conn, DownReason::TimedOut);
        }
        peers.candidates(NOW, ONE, set(&[]));
        assert_eq!(failed_dials(&mut peers, at(1), 40), 40);
    }
    // A caller that waits is answered.
    let mut peers = peers("a", Reconnect::Always);
    peers.candidates(NOW, ONE, set(&[1]));
    peers.connect(at(1), CallerId(1));
    let conn = dialled(&mut peers);
    peers.candidates(NOW, ONE, set(&[]));
    assert_eq!(peers.take_actions(), []);
    peers.dial_failed(NOW, conn, unreachable());
    assert!(matches!(
        peers.take_actions()[..],
        [Action::Answer { result: Err(_), .. }]
    ));
    assert!(peers.targets.is_empty());
}

#[test]
fn a_known_address_becomes_a_candidate_and_keeps_its_connection() {
    let mut peers = peers("a", Reconnect::Always);
    let conn = connected(&mut peers);
    peers.take_actions();
    peers.candidates(NOW, ONE, set(&[1]));
    assert_eq!((peers.take_actions(), peers.deadline()), (vec![], None));
    peers.lost(NOW, conn, DownReason::Left);
    assert!(peers.deadline().is_some(), "a candidate may come back");
}

#[test]
fn candidates_beyond_the_limit_wait_in_order_and_are_reported_once() {
    let rules = PeerSettings {
        reconnect: Reconnect::Always,
        peers: 2,
    };
    let mut peers = Peers::new(id("a", 1), rules, 7);
    peers.candidates(NOW, ONE, set(&[9, 8, 7, 6]));
    let warned = warnings(&mut peers);
    assert_eq!(
        warned,
        [
            "2 discovered addresses are not dialled, because the limit of 2 peers is reached: raise `limits(..)`"
        ]
    );
    assert_eq!(ports(&mut peers), [8, 9]);
    peers.candidates(NOW, OTHER, set(&[5]));
    peers.candidates(NOW, ONE, set(&[9, 8, 7, 6, 4]));
    assert_eq!(peers.take_actions(), [], "no second warning and no dial");
    // A free slot is used at once.
    peers.candidates(NOW, ONE, set(&[8, 7, 6, 4]));
    peers.take_actions();
    assert_eq!(peers.deadline(), Some(NOW));
    assert_eq!(ports(&mut peers), [7]);
    // The warning comes again after no candidate has waited.
    peers.candidates(NOW, OTHER, set(&[]));
    peers.candidates(NOW, ONE, set(&[8, 7]));
    peers.candidates(NOW, ONE, set(&[8, 7, 6]));
    assert_eq!(warnings(&mut peers).len(), 1);
}

#[test]
fn the_end_of_a_connection_frees_a_slot_for_a_candidate() {
    let rules = PeerSettings {
        reconnect: Reconnect::Always,
        peers: 1,
    };
    let mut peers = Peers::new(id("a", 1), rules, 7);
    let conn = connected(&mut peers);
    peers.candidates(NOW, ONE, set(&[2]));
    peers.take_actions();
    assert_eq!(ports(&mut peers), [0; 0]);
    peers.lost(NOW, conn, DownReason::Left);
    assert_eq!(ports(&mut peers), [2]);
}

#[test]
fn the_own_address_is_forgotten_without_a_warning() {
    let mut peers = peers("a", Reconnect::Always);
    peers.candidates(NOW, ONE, set(&[1]));
    let [(1, conn)] = dials(&mut peers, NOW)[..] else {
        panic!("no dial");
    };
    peers.received_answer(NOW, conn, &id("a", 1));
    assert_eq!(warnings(&mut peers), [""; 0]);
    assert_eq!(peers.deadline(), None);
    peers.candidates(NOW, ONE, set(&[1, 2]));
    assert_eq!(ports(&mut peers), [2]);
}

#[test]
fn a_failing_candidate_is_reported_once_and_not_while_it_may_be_starting() {
    let refused = || {
        DialFailure::Failed(ConnectError::Untrusted {
            address: at(1),
            reason: "another cookie".into(),
        })
    };
    for (failure, silent) in [(unreachable as fn() -> DialFailure, 6), (refused, 0)] {
        let mut peers = peers("a", Reconnect::Always);
        peers.candidates(NOW, ONE, set(&[1]));
        let mut reported = Vec::new();
        for attempt in 0..20 {
            let due = peers.deadline().unwrap();
            for (_, conn) in dials(&mut peers, due) {
                peers.dial_failed(due, conn, failure());
            }
            reported.extend(warnings(&mut peers).iter().map(|_| attempt));
        }
        assert_eq!(reported, [silent]);
    }
}

#[test]
fn the_policy_applies_to_candidates() {
    let mut never = peers("a", Reconnect::Never);
    never.candidates(NOW, ONE, set(&[1]));
    assert_eq!((never.deadline(), never.targets.len()), (None, 0));

    let mut once = peers("a", Reconnect::Once);
    once.candidates(NOW, ONE, set(&[1]));
    let [(1, conn)] = dials(&mut once, NOW)[..] else {
        panic!("no dial");
    };
    once.received_answer(NOW, conn, &id("b", 5));
    once.lost(NOW, conn, DownReason::TimedOut);
    once.candidates(NOW, ONE, set(&[1, 2]));
    assert_eq!(ports(&mut once), [2]);

    let mut leaving = peers("a", Reconnect::Always);
    leaving.candidates(NOW, ONE, set(&[1]));
    leaving.leave();
    leaving.candidates(NOW, ONE, set(&[2]));
    assert_eq!((leaving.deadline(), leaving.targets.len()), (None, 0));
}

#[test]
fn a_disconnected_candidate_is_dialled_only_when_it_is_new_again() {
    let mut peers = peers("a", Reconnect::Always);
    peers.candidates(NOW, ONE, set(&[1]));
    let [(1, conn)] = dials(&mut peers, NOW)[..] else {
        panic!("no dial");
    };
    peers.received_answer(NOW, conn, &id("b", 5));
    peers.disconnect(NOW, &name("b"));
    peers.candidates(NOW, ONE, set(&[1, 2]));
    assert_eq!(ports(&mut peers), [2]);
    peers.candidates(NOW, ONE, set(&[2]));
    peers.candidates(NOW, ONE, set(&[1, 2]));
    assert_eq!(ports(&mut peers), [1]);
}

#[test]
fn a_candidate_beyond_the_limit_is_dialled_when_another_address_is_given_up() {
    type GivesUp = fn(&mut Peers);
    let all: [GivesUp; 3] = [
        |peers| assert!(!peers.disconnect(NOW, &name("b"))),
        |peers| assert!(!peers.refuse(NOW, &name("b"))),
        |peers| peers.forget_wanted(NOW, &name("b")),
    ];
    for gives_up in all {
        let rules = PeerSettings {
            reconnect: Reconnect::Always,
            peers: 1,
        };
        let mut peers = Peers::new(id("a", 1), rules, 7);
        peers.want(NOW, &name("b"), [at(1)]);
        peers.candidates(NOW, ONE, set(&[2]));
        assert_eq!(peers.targets.keys().collect::<Vec<_>>(), [&at(1)]);
        gives_up(&mut peers);
        assert_eq!(ports(&mut peers), [2]);
    }
}

#[test]
fn the_address_of_a_refused_candidate_stays_for_another_node() {
    let mut peers = peers("a", Reconnect::Always);
    peers.candidates(NOW, ONE, set(&[1]));
    let [(1, conn)] = dials(&mut peers, NOW)[..] else {
        panic!("no dial");
    };
    peers.received_answer(NOW, conn, &id("b", 5));
    peers.refuse(NOW, &name("b"));
    assert!(
        peers.deadline().is_some(),
        "another node may have the address later"
    );
}
