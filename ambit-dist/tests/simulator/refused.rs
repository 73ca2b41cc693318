//! A node that others refuse, on a lossy network.

use std::time::Duration;

use ambit_dist::Node;
use ambit_dist::sim::{Host, Sim};

const SECOND: Duration = Duration::from_secs(1);
const PORT: u16 = 9_000;
const OTHERS: [&str; 3] = ["a", "b", "c"];
/// The times at which the node is refused and readmitted.
const REFUSED: Duration = Duration::from_secs(20);
const READMITTED: Duration = Duration::from_secs(60);

async fn until(host: &Host, time: Duration) {
    tokio::time::sleep(time.saturating_sub(host.now())).await;
}

async fn connect(host: &Host, node: &Node, to: &str) {
    while node.connect(host.address_of(to, PORT)).await.is_err() {
        tokio::time::sleep(SECOND).await;
    }
}

#[test]
fn a_refused_node_is_out_everywhere_within_five_seconds_and_returns_when_it_is_readmitted() {
    for seed in 0..4 {
        let mut sim = Sim::new(seed);
        sim.loss(0.02)
            .tick(Duration::from_millis(5))
            .limit(150 * SECOND);
        for name in OTHERS {
            sim.host(name, move |host| async move {
                let node = host.node(PORT).start().await.unwrap();
                until(&host, REFUSED).await;
                assert!(node.refuse("d").await, "{seed}: `d` was connected");
                until(&host, READMITTED).await;
                assert!(node.readmit("d").await);
                std::future::pending::<()>().await;
            });
        }
        sim.client("d", move |host| async move {
            let node = host.node(PORT).start().await.unwrap();
            for other in OTHERS {
                connect(&host, &node, other).await;
            }
            until(&host, REFUSED - SECOND / 10).await;
            assert_eq!(node.peers().len(), 3, "{seed}: before");
            // The node keeps dialling, and is refused each time.
            until(&host, REFUSED + 5 * SECOND).await;
            while host.now() < READMITTED {
                assert_eq!(node.peers().len(), 0, "{seed}: at {:?}", host.now());
                tokio::time::sleep(SECOND / 10).await;
            }
            until(&host, READMITTED + 40 * SECOND).await;
            assert_eq!(node.peers().len(), 3, "{seed}: after");
        });
        sim.run().unwrap();
    }
}
