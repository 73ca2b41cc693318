mod candidates;
mod ending_sessions;
mod expulsions;
mod name_conflicts;
mod renewals;
mod wanted;

use super::DialFailure;
use super::*;
use crate::node::down_reason::DownReason;
use crate::node::id::id;

fn at(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

fn name(name: &str) -> NodeName {
    name.parse().unwrap()
}

const NOW: Duration = Duration::ZERO;

fn peers(own: &str, reconnect: Reconnect) -> Peers {
    let rules = PeerSettings {
        reconnect,
        peers: 256,
    };
    Peers::new(id(own, 1), rules, 7)
}

/// Returns the next dial.
fn dialled(peers: &mut Peers) -> ConnectionId {
    let actions = peers.take_actions();
    let dial = actions.iter().find_map(|action| match action {
        Action::Dial { conn, .. } => Some(*conn),
        _ => None,
    });
    dial.unwrap_or_else(|| panic!("no dial in {actions:?}"))
}

fn code(verdict: &Verdict) -> Option<CloseCode> {
    match verdict {
        Verdict::Accept => None,
        Verdict::Refuse { code, .. } => Some(*code),
    }
}

/// Connects to `b` by dialling port 1.
fn connected(peers: &mut Peers) -> ConnectionId {
    peers.connect(at(1), CallerId(1));
    let conn = dialled(peers);
    assert_eq!(
        peers.received_answer(NOW, conn, &id("b", 5)),
        Verdict::Accept
    );
    conn
}

fn unreachable() -> DialFailure {
    DialFailure::Failed(ConnectError::Unreachable {
        address: at(1),
        reason: "refused".into(),
    })
}

#[test]
fn a_dialled_node_is_up_when_it_has_answered() {
    let mut peers = peers("a", Reconnect::Always);
    let conn = connected(&mut peers);
    let up = Action::Up {
        id: id("b", 5),
        conn,
    };
    let answer = Action::Answer {
        caller: CallerId(1),
        result: Ok(id("b", 5)),
    };
    assert_eq!(peers.take_actions(), [up, answer]);
}

#[test]
fn a_dialling_node_is_up_when_it_has_confirmed() {
    let mut peers = peers("a", Reconnect::Always);
    let conn = peers.arriving();
    assert_eq!(peers.hello(NOW, conn, &id("b", 5), at(1)), Verdict::Accept);
    assert_eq!(peers.take_actions(), []);
    peers.confirmed(conn);
    let up = Action::Up {
        id: id("b", 5),
        conn,
    };
    assert_eq!(peers.take_actions(), [up]);
}

#[test]
fn of_two_dials_at_once_the_one_of_the_smaller_name_stays() {
    for (own, other, keeps_own) in [("a", "b", true), ("c", "b", false)] {
        let mut peers = peers(own, Reconnect::Always);
        peers.connect(at(1), CallerId(1));
        let mine = dialled(&mut peers);
        let theirs = peers.arriving();
        assert_eq!(
            peers.hello(NOW, theirs, &id(other, 5), at(1)),
            Verdict::Accept
        );
        let verdict = peers.received_answer(NOW, mine, &id(other, 5));
        let expected = (!keeps_own).then_some(CloseCode::Duplicate);
        assert_eq!(code(&verdict), expected);
        let closes_theirs = |action: &Action| matches!(action, Action::Close { conn, code: CloseCode::Duplicate, .. } if *conn == theirs);
        assert_eq!(peers.take_actions().iter().any(closes_theirs), keeps_own);
        if !keeps_own {
            peers.confirmed(theirs);
            let actions = peers.take_actions();
            assert!(matches!(actions[0], Action::Up { conn, .. } if conn == theirs));
            assert!(
                matches!(actions[1], Action::Answer { result: Ok(_), .. }),
                "{actions:?}"
            );
        }
    }
}

#[test]
fn a_second_connection_of_the_same_incarnation_is_a_duplicate() {
    let mut peers = peers("a", Reconnect::Always);
    connected(&mut peers);
    let conn = peers.arriving();
    let verdict = peers.hello(NOW, conn, &id("b", 5), at(1));
    assert_eq!(code(&verdict), Some(CloseCode::Duplicate));
    peers.connect(at(2), CallerId(2));
    let conn = dialled(&mut peers);
    let verdict = peers.received_answer(NOW, conn, &id("b", 5));
    assert_eq!(code(&verdict), Some(CloseCode::Duplicate));
    let answer = Action::Answer {
        caller: CallerId(2),
        result: Ok(id("b", 5)),
    };
    assert_eq!(peers.take_actions(), [answer]);
}

#[test]
fn a_dial_refused_as_duplicate_is_answered_with_the_existing_connection() {
    let mut peers = peers("b", Reconnect::Always);
    let theirs = peers.arriving();
    peers.connect(at(1), CallerId(1));
    let mine = dialled(&mut peers);
    peers.hello(NOW, theirs, &id("a", 5), at(1));
    peers.dial_failed(NOW, mine, DialFailure::Duplicate(Some(name("a"))));
    assert_eq!(peers.take_actions(), []);
    peers.confirmed(theirs);
    let received_answer = peers.take_actions().pop();
    assert!(matches!(
        received_answer,
        Some(Action::Answer { result: Ok(_), .. })
    ));
}

#[test]
fn an_unknown_duplicate_is_redialled_and_finally_reported() {
    let mut peers = peers("a", Reconnect::Always);
    peers.connect(at(1), CallerId(1));
    let mut dials = 0;
    loop {
        dials += 1;
        let conn = dialled(&mut peers);
        peers.dial_failed(NOW, conn, DialFailure::Duplicate(None));
        let Some(due) = peers.deadline() else {
            break;
        };
        peers.timer(due);
    }
    let told = Action::Answer {
        caller: CallerId(1),
        result: Err(ConnectError::Duplicate { address: at(1) }),
    };
    assert_eq!((dials, peers.take_actions()), (9, vec![told]));
}

#[test]
fn a_later_incarnation_replaces_the_earlier_one_immediately_and_permanently() {
    let mut peers = peers("a", Reconnect::Always);
    let old = connected(&mut peers);
    peers.take_actions();
    let conn = peers.arriving();
    assert_eq!(peers.hello(NOW, conn, &id("b", 6), at(1)), Verdict::Accept);
    let close = Action::Close {
        conn: old,
        code: CloseCode::StaleIncarnation,
        text: "of `b` the later life 6 is known, at 127.0.0.1:1".into(),
    };
    let down = Action::Down {
        id: id("b", 5),
        conn: old,
        reason: DownReason::Restarted,
    };
    assert_eq!(peers.take_actions(), [close]);
    peers.lost(NOW, old, DownReason::TimedOut);
    assert_eq!(peers.take_actions(), [down]);
    peers.confirmed(conn);
    let up = Action::Up {
        id: id("b", 6),
        conn,
    };
    assert_eq!(peers.take_actions(), [up]);
    let again = peers.arriving();
    let verdict = peers.hello(NOW, again, &id("b", 5), at(1));
    assert_eq!(code(&verdict), Some(CloseCode::StaleIncarnation));
}

#[test]
fn the_same_incarnation_may_reconnect_after_a_loss() {
    let mut peers = peers("a", Reconnect::Always);
    let conn = connected(&mut peers);
    peers.lost(NOW, conn, DownReason::TimedOut);
    peers.take_actions();
    let conn = peers.arriving();
    assert_eq!(peers.hello(NOW, conn, &id("b", 5), at(1)), Verdict::Accept);
}

/// Node `b`, which answered at port 1, is connected from port 2 now; a caller asks for port 1.
fn moved(peers: &mut Peers) -> ConnectionId {
    let conn = connected(peers);
    peers.lost(NOW, conn, DownReason::TimedOut);
    let conn = peers.arriving();
    assert_eq!(peers.hello(NOW, conn, &id("b", 6), at(2)), Verdict::Accept);
    peers.confirmed(conn);
    peers.take_actions();
    peers.connect(at(1), CallerId(2));
    dialled(peers)
}

#[test]
fn another_node_at_the_address_of_a_connected_one_is_connected() {
    let mut peers = peers("a", Reconnect::Always);
    let conn = moved(&mut peers);
    let other = id("c", 5);
    assert_eq!(peers.received_answer(NOW, conn, &other), Verdict::Accept);
    let up = Action::Up {
        id: other.clone(),
        conn,
    };
    let answer = Action::Answer {
        caller: CallerId(2),
        result: Ok(other),
    };
    assert_eq!(peers.take_actions(), [up, answer]);
}

#[test]
fn a_caller_for_the_earlier_address_of_a_connected_node_is_answered_after_a_redial() {
    let mut peers = peers("a", Reconnect::Always);
    let conn = moved(&mut peers);
    peers.dial_failed(NOW, conn, DialFailure::Duplicate(None));
    let later = peers.deadline().unwrap();
    peers.timer(later);
    let conn = dialled(&mut peers);
    peers.received_answer(later, conn, &id("b", 6));
    let answer = Action::Answer {
        caller: CallerId(2),
        result: Ok(id("b", 6)),
    };
    assert_eq!(peers.take_actions(), [answer]);
}

#[test]
fn a_connected_node_is_returned_for_an_earlier_address_where_nothing_answers() {
    let mut peers = peers("a", Reconnect::Always);
    let conn = moved(&mut peers);
    peers.dial_failed(NOW, conn, unreachable());
    let answer = Action::Answer {
        caller: CallerId(2),
        result: Ok(id("b", 6)),
    };
    assert_eq!(peers.take_actions(), [answer]);
    assert_eq!(peers.deadline(), None);
}

#[test]
fn a_node_refuses_its_own_name_and_itself() {
    let mut peers = peers("a", Reconnect::Always);
    let conn = peers.arriving();
    let verdict = peers.hello(NOW, conn, &id("a", 2), at(1));
    assert_eq!(code(&verdict), Some(CloseCode::Name));
    assert!(matches!(&peers.take_actions()[..], [Action::Warn(_)]));
    peers.connect(at(1), CallerId(1));
    let conn = dialled(&mut peers);
    peers.received_answer(NOW, conn, &id("a", 1));
    let told = Action::Answer {
        caller: CallerId(1),
        result: Err(ConnectError::Itself { address: at(1) }),
    };
    assert_eq!(peers.take_actions(), [told]);
    assert_eq!(peers.deadline(), None);
}

#[test]
fn a_peer_is_redialled_after_a_loss_but_not_after_a_requested_close() {
    let redials = |reconnect, is_seed, reason: DownReason| {
        let mut peers = peers("a", reconnect);
        if is_seed {
            peers.seed(NOW, at(1));
            peers.timer(NOW);
        }
        let conn = connected(&mut peers);
        peers.lost(NOW, conn, reason);
        peers.deadline().is_some()
    };
    use Reconnect::{Always, Never, Once};
    for is_seed in [false, true] {
        assert!(redials(Always, is_seed, DownReason::TimedOut));
        assert!(!redials(Once, is_seed, DownReason::TimedOut));
        assert!(!redials(Never, is_seed, DownReason::TimedOut));
        assert_eq!(redials(Always, is_seed, DownReason::Left), is_seed);
        assert_eq!(redials(Always, is_seed, DownReason::Closed), is_seed);
    }
}

#[test]
fn seeds_are_dialled_until_they_answer_and_others_once() {
    for (reconnect, again) in [(Reconnect::Always, true), (Reconnect::Once, true)] {
        let mut peers = peers("a", reconnect);
        peers.seed(NOW, at(1));
        peers.timer(NOW);
        let conn = dialled(&mut peers);
        peers.dial_failed(NOW, conn, unreachable());
        assert_eq!(peers.deadline().is_some(), again);
    }
    let mut never = peers("a", Reconnect::Never);
    never.seed(NOW, at(1));
    assert_eq!(never.deadline(), None);
}

#[test]
fn failed_connection_attempts_leave_nothing_behind() {
    let mut peers = peers("a", Reconnect::Always);
    for port in 1..=256 {
        peers.connect(at(port), CallerId(port.into()));
    }
    peers.connect(at(257), CallerId(257));
    let limit = ConnectError::TooMany { limit: 256 };
    let mut actions = peers.take_actions();
    assert!(
        matches!(actions.pop(), Some(Action::Answer { result: Err(error), .. }) if error == limit)
    );
    for action in actions {
        if let Action::Dial { conn, .. } = action {
            peers.dial_failed(NOW, conn, unreachable());
        }
    }
    assert_eq!(peers.take_actions().len(), 256);
    assert!(peers.is_idle() && peers.targets.is_empty());
    connected(&mut peers);
}

#[test]
fn connected_nodes_are_limited_to_the_configured_maximum() {
    let rules = PeerSettings {
        reconnect: Reconnect::Always,
        peers: 2,
    };
    let mut peers = Peers::new(id("a", 1), rules, 1);
    for (number, expected) in [(1, None), (2, None), (3, Some(CloseCode::Overloaded))] {
        let conn = peers.arriving();
        let verdict = peers.hello(NOW, conn, &id(&format!("n{number}"), 1), at(1));
        assert_eq!(code(&verdict), expected);
    }
}

#[test]
fn unconfirmed_connections_of_one_node_are_few() {
    let mut peers = peers("a", Reconnect::Always);
    let mut codes = Vec::new();
    for _ in 0..5 {
        let conn = peers.arriving();
        codes.push(code(&peers.hello(NOW, conn, &id("b", 1), at(1))));
    }
    assert_eq!(codes, [None, None, None, None, Some(CloseCode::Overloaded)]);
}

#[test]
fn disconnect_ends_the_connection_and_the_wish_for_it() {
    let mut peers = peers("a", Reconnect::Always);
    let conn = connected(&mut peers);
    peers.take_actions();
    assert!(peers.disconnect(NOW, &name("b")));
    let actions = peers.take_actions();
    assert!(
        matches!(&actions[0], Action::Close { conn: closed, code: CloseCode::Normal, .. } if *closed == conn)
    );
    let down = Action::Down {
        id: id("b", 5),
        conn,
        reason: DownReason::Disconnected,
    };
    assert_eq!(actions.len(), 1);
    peers.lost(NOW, conn, DownReason::Closed);
    assert_eq!((peers.take_actions(), peers.deadline()), (vec![down], None));
    assert!(!peers.disconnect(NOW, &name("b")));
}

#[test]
fn a_leaving_node_drains_its_connections_and_opens_none() {
    let mut peers = peers("a", Reconnect::Always);
    let conn = connected(&mut peers);
    peers.connect(at(2), CallerId(2));
    peers.take_actions();
    peers.leave();
    let actions = peers.take_actions();
    assert!(actions.contains(&Action::GoAway { conn }));
    let told = Action::Answer {
        caller: CallerId(2),
        result: Err(ConnectError::Left),
    };
    assert!(actions.contains(&told), "{actions:?}");
    let arriving = peers.arriving();
    let verdict = peers.hello(NOW, arriving, &id("c", 1), at(1));
    assert_eq!(code(&verdict), Some(CloseCode::GoAway));
    assert!(!peers.is_idle());
    peers.lost(NOW, conn, DownReason::TimedOut);
    let down = Action::Down {
        id: id("b", 5),
        conn,
        reason: DownReason::Left,
    };
    assert_eq!(peers.take_actions(), [down]);
    assert!(peers.is_idle());
}
