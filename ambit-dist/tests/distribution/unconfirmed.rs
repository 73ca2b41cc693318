//! Connections that are never confirmed.

use std::time::Duration;

use ambit_dist::transport::Closed;
use ambit_dist::wire::CloseCode;
use ambit_dist::{ConnectError, Node};
use tokio::time::Instant;

use crate::distribution::member::silent;
use crate::distribution::support::Net;

#[tokio::test(start_paused = true)]
async fn silent_connections_of_one_address_block_no_other() {
    let net = Net::new();
    let a = net.node("a").await;
    let flood = net.0.bind("10.9.9.9:9000".parse().unwrap()).unwrap();
    let mut connections = Vec::new();
    for _ in 0..600 {
        connections.extend(silent(&flood, a.local_addr()).await.ok());
    }
    let b = net.node("b").await;
    let began = Instant::now();
    b.connect(a.local_addr()).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(1));
    // Another node of that address is refused, and the error says why.
    let neighbour = net.0.bind("10.9.9.9:9001".parse().unwrap()).unwrap();
    let neighbour = Node::builder("c").transport(neighbour).seed(7);
    let neighbour = neighbour.start().await.unwrap();
    let refused = neighbour.connect(a.local_addr()).await.unwrap_err();
    assert!(
        matches!(&refused, ConnectError::Overloaded { reason, .. } if reason.contains("from this address")),
        "{refused:?}"
    );
    let mut timed_out = 0;
    for connection in connections {
        match connection.closed().await {
            Closed::Peer {
                code: CloseCode::HandshakeTimeout,
                ..
            } => timed_out += 1,
            Closed::Peer { code, .. } => assert_eq!(code, CloseCode::Overloaded),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(timed_out, 128);
    assert!(began.elapsed() <= Duration::from_secs(5));
    neighbour.connect(a.local_addr()).await.unwrap();
}
