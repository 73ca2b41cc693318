//! Children of dynamic and of partitioned supervisors.

use std::future::pending;

use ambit::prelude::*;
use ambit::supervisor::{PartitionSupervisor, Restart};

use super::children::{ANY, Worker, dynamic, dynamic_children};
use super::{Order, SECOND, end, turns};
use crate::case::{Case, case};
use crate::run::Run;

#[rustfmt::skip] // a table: one line per case
pub(super) fn all() -> Vec<Case> {
    vec![
        case!("children/dynamic, start", 1_000, ["DynamicSupervisor::start_child", "DynamicSupervisorBuilder::start", "DynamicSupervisor::builder"], dynamic_start),
        case!("children/dynamic, terminate in order", 1_000, ["DynamicSupervisor::terminate_child"], |run, n| dynamic_terminate(run, n, Order::Forward)),
        case!("children/dynamic, terminate at random", 1_000, [], |run, n| dynamic_terminate(run, n, Order::Random)),
        case!("children/dynamic, restart each", 1_000, ["DynamicSupervisorBuilder::restarts"], dynamic_restart),
        case!("children/dynamic, restart all at once", 1_000, [], dynamic_restart_all),
        case!("children/dynamic, end by themselves", 1_000, [], dynamic_end),
        case!("children/dynamic, stop the supervisor", 1_000, [], dynamic_stop),
        case!("children/partitions, start and route", 500, ["PartitionSupervisor::builder", "PartitionSupervisorBuilder::partitions", "PartitionSupervisorBuilder::start", "PartitionSupervisor::route", "PartitionSupervisor::len", "PartitionSupervisor::is_empty"], partitions),
        case!("children/partitions, restart each", 500, ["PartitionSupervisorBuilder::restarts"], partitions_restart),
        case!("children/partitions, resize", 500, ["PartitionSupervisor::resize"], partitions_resize),
    ]
}

async fn dynamic_start(mut run: Run, n: usize) {
    let supervisor = dynamic().await;
    run.begin().await;
    dynamic_children(&supervisor, n, Restart::Temporary).await;
    run.end().await;
}

async fn dynamic_terminate(mut run: Run, n: usize, order: Order) {
    let supervisor = dynamic().await;
    let children = dynamic_children(&supervisor, n, Restart::Permanent).await;
    let pids: Vec<Pid> = children.iter().map(Process::pid).collect();
    run.begin().await;
    for index in order.of(n) {
        supervisor
            .terminate_child(pids[index])
            .await
            .expect("it is a child");
    }
    run.end().await;
}

async fn dynamic_restart(mut run: Run, n: usize) {
    let supervisor = dynamic().await;
    let children = dynamic_children(&supervisor, n, Restart::Permanent).await;
    let pids: Vec<Pid> = children.iter().map(Process::pid).collect();
    run.begin().await;
    for index in Order::Random.of(n) {
        ambit::exit(pids[index], ExitReason::Kill);
        turns(4).await;
    }
    let counts = supervisor.count_children().await.expect("it lives");
    run.end().await;
    assert_eq!(counts.active, n);
}

/// A child whose start takes some turns.
fn slow_child(index: usize) -> ChildSpec<Task<()>> {
    ChildSpec::task_with_ready(index.to_string(), |ready| async move {
        turns(2).await;
        ready.notify();
        pending::<()>().await
    })
}

/// All starts are in progress at once, while some processes wait for the number of children.
async fn dynamic_restart_all(mut run: Run, n: usize) {
    let supervisor = dynamic().await;
    let mut pids = Vec::new();
    for index in 0..n {
        let child = supervisor.start_child(slow_child(index).restart(Restart::Permanent));
        pids.push(child.await.expect("it starts").pid());
    }
    run.begin().await;
    for pid in pids {
        ambit::exit(pid, ExitReason::Kill);
    }
    turns(1).await;
    let counts = || supervisor.count_children().send();
    let counts = [counts(), counts(), counts(), counts()];
    for count in counts {
        let count = count.await.expect("it lives");
        assert_eq!(count.active, n);
    }
    run.end().await;
}

async fn dynamic_end(mut run: Run, n: usize) {
    let supervisor = dynamic().await;
    let children = dynamic_children(&supervisor, n, Restart::Temporary).await;
    run.begin().await;
    for index in Order::Random.of(n) {
        end(&children[index]).await;
    }
    let counts = supervisor.count_children().await.expect("it lives");
    run.end().await;
    assert_eq!(counts.active, 0);
}

async fn dynamic_stop(mut run: Run, n: usize) {
    let supervisor = dynamic().await;
    dynamic_children(&supervisor, n, Restart::Permanent).await;
    run.begin().await;
    supervisor.stop().no_timeout().await.expect("it stops");
    run.end().await;
}

async fn partitioned(n: usize) -> PartitionSupervisor<Worker> {
    let builder = PartitionSupervisor::builder(|_| Worker::child_spec()).partitions(n);
    let started = builder.restarts(ANY, SECOND).start();
    started.await.expect("it starts")
}

async fn partitions(mut run: Run, n: usize) {
    run.begin().await;
    let all = partitioned(n).await;
    for index in 0..n {
        all.route(&index).ping().await.expect("it lives");
    }
    assert_eq!((all.len(), all.is_empty()), (n, false));
    run.end().await;
}

async fn partitions_restart(mut run: Run, n: usize) {
    let all = partitioned(n).await;
    run.begin().await;
    for index in 0..n {
        all.route(&index).leave().await.expect("it lives");
        turns(4).await;
    }
    for index in 0..n {
        all.route(&index).ping().await.expect("it is restarted");
    }
    run.end().await;
}

async fn partitions_resize(mut run: Run, n: usize) {
    let all = partitioned(n).await;
    run.begin().await;
    let shrunk = all.resize(1).timeout(3600 * SECOND);
    shrunk.await.expect("it shrinks");
    let grown = all.resize(n).timeout(3600 * SECOND);
    grown.await.expect("it grows");
    run.end().await;
}
