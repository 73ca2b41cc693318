//! The short form of the example `scale`: clusters in memory form, notice crashes, and stay cheap as they grow.
//!
//! A separate program, because its clusters take most of its time.
#![allow(
    dead_code,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the example uses the rest, and the nodes use tokio's clock"
)]

#[path = "../examples/scale/counted.rs"]
mod counted;
#[path = "../examples/scale/measure.rs"]
mod measure;
#[path = "../examples/scale/memory.rs"]
mod memory;

use std::time::Duration;

use self::measure::{Measured, Plan};

fn measured(nodes: usize, crashes: usize, idle: u64) -> Measured {
    let plan = Plan {
        nodes,
        crashes,
        idle: Duration::from_secs(idle),
        seed: 3,
    };
    memory::run(plan, || 0).unwrap()
}

#[test]
fn twenty_nodes_form_a_cluster_and_see_crashes() {
    let measured = measured(20, 2, 1);
    assert!(measured.formed < Duration::from_secs(5), "{measured:?}");
    assert_eq!(measured.crashes.len(), 2);
    for seen in &measured.crashes {
        // Earlier than one probe and its suspicion, it would not be a silent crash.
        assert!(*seen > Duration::from_secs(1), "{measured:?}");
        assert!(*seen < Duration::from_secs(6), "{measured:?}");
    }
    assert_eq!(measured.wrongly_lost, 0);
}

#[test]
fn the_idle_traffic_of_a_node_grows_no_faster_than_its_peers() {
    let (few, many) = (measured(5, 0, 10), measured(20, 0, 10));
    let peers = 19.0 / 4.0;
    assert!(few.bytes > 0.0 && few.packets > 0.0, "{few:?}");
    assert!(many.bytes <= few.bytes * peers * 1.1, "{few:?} {many:?}");
    assert!(
        many.packets <= few.packets * peers * 1.1,
        "{few:?} {many:?}"
    );
    assert!(many.bytes / 19.0 < 1_000.0, "{many:?}");
}
