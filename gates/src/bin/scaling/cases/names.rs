//! Names of processes.

use ambit::prelude::*;

use super::{Order, SECOND, Script, ScriptSubject, end, idle, poll_once, turns};
use crate::case::{Case, case};
use crate::run::Run;

#[rustfmt::skip] // a table: one line per case
pub(super) fn all() -> Vec<Case> {
    vec![
        case!("names/register many processes", 1_000, ["register", "whereis"], register),
        case!("names/register one process often", 1_000, [], register_one),
        case!("names/unregister in order", 1_000, ["unregister"], |run, n| unregister(run, n, n, Order::Forward)),
        case!("names/unregister at random", 1_000, [], |run, n| unregister(run, n, n, Order::Random)),
        case!("names/unregister one process, in order", 1_000, [], |run, n| unregister(run, n, 1, Order::Forward)),
        case!("names/unregister one process, at random", 1_000, [], |run, n| unregister(run, n, 1, Order::Random)),
        case!("names/end with one name each", 1_000, [], |run, n| ends(run, n, n)),
        case!("names/end with many names", 1_000, [], |run, n| ends(run, n, 1)),
        case!("names/wait for many names", 1_000, ["wait_for", "WaitFor::timeout"], |run, n| wait(run, n, n)),
        case!("names/wait for one name", 1_000, [], |run, n| wait(run, n, 1)),
        case!("names/give up waiting, in order", 1_000, [], |run, n| give_up(run, n, Order::Forward)),
        case!("names/give up waiting, at random", 1_000, [], |run, n| give_up(run, n, Order::Random)),
        case!("names/time out waiting", 1_000, [], time_out),
        case!("names/call by name", 1_000, ["Subject::named"], by_name),
        case!("names/start with a name, and end", 500, ["Start::name", "StartOwned::name"], start),
    ]
}

fn name(index: usize) -> String {
    format!("process {index}")
}

/// Registers `n` names, spread over these processes.
fn register_all(processes: &[Subject<()>], n: usize) {
    for index in 0..n {
        let process = &processes[index % processes.len()];
        ambit::register(&name(index), process).expect("the name is free");
    }
}

async fn register(mut run: Run, n: usize) {
    let all = idle(n);
    run.begin().await;
    register_all(&all, n);
    for index in 0..n {
        ambit::whereis::<()>(&name(index)).expect("it is registered");
    }
    run.end().await;
}

async fn register_one(mut run: Run, n: usize) {
    let all = idle(1);
    run.begin().await;
    register_all(&all, n);
    run.end().await;
}

async fn unregister(mut run: Run, n: usize, processes: usize, order: Order) {
    let all = idle(processes);
    register_all(&all, n);
    run.begin().await;
    for index in order.of(n) {
        ambit::unregister(&name(index)).expect("it is registered");
    }
    run.end().await;
}

async fn ends(mut run: Run, n: usize, processes: usize) {
    let all = idle(processes);
    turns(2).await;
    register_all(&all, n);
    run.begin().await;
    for process in &all {
        end(process).await;
    }
    run.end().await;
}

/// `n` tasks wait for `names` names, which are then registered.
async fn wait(mut run: Run, n: usize, names: usize) {
    let all = idle(names);
    run.begin().await;
    let mut waits: Vec<_> = (0..n)
        .map(|index| ambit::wait_for::<()>(&name(index % names)))
        .collect();
    for wait in &mut waits {
        assert!(poll_once(wait).is_pending());
    }
    register_all(&all, names);
    for wait in waits {
        wait.await.expect("it is registered");
    }
    run.end().await;
}

async fn give_up(mut run: Run, n: usize, order: Order) {
    let mut waits: Vec<_> = (0..n)
        .map(|index| ambit::wait_for::<()>(&name(index)))
        .collect();
    for wait in &mut waits {
        assert!(poll_once(wait).is_pending());
    }
    run.begin().await;
    order.drop(waits);
    run.end().await;
}

async fn time_out(mut run: Run, n: usize) {
    let wait = |index| ambit::wait_for::<()>(&name(index)).timeout(SECOND);
    run.begin().await;
    let mut waits: Vec<_> = (0..n).map(wait).collect();
    for wait in &mut waits {
        assert!(poll_once(wait).is_pending());
    }
    for wait in waits {
        wait.await.expect_err("nothing is registered");
    }
    run.end().await;
}

async fn by_name(mut run: Run, n: usize) {
    let mut all = Vec::new();
    for index in 0..n {
        let started = Script::start().name(name(index)).await;
        all.push(started.expect("the name is free"));
    }
    run.begin().await;
    for index in 0..n {
        let script = ScriptSubject::named(&name(index));
        script.get().await.expect("it is registered");
    }
    run.end().await;
}

async fn start(mut run: Run, n: usize) {
    run.begin().await;
    let mut all = Vec::new();
    for index in 0..n {
        let started = Script::start().owned().name(name(index)).await;
        all.push(started.expect("the name is free"));
    }
    for owned in all {
        let process = Process::clone(&owned);
        drop(owned);
        process.closed().await;
    }
    run.end().await;
}
