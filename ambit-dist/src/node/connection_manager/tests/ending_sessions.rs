//! Sessions that were closed and have not ended.

use super::*;

/// Connects `b`, lets its next incarnation say hello, and returns both connections. The first session has not ended.
fn restarted(peers: &mut Peers) -> [ConnectionId; 2] {
    let old = connected(peers);
    peers.take_actions();
    let new = peers.arriving();
    assert_eq!(peers.hello(NOW, new, &id("b", 6), at(1)), Verdict::Accept);
    let actions = peers.take_actions();
    assert!(
        matches!(&actions[..], [Action::Close { conn, .. }] if *conn == old),
        "{actions:?}"
    );
    [old, new]
}

fn down(conn: ConnectionId, reason: DownReason) -> Action {
    let id = id("b", 5);
    Action::Down { id, conn, reason }
}

fn up(conn: ConnectionId) -> Action {
    let id = id("b", 6);
    Action::Up { id, conn }
}

#[test]
fn a_restarted_node_is_up_when_its_earlier_session_has_ended() {
    let mut peers = peers("a", Reconnect::Always);
    let [old, new] = restarted(&mut peers);
    peers.confirmed(new);
    peers.connect(at(1), CallerId(2));
    assert_eq!(peers.take_actions(), [], "the earlier session runs");
    assert!(peers.is_ending(&name("b")) && !peers.is_ending(&name("c")));
    peers.lost(NOW, old, DownReason::TimedOut);
    let answer = Action::Answer {
        caller: CallerId(2),
        result: Ok(id("b", 6)),
    };
    let all = [down(old, DownReason::Restarted), up(new), answer];
    assert_eq!(peers.take_actions(), all);
    assert!(!peers.has_ending());
}

#[test]
fn a_session_that_has_not_ended_delays_no_other_node() {
    let mut peers = peers("a", Reconnect::Always);
    let [_, new] = restarted(&mut peers);
    peers.confirmed(new);
    let other = peers.arriving();
    let c = id("c", 1);
    assert_eq!(peers.hello(NOW, other, &c, at(2)), Verdict::Accept);
    peers.confirmed(other);
    let up = Action::Up { id: c, conn: other };
    assert_eq!(peers.take_actions(), [up]);
}

#[test]
fn a_connection_that_is_lost_before_it_is_up_is_neither_up_nor_down() {
    let mut peers = peers("a", Reconnect::Always);
    let [old, new] = restarted(&mut peers);
    peers.confirmed(new);
    assert!(peers.refuse(NOW, &name("b")));
    let actions = peers.take_actions();
    assert!(
        matches!(&actions[..], [Action::Close { conn, .. }] if *conn == new),
        "{actions:?}"
    );
    peers.lost(NOW, old, DownReason::TimedOut);
    assert_eq!(peers.take_actions(), [down(old, DownReason::Restarted)]);
}

#[test]
fn callers_of_a_connection_that_is_lost_before_it_is_up_get_an_error() {
    let answers = |lose: &dyn Fn(&mut Peers, ConnectionId)| {
        let mut peers = peers("a", Reconnect::Always);
        let [old, new] = restarted(&mut peers);
        peers.confirmed(new);
        peers.connect(at(1), CallerId(2));
        assert_eq!(peers.take_actions(), [], "the earlier session runs");
        lose(&mut peers, new);
        let actions = peers.take_actions().into_iter();
        let answers = actions.filter_map(|action| match action {
            Action::Answer { caller, result } => Some((caller, result.unwrap_err())),
            _ => None,
        });
        let answers: Vec<_> = answers.collect();
        peers.lost(NOW, old, DownReason::TimedOut);
        assert_eq!(peers.take_actions(), [down(old, DownReason::Restarted)]);
        assert!(!peers.has_ending());
        answers
    };
    let address = at(1);
    let reason = "no answer in time".to_owned();
    assert_eq!(
        answers(&|peers, new| peers.lost(NOW, new, DownReason::TimedOut)),
        [(CallerId(2), ConnectError::Unreachable { address, reason })]
    );
    assert_eq!(
        answers(&|peers, _| assert!(peers.disconnect(NOW, &name("b")))),
        [(CallerId(2), ConnectError::Disconnected { address })]
    );
    let reason = "left".to_owned();
    let code = CloseCode::GoAway;
    assert_eq!(
        answers(&|peers, new| peers.lost(NOW, new, DownReason::Left)),
        [(
            CallerId(2),
            ConnectError::Refused {
                address,
                code,
                reason
            }
        )]
    );
}

#[test]
fn the_last_of_several_restarts_is_up() {
    let mut peers = peers("a", Reconnect::Always);
    let [old, new] = restarted(&mut peers);
    peers.confirmed(new);
    let last = peers.arriving();
    assert_eq!(peers.hello(NOW, last, &id("b", 7), at(1)), Verdict::Accept);
    peers.confirmed(last);
    peers.take_actions();
    peers.lost(NOW, old, DownReason::TimedOut);
    let up = Action::Up {
        id: id("b", 7),
        conn: last,
    };
    let all = [down(old, DownReason::Restarted), up];
    assert_eq!(peers.take_actions(), all);
}

#[test]
fn a_leaving_node_waits_for_the_sessions_that_it_has_closed() {
    let mut peers = peers("a", Reconnect::Always);
    let conn = connected(&mut peers);
    assert!(peers.disconnect(NOW, &name("b")));
    peers.leave();
    peers.take_actions();
    assert!(!peers.is_idle());
    peers.lost(NOW, conn, DownReason::Left);
    assert_eq!(peers.take_actions(), [down(conn, DownReason::Disconnected)]);
    assert!(peers.is_idle());
}
