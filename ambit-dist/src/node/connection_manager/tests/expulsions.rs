//! Nodes that are no longer admitted.

use super::*;

fn quarantined(text: &str) -> DownReason {
    DownReason::Refused {
        code: CloseCode::Quarantined,
        text: text.into(),
    }
}

#[test]
fn a_refused_name_loses_its_connection_and_gets_no_other() {
    let mut peers = peers("a", Reconnect::Always);
    let conn = connected(&mut peers);
    peers.take_actions();
    assert!(peers.refuse(NOW, &name("b")));
    let text = "`a` refuses `b`";
    let close = Action::Close {
        conn,
        code: CloseCode::Quarantined,
        text: text.into(),
    };
    let down = Action::Down {
        id: id("b", 5),
        conn,
        reason: quarantined(text),
    };
    assert_eq!(peers.take_actions(), [close]);
    peers.lost(NOW, conn, DownReason::TimedOut);
    assert_eq!(peers.take_actions(), [down]);
    assert_eq!(peers.deadline(), None, "it is no longer dialled");
    let arriving = peers.arriving();
    // A later incarnation is refused too.
    let verdict = peers.hello(NOW, arriving, &id("b", 6), at(1));
    assert_eq!(code(&verdict), Some(CloseCode::Quarantined));
    peers.connect(at(1), CallerId(2));
    let dial = dialled(&mut peers);
    let verdict = peers.received_answer(NOW, dial, &id("b", 6));
    assert_eq!(code(&verdict), Some(CloseCode::Quarantined));
    let told = Action::Answer {
        caller: CallerId(2),
        result: Err(ConnectError::NotAdmitted {
            node: name("b"),
            reason: text.into(),
        }),
    };
    assert_eq!(peers.take_actions(), [told]);
    assert!(!peers.refuse(NOW, &name("b")), "it is not connected");
    assert!(peers.readmit(&name("b")) && !peers.readmit(&name("b")));
    connected(&mut peers);
}

#[test]
fn a_refusal_ends_offers_and_dials_on_the_way_too() {
    let mut peers = peers("a", Reconnect::Always);
    let offer = peers.arriving();
    peers.hello(NOW, offer, &id("b", 5), at(1));
    assert!(!peers.refuse(NOW, &name("b")));
    let actions = peers.take_actions();
    let closes = |action: &Action| matches!(action, Action::Close { conn, code: CloseCode::Quarantined, .. } if *conn == offer);
    assert!(
        actions.iter().all(closes) && actions.len() == 1,
        "{actions:?}"
    );
    peers.confirmed(offer);
    assert_eq!(peers.take_actions(), [], "it was too late");
    assert!(peers.is_idle());
}

#[test]
fn an_expelled_node_is_dialled_again_as_after_a_loss() {
    let mut peers = peers("a", Reconnect::Always);
    let conn = connected(&mut peers);
    peers.take_actions();
    peers.expel(NOW, conn, "it has expired");
    assert_eq!(peers.take_actions().len(), 1, "the connection is closed");
    peers.lost(NOW, conn, DownReason::TimedOut);
    let down = Action::Down {
        id: id("b", 5),
        conn,
        reason: quarantined("it has expired"),
    };
    assert_eq!(peers.take_actions(), [down]);
    assert!(peers.deadline().is_some());
    peers.timer(peers.deadline().unwrap());
    let conn = dialled(&mut peers);
    let verdict = peers.not_admitted(NOW, conn, &id("b", 5), "it has expired".into());
    assert_eq!(code(&verdict), Some(CloseCode::Quarantined));
    assert!(peers.deadline().is_some(), "it may be admitted one day");
}
