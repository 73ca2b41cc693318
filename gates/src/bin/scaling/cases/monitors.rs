//! Monitors that processes hold.

use std::future::pending;

use ambit::prelude::*;

use super::{Order, Script, end, idle, script, turns, within};
use crate::case::{Case, case};
use crate::run::Run;

#[rustfmt::skip] // a table: one line per case
pub(super) fn all() -> Vec<Case> {
    vec![
        case!("monitors/monitor many", 1_000, ["Inbox::monitor"], monitor_many),
        case!("monitors/monitor one often", 1_000, [], monitor_one),
        case!("monitors/demonitor many, in order", 1_000, ["Inbox::demonitor"], |run, n| demonitor(run, n, n, Order::Forward)),
        case!("monitors/demonitor many, at random", 1_000, [], |run, n| demonitor(run, n, n, Order::Random)),
        case!("monitors/demonitor one, in order", 1_000, [], |run, n| demonitor(run, n, 1, Order::Forward)),
        case!("monitors/demonitor one, at random", 1_000, [], |run, n| demonitor(run, n, 1, Order::Random)),
        case!("monitors/demonitor with downs queued", 1_000, ["Inbox::demonitor_flush"], |run, n| flush(run, n, Order::Forward)),
        case!("monitors/demonitor with downs queued, in reverse", 1_000, [], |run, n| flush(run, n, Order::Backward)),
        case!("monitors/demonitor with downs queued, at random", 1_000, [], |run, n| flush(run, n, Order::Random)),
        case!("monitors/monitored processes end", 1_000, ["Inbox::next"], targets_end),
        case!("monitors/end with monitors held", 1_000, [], end_holding),
        case!("monitors/end of one that many monitor", 1_000, [], end_watched),
        case!("monitors/many monitor one, and demonitor", 1_000, [], many_demonitor),
        case!("monitors/spawn monitored", 1_000, ["Inbox::spawn_monitor", "spawn_monitor"], spawn_monitored),
        case!("monitors/of a server", 1_000, ["Context::monitor", "Context::demonitor", "Context::demonitor_flush", "Context::spawn_monitor"], of_server),
        case!("monitors/of what has ended", 1_000, [], ended),
    ]
}

async fn monitor_many(mut run: Run, n: usize) {
    let all = idle(n);
    turns(2).await;
    run.begin().await;
    for process in &all {
        run.inbox.monitor(process);
    }
    run.end().await;
}

async fn monitor_one(mut run: Run, n: usize) {
    let all = idle(1);
    turns(2).await;
    run.begin().await;
    for _ in 0..n {
        run.inbox.monitor(&all[0]);
    }
    run.end().await;
}

async fn demonitor(mut run: Run, n: usize, targets: usize, order: Order) {
    let all = idle(targets);
    turns(2).await;
    let monitors: Vec<_> = (0..n)
        .map(|index| run.inbox.monitor(&all[index % targets]))
        .collect();
    run.begin().await;
    for index in order.of(n) {
        assert!(run.inbox.demonitor(monitors[index]));
    }
    run.end().await;
}

async fn flush(mut run: Run, n: usize, order: Order) {
    let all = idle(n);
    turns(2).await;
    let monitors: Vec<_> = all
        .iter()
        .map(|process| run.inbox.monitor(process))
        .collect();
    for process in &all {
        ambit::exit(process, ExitReason::Kill);
    }
    for process in &all {
        process.closed().await;
    }
    run.begin().await;
    for index in order.of(n) {
        run.inbox.demonitor_flush(monitors[index]);
    }
    run.end().await;
    assert!(run.inbox.next_within(super::SECOND).await.is_none());
}

async fn targets_end(mut run: Run, n: usize) {
    let all = idle(n);
    turns(2).await;
    for process in &all {
        run.inbox.monitor(process);
    }
    run.begin().await;
    for process in &all {
        ambit::exit(process, ExitReason::Kill);
    }
    for _ in 0..n {
        assert!(matches!(run.inbox.next().await, InboxEvent::Down(_)));
    }
    run.end().await;
}

async fn end_holding(mut run: Run, n: usize) {
    let all = idle(n);
    let targets = all.clone();
    let watcher = ambit::spawn(move |mut inbox: Inbox<()>| async move {
        for process in &targets {
            inbox.monitor(process);
        }
        pending::<()>().await;
    });
    turns(4).await;
    run.begin().await;
    end(&watcher).await;
    run.end().await;
}

/// Spawns `n` processes that monitor one target each.
fn watchers(target: &Subject<()>, n: usize) -> Vec<Subject<()>> {
    let watcher = |_| {
        let target = target.clone();
        ambit::spawn(move |mut inbox: Inbox<()>| async move {
            let monitor = inbox.monitor(&target);
            if inbox.next().await == InboxEvent::Message(()) {
                inbox.demonitor(monitor);
            }
        })
    };
    (0..n).map(watcher).collect()
}

async fn end_watched(mut run: Run, n: usize) {
    let target = idle(1).remove(0);
    let all = watchers(&target, n);
    turns(4).await;
    run.begin().await;
    end(&target).await;
    for watcher in all {
        watcher.closed().await;
    }
    run.end().await;
}

async fn many_demonitor(mut run: Run, n: usize) {
    let target = idle(1).remove(0);
    let all = watchers(&target, n);
    turns(4).await;
    run.begin().await;
    for index in Order::Random.of(n) {
        all[index].send(()).now().expect("it lives");
    }
    for watcher in all {
        watcher.closed().await;
    }
    run.end().await;
}

async fn spawn_monitored(mut run: Run, n: usize) {
    run.begin().await;
    for _ in 0..n {
        let spawned = run.inbox.spawn_monitor(|_: Inbox<()>| async {});
        spawned.expect("it is spawned");
    }
    for _ in 0..n {
        assert!(matches!(run.inbox.next().await, InboxEvent::Down(_)));
    }
    run.end().await;
}

async fn of_server(mut run: Run, n: usize) {
    let script = script(2).await;
    let all = idle(n);
    turns(2).await;
    run.begin().await;
    let job = move |_: &mut Script, ctx: &mut Context<Script>| {
        let monitors: Vec<_> = all.iter().map(|process| ctx.monitor(process)).collect();
        for (index, monitor) in monitors.into_iter().enumerate() {
            if index % 2 == 0 {
                ctx.demonitor(monitor);
            } else {
                ctx.demonitor_flush(monitor);
            }
        }
        for _ in &all {
            ctx.spawn_monitor(|_: Inbox<()>| async {})
                .expect("it is spawned");
        }
    };
    within(&script, job).await;
    while script.get().await.expect("it lives") < n as u64 {
        turns(1).await;
    }
    run.end().await;
}

async fn ended(mut run: Run, n: usize) {
    let target = idle(1).remove(0);
    end(&target).await;
    run.begin().await;
    for _ in 0..n {
        run.inbox.monitor(&target);
    }
    for _ in 0..n {
        assert!(matches!(run.inbox.next().await, InboxEvent::Down(_)));
    }
    run.end().await;
}
