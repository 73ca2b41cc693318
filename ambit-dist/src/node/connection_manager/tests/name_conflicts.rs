//! Conflicts of names: two nodes with one name.

use super::*;

/// Lets an incarnation of `b` dial from this port. Returns the verdict and the warnings; an accepted one is up.
fn claimed(peers: &mut Peers, incarnation: u64, port: u16) -> (Option<CloseCode>, Vec<String>) {
    let conn = peers.arriving();
    let verdict = peers.hello(NOW, conn, &id("b", incarnation), at(port));
    peers.confirmed(conn);
    let actions = peers.take_actions().into_iter();
    let warnings = actions.filter_map(|action| match action {
        Action::Warn(text) => Some(text),
        _ => None,
    });
    (code(&verdict), warnings.collect())
}

#[test]
fn of_two_nodes_with_one_name_the_later_wins_loudly_and_after_three_times_the_connected_one_stays()
{
    let mut peers = peers("a", Reconnect::Always);
    assert_eq!(claimed(&mut peers, 1, 1), (None, vec![]));
    for (incarnation, port, other) in [(2, 2, 1), (3, 1, 2), (4, 2, 1)] {
        let (refused, warnings) = claimed(&mut peers, incarnation, port);
        let text = format!("`b` at {} replaces `b` at {}, which", at(port), at(other));
        assert_eq!(refused, None);
        assert!(
            matches!(&warnings[..], [warning] if warning.starts_with(&text)),
            "{warnings:?}"
        );
    }
    let (refused, warnings) = claimed(&mut peers, 5, 1);
    assert_eq!(refused, Some(CloseCode::Name));
    let text = format!(
        "two nodes are called `b`, one at {} and one at {}",
        at(2),
        at(1)
    );
    assert!(
        matches!(&warnings[..], [warning] if warning.starts_with(&text)),
        "{warnings:?}"
    );
    // The warning appears once; the other node keeps trying.
    assert_eq!(claimed(&mut peers, 6, 1), (Some(CloseCode::Name), vec![]));
    assert_eq!(peers.up(&name("b")), Some(id("b", 4)), "who is there stays");
    assert_eq!(peers.conflicts(&name("b")), 5);
}

#[test]
fn a_name_becomes_free_when_its_holder_is_lost() {
    let mut peers = peers("a", Reconnect::Always);
    for incarnation in 1..=4 {
        claimed(&mut peers, incarnation, u16::try_from(incarnation).unwrap());
    }
    assert_eq!(claimed(&mut peers, 5, 5).0, Some(CloseCode::Name));
    let conn = peers.peers[&name("b")].up.as_ref().unwrap().conn;
    peers.lost(NOW, conn, DownReason::TimedOut);
    peers.take_actions();
    assert_eq!(claimed(&mut peers, 6, 5), (None, vec![]));
}

#[test]
fn a_node_that_restarts_where_it_was_may_do_so_at_any_rate() {
    let mut peers = peers("a", Reconnect::Always);
    for incarnation in 1..=20 {
        assert_eq!(claimed(&mut peers, incarnation, 1), (None, vec![]));
    }
    assert_eq!(peers.conflicts(&name("b")), 0);
}

#[test]
fn a_replaced_node_logs_a_warning() {
    let mut peers = peers("a", Reconnect::Always);
    let conn = connected(&mut peers);
    peers.take_actions();
    let later = "of `a` the later life 2 is known, at 127.0.0.1:2";
    peers.lost(NOW, conn, DownReason::Replaced(later.into()));
    let actions = peers.take_actions();
    assert!(
        matches!(&actions[..], [Action::Warn(text), Action::Down { .. }] if text.contains(later)),
        "{actions:?}"
    );
}
