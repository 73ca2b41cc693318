//! The choice of dialled nodes, and dials without an answer.

use std::net::SocketAddr;
use std::time::Duration;

use ambit_dist::{ConnectError, Node, NodeEvent, NodeEvents, Reconnect};
use tokio::time::{sleep, timeout};

use crate::conformance::stage::{Stage, everywhere, in_virtual_time, soon, until};

#[test]
fn x87_failed_connection_attempts_leave_nothing_behind() {
    everywhere(|stage| async move {
        // Pending dials count as connections, and a node may have at most 256.
        for round in [1..=128, 129..=256] {
            let mut dials = Vec::new();
            for port in round {
                let nobody = SocketAddr::new(stage.address().ip(), port);
                let near = stage.near.clone();
                dials.push(tokio::spawn(async move { near.connect(nobody).await }));
            }
            for dial in dials {
                let error = soon(dial).await.unwrap().unwrap_err();
                assert!(matches!(error, ConnectError::Unreachable { .. }), "{error}");
            }
        }
        assert_eq!(stage.near.peers().len(), 1);
        stage.lose().await;
        assert_eq!(stage.near.peers().len(), 0);
        stage.find().await;
        assert_eq!(stage.near.peers().len(), 1);
    });
}

/// Starts a node with the far one as seed and this reconnect policy.
async fn dialling(stage: &Stage, name: &str, reconnect: Reconnect) -> Node {
    let seeds = [stage.address()];
    let set = |builder: ambit_dist::NodeBuilder| builder.seeds(seeds).reconnect(reconnect);
    stage.another(name, set).await
}

fn has_far(node: &Node) -> bool {
    node.peer("far").is_some()
}

/// Waits until the far node is disconnected.
async fn down(events: &mut NodeEvents) {
    while !matches!(soon(events.next()).await, Some(NodeEvent::Down { .. })) {}
}

/// The time within which a node with redials has dialled again.
const CALM: Duration = Duration::from_secs(10);

#[test]
fn x89_seeds_are_dialled_only_with_reconnect_once_or_always() {
    everywhere(|stage| async move {
        let never = dialling(&stage, "never", Reconnect::Never).await;
        let once = dialling(&stage, "once", Reconnect::Once).await;
        let always = dialling(&stage, "always", Reconnect::Always).await;
        until("seeds are dialled", || has_far(&once) && has_far(&always)).await;
        // This node started first, so it would have dialled before the others.
        assert_eq!(never.peers().len(), 0);
        soon(never.connect(stage.address())).await.unwrap();
        assert!(has_far(&never), "a connect opens a connection");
    });
}

#[test]
fn x89_only_reconnect_always_redials_after_a_loss() {
    in_virtual_time(|stage| async move {
        for reconnect in [Reconnect::Never, Reconnect::Once, Reconnect::Always] {
            let name = format!("{reconnect:?}").to_lowercase();
            let node = dialling(&stage, &name, reconnect).await;
            let mut events = node.events();
            soon(node.connect(stage.address())).await.unwrap();
            for by_other in [true, false] {
                stage.part_from(&node);
                down(&mut events).await;
                stage.heal_for(&node);
                let again = timeout(CALM, async {
                    while !has_far(&node) {
                        sleep(Duration::from_millis(10)).await;
                    }
                });
                let is_back = again.await.is_ok();
                assert_eq!(is_back, reconnect == Reconnect::Always, "{reconnect:?}");
                // The other node may dial, and so may this one on request.
                let far = stage.far().node;
                let connected = match by_other {
                    true => soon(far.connect(node.local_addr())).await,
                    false => soon(node.connect(stage.address())).await,
                };
                connected.unwrap();
                until("it is there", || has_far(&node)).await;
            }
            soon(node.leave()).await;
        }
    });
}
