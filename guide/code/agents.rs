//! What the page "Agents" says, as tests.

// ANCHOR: imports
use std::error::Error;
use std::time::Duration;

use ambit::agent::AgentServer;
use ambit::prelude::*;
use ambit::sys;
use ambit::test::{await_restart, expect_crash};
// ANCHOR_END: imports

// ANCHOR: verbs
#[ambit::test]
async fn four_verbs() -> Result<(), Box<dyn Error>> {
    let hits = Agent::start(|| 0_u64).await?;
    hits.update(|n| *n += 1).await?; // a call: the change is done when this returns
    hits.cast(|n| *n += 1).await?; // a cast: the change is queued when this returns
    assert_eq!(hits.get(|n| *n).await?, 2);
    assert_eq!(hits.get_and_update(std::mem::take).await?, 2);

    // They support all options of calls and casts.
    let pending = hits.get(|n| *n).timeout(Duration::from_secs(1)).send();
    hits.cast(|n| *n += 1).now()?;
    assert_eq!(pending.await?, 0);
    Ok(())
}
// ANCHOR_END: verbs

// ANCHOR: crash
#[ambit::test]
async fn a_panic_loses_the_value() -> Result<(), Box<dyn Error>> {
    let spec = Agent::child_spec(|| vec![1_u8]).name("list");
    let _supervisor = Supervisor::builder().child(spec).start().await?;
    let list = Agent::<Vec<u8>>::named("list");
    list.update(|list| list.push(2)).await?;

    let old = list.pid();
    expect_crash(old);
    let failed = list.update(|list| list[7] = 1).await;
    assert!(matches!(failed, Err(CallError::Exited { .. })));
    await_restart(&list, old).await;
    assert_eq!(list.get(Vec::clone).await?, [1]);
    Ok(())
}
// ANCHOR_END: crash

// ANCHOR: init
#[ambit::test]
async fn the_initializer_may_fail() {
    let limit = Agent::try_start(|| "12 requests".parse::<u32>()).await;
    let Err(StartError::Init(reason)) = limit else {
        panic!("that is no number")
    };
    assert_eq!(reason.to_string(), "invalid digit found in string");
}
// ANCHOR_END: init

// ANCHOR: registry
#[ambit::test]
async fn agents_by_key() -> Result<(), Box<dyn Error>> {
    let carts: Registry<u64, AgentServer<Vec<&str>>> = Registry::unique();
    let cart = Agent::start(Vec::new).await?;
    carts.register(7u64, &cart)?;
    carts.via(7u64).update(|cart| cart.push("tea")).await?;
    assert_eq!(cart.get(Vec::len).await?, 1);
    Ok(())
}
// ANCHOR_END: registry

// ANCHOR: migrate
#[ambit::test]
async fn a_migration_that_fails_changes_nothing() -> Result<(), Box<dyn Error>> {
    let total = Agent::start(|| 7_u32).await?;
    sys::suspend(&total).await?;
    let failed = total.replace_state(|_| panic!("no such version")).await;
    assert_eq!(failed, Err(CallError::NoReply));
    total.replace_state(|n| n * 100).await?;
    sys::resume(&total).await?;
    assert_eq!(total.get(|n| *n).await?, 700);
    Ok(())
}
// ANCHOR_END: migrate
