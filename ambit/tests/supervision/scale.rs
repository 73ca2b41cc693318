//! Very many children.

use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ambit::prelude::*;

use crate::supervision::support::*;
use crate::support::real_time::takes_linear_time;

/// The smaller number of children; the larger is ten times as many.
const FEW: usize = 10_000;

/// Starts `many` static children, a tenth of them one by one; terminates a tenth, and the rest with the supervisor.
async fn grow_and_shrink(many: usize) -> Duration {
    let began = Instant::now();
    let spec = |id: &String| ChildSpec::task(id, pending::<()>);
    let ids: Vec<_> = (0..many).map(|n| n.to_string()).collect();
    let (late, early) = ids.split_at(many / 10);
    let builder = Supervisor::builder();
    let builder = early.iter().fold(builder, |one, id| one.child(spec(id)));
    let supervisor = builder.start().await.unwrap();
    for id in late {
        supervisor.start_child(spec(id)).await.unwrap();
    }
    for id in &early[..late.len()] {
        supervisor.terminate_child(id).await.unwrap();
    }
    let left = counts(supervisor.count_children().await.unwrap());
    assert_eq!(left, [many, early.len(), many, 0]);
    supervisor.stop().await.unwrap();
    assert_eq!(ambit::inspect::processes().len(), 1, "the test");
    began.elapsed()
}

#[ambit::test]
async fn x37_a_hundred_thousand_static_children_take_linear_time() {
    takes_linear_time("static children", FEW, grow_and_shrink).await;
}

/// Starts `many` temporary children that hold `argument`; terminates half of them, and the rest with the supervisor.
async fn come_and_go(many: usize, argument: &Arc<()>) -> Duration {
    let began = Instant::now();
    let sessions = DynamicSupervisor::builder().start().await.unwrap();
    let mut pids = Vec::new();
    for _ in 0..many {
        let held = argument.clone();
        let spec = ChildSpec::task("session", move || {
            let _held = &held;
            pending::<()>()
        });
        let spec = spec.restart(Restart::Temporary);
        let session = sessions.start_child(spec).await.unwrap();
        pids.push(session.pid());
    }
    for _ in 0..many {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        Arc::strong_count(argument),
        1,
        "what started them is let go"
    );
    sessions.terminate_child(pids[0]).await.unwrap();
    assert_eq!(Arc::strong_count(argument), 1, "also when one has ended");
    for pid in &pids[1..many / 2] {
        sessions.terminate_child(*pid).await.unwrap();
    }
    let half = counts(sessions.count_children().await.unwrap());
    assert_eq!(half, [many / 2, many / 2, many / 2, 0]);
    sessions.stop().await.unwrap();
    assert_eq!(ambit::inspect::processes().len(), 1, "the test");
    began.elapsed()
}

#[ambit::test]
async fn x44_ten_thousand_temporary_children_take_linear_time_and_leave_nothing() {
    let argument = Arc::new(());
    takes_linear_time("temporary children", FEW / 10, async |many| {
        come_and_go(many, &argument).await
    })
    .await;
}
