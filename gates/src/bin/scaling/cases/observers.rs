//! Waiting for the end of a process from outside: `closed`, monitors, stops.

use std::pin::Pin;

use ambit::prelude::*;

use super::{Order, end, idle, poll_once, turns};
use crate::case::{Case, case};
use crate::run::Run;

#[rustfmt::skip] // a table: one line per case
pub(super) fn all() -> Vec<Case> {
    vec![
        case!("observers/closed, until the end", 1_000, ["Process::closed"], closed),
        case!("observers/closed, given up in order", 1_000, [], |run, n| give_up(run, n, Order::Forward)),
        case!("observers/closed, given up at random", 1_000, [], |run, n| give_up(run, n, Order::Random)),
        case!("observers/monitor, until the end", 1_000, ["Process::monitor"], monitors),
        case!("observers/monitor, dropped in order", 1_000, ["Monitor::reference"], |run, n| drop_monitors(run, n, Order::Forward)),
        case!("observers/monitor, dropped at random", 1_000, [], |run, n| drop_monitors(run, n, Order::Random)),
        case!("observers/monitor many, and all end", 1_000, [], monitor_many),
        case!("observers/stop, by many at once", 1_000, ["Process::stop", "Process::stop_with"], stops),
    ]
}

async fn one() -> Subject<()> {
    let mut all = idle(1);
    turns(2).await;
    all.pop().expect("there is one")
}

type Closed = Pin<Box<dyn Future<Output = ExitReason> + Send>>;

fn begin_all(process: &Subject<()>, n: usize) -> Vec<Closed> {
    let closed = |_| -> Closed {
        let process = process.clone();
        let mut closed: Closed = Box::pin(async move { process.closed().await });
        assert!(poll_once(&mut closed).is_pending());
        closed
    };
    (0..n).map(closed).collect()
}

async fn closed(mut run: Run, n: usize) {
    let process = one().await;
    run.begin().await;
    let all = begin_all(&process, n);
    end(&process).await;
    for closed in all {
        closed.await;
    }
    run.end().await;
}

async fn give_up(mut run: Run, n: usize, order: Order) {
    let process = one().await;
    let all = begin_all(&process, n);
    run.begin().await;
    order.drop(all);
    run.end().await;
}

async fn monitors(mut run: Run, n: usize) {
    let process = one().await;
    run.begin().await;
    let monitors: Vec<_> = (0..n).map(|_| process.monitor()).collect();
    end(&process).await;
    for monitor in monitors {
        monitor.await;
    }
    run.end().await;
}

async fn drop_monitors(mut run: Run, n: usize, order: Order) {
    let process = one().await;
    let monitors: Vec<_> = (0..n).map(|_| process.monitor()).collect();
    run.begin().await;
    order.drop(monitors);
    run.end().await;
}

async fn monitor_many(mut run: Run, n: usize) {
    let all = idle(n);
    turns(2).await;
    run.begin().await;
    let monitors: Vec<_> = all.iter().map(|process| process.monitor()).collect();
    for process in &all {
        ambit::exit(process, ExitReason::Kill);
    }
    for monitor in monitors {
        monitor.await;
    }
    run.end().await;
}

async fn stops(mut run: Run, n: usize) {
    let process = one().await;
    run.begin().await;
    let mut stops: Vec<_> = (0..n).map(|_| process.stop().no_timeout()).collect();
    for stop in &mut stops {
        assert!(poll_once(stop).is_pending());
    }
    ambit::exit(&process, ExitReason::Kill);
    for stop in stops {
        stop.await.ok();
    }
    run.end().await;
}
