//! Many jobs, a few at a time: each in a supervised task, failed ones are retried, and an agent keeps count.
#![forbid(unsafe_code)]

use std::error::Error;
use std::future::pending;
use std::time::Duration;

use ambit::agent::Agent;
use ambit::prelude::*;
use ambit::task::TaskSupervisor;

const PAGES: [&str; 5] = ["/", "/about", "/slow", "/gone", "/contact"];

/// Simulates a request. One page is too slow the first time, and one always fails.
async fn fetch(page: &'static str, visits: Agent<u32>) -> usize {
    let visit = visits.get_and_update(|n| {
        *n += 1;
        *n
    });
    let visit = visit.await.expect("the agent outlives its users");
    match page {
        "/slow" if visit <= 5 => pending().await,
        "/gone" => {
            let own = ambit::self_pid().expect("a task is a process");
            ambit::exit(own, ExitReason::shutdown_with("no such page"));
            pending().await
        }
        page => page.len(),
    }
}

/// Fetches the pages three at a time, and returns those that failed.
async fn round(
    pages: Vec<&'static str>,
    tasks: &TaskSupervisor,
    visits: &Agent<u32>,
) -> Vec<&'static str> {
    let mut outcomes = tasks
        .stream(pages, |page| fetch(page, visits.clone()))
        .concurrency(3)
        .ordered()
        .timeout(Duration::from_millis(200))
        .kill_on_timeout()
        .unlinked()
        .keep_input();
    let mut failed = Vec::new();
    while let Some(outcome) = outcomes.next().await {
        match outcome {
            Ok(bytes) => println!("a page of {bytes} bytes"),
            Err(failure) => {
                println!("{}: {}", failure.input, failure.error);
                failed.push(failure.input);
            }
        }
    }
    failed
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let tree = Supervisor::builder().start().await?;
    let visits = tree.start_child(Agent::child_spec(|| 0)).await?;
    let fetchers: ChildSpec<TaskSupervisor> =
        TaskSupervisor::builder().max_children(3).child_spec();
    let fetchers = tree.start_child(fetchers).await?;

    let failed = round(PAGES.to_vec(), &fetchers, &visits).await;
    println!("once more: {failed:?}");
    let failed = round(failed, &fetchers, &visits).await;
    println!("no more: {failed:?}");

    println!("{} visits", visits.get(|n| *n).await?);
    tree.stop().await?;
    Ok(())
}
