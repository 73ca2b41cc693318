//! An idle server has no task.

use ambit::prelude::*;
use ambit::system::System;

use crate::engine::script::{Job, Log, Script, add, ask_late, start, tasks_at_most};
use crate::support::process::soon;

async fn rests<const W: bool>() {
    let system = System::builder().build().unwrap();
    let _inside = system.enter();
    let mut all = Vec::new();
    for _ in 0..100 {
        all.push(start::<W>(&Log::new()).await);
    }
    let none = add(&all[0], 0).await.unwrap();
    assert_eq!(none, 0);
    // The time driver of the system, the deadline task, and one more.
    let few = 3;
    for round in 1..=3 {
        for one in &all {
            // An async handler: the server's task has to run it.
            assert_eq!(soon(ask_late(one, 1)).await, Ok(round));
        }
        tasks_at_most(few).await;
    }
    for one in &all {
        assert_eq!(add(one, 1).await, Ok(4));
        one.send(Job::Now(Box::new(|_, _| Flow::Continue)))
            .await
            .unwrap();
    }
    tasks_at_most(few).await;
    assert_eq!(system.process_count(), all.len());
    for one in &all {
        soon(one.stop()).await.unwrap();
    }
    assert_eq!(system.process_count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_task_of_an_idle_server_ends_and_the_server_works_on() {
    rests::<true>().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn also_where_callers_run_nothing() {
    rests::<false>().await;
}

#[tokio::test]
async fn and_on_one_thread() {
    rests::<true>().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rested_server_is_killed_stopped_and_monitored_as_any_other() {
    let system = System::builder().quiet_panics(true).build().unwrap();
    let _inside = system.enter();
    let (killed, stopped, asked): (Subject<Script<true>>, _, _) = (
        start::<true>(&Log::new()).await,
        start::<true>(&Log::new()).await,
        start::<true>(&Log::new()).await,
    );
    for one in [&killed, &stopped, &asked] {
        assert_eq!(ask_late(one, 1).await, Ok(1));
    }
    tasks_at_most(3).await;
    let watch = killed.monitor();
    ambit::exit(&killed, ExitReason::Kill);
    assert_eq!(soon(watch).await.reason, ExitReason::Killed);
    soon(stopped.stop()).await.unwrap();
    assert_eq!(soon(ask_late(&asked, 3)).await, Ok(2));
    assert_eq!(system.process_count(), 1);
}
