//! What the chapter "Pools of workers" says, as tests.

// ANCHOR: imports
use std::error::Error;
use std::time::Duration;

use ambit::pool::{CheckoutError, ClientFailure, PoolState, Route};
use ambit::prelude::*;
use ambit::test::{await_restart, crash, settle};
// ANCHOR_END: imports

// ANCHOR: line
/// A connection to a database.
struct Line {
    open: Vec<String>,
}

#[gen_server]
impl Line {
    #[init]
    fn new() -> Self {
        Self { open: Vec::new() }
    }

    #[call]
    fn begin(&mut self, what: String) -> usize {
        self.open.push(what);
        self.open.len()
    }

    #[call]
    fn finish(&mut self) -> Option<String> {
        self.open.pop()
    }

    #[call]
    fn is_clean(&self) -> bool {
        self.open.is_empty()
    }
}
// ANCHOR_END: line

// ANCHOR: spread
#[ambit::test]
async fn messages_are_spread() -> Result<(), Box<dyn Error>> {
    let lines = Pool::builder(Line::child_spec())
        .size(4)
        .route(Route::LeastBusy)
        .start()
        .await?;
    assert_eq!(lines.worker().begin("a report".into()).await?, 1);

    // A key always selects the same worker, so messages with one key stay in order.
    let ada = lines.worker_for("ada");
    assert_eq!(ada, lines.worker_for("ada"));
    ada.begin("her order".into()).await?;

    // The handle refers to a position, and follows it to the replacement.
    let old = ada.pid();
    crash(&ada).await;
    await_restart(&ada, old).await;
    assert_eq!(ada.is_clean().await, Ok(true));
    Ok(())
}
// ANCHOR_END: spread

// ANCHOR: lease
#[ambit::test]
async fn a_lease_is_exclusive() -> Result<(), Box<dyn Error>> {
    let lines = Pool::builder(Line::child_spec()).size(1).start().await?;
    {
        let line = lines.checkout().timeout(Duration::from_secs(1)).await?;
        line.begin("a transfer".into()).await?;
        line.finish().await?;
        // `.now()` fails instead of waiting.
        let refused = lines.checkout().now().await;
        assert_eq!(refused.err(), Some(CheckoutError::Full));
    }
    // Dropping the lease returns the worker.
    assert_eq!(lines.status().free, 1);
    Ok(())
}
// ANCHOR_END: lease

// ANCHOR: with
#[ambit::test]
async fn a_job_with_a_worker() -> Result<(), Box<dyn Error>> {
    let lines = Pool::builder(Line::child_spec())
        .size(1)
        .on_client_failure(ClientFailure::Replace)
        .start()
        .await?;
    let done = lines
        .with(async |line| {
            line.begin("a transfer".into()).await?;
            line.finish().await
        })
        .await?;
    assert_eq!(done, Ok(Some("a transfer".into())));

    // A job that is dropped half-way: the next client gets a new worker.
    let job = lines.with(async |line| {
        line.begin("a long one".into()).await.ok();
        std::future::pending::<()>().await;
    });
    let cut = tokio::time::timeout(Duration::from_secs(1), job).await;
    assert!(cut.is_err());
    let next = lines.checkout().await?;
    assert!(next.is_clean().await?, "another worker");
    Ok(())
}
// ANCHOR_END: with

// ANCHOR: overflow
#[ambit::test]
async fn a_pool_overflows_under_load() -> Result<(), Box<dyn Error>> {
    let lines = Pool::builder(Line::child_spec())
        .size(1)
        .max_overflow(1)
        .max_waiting(10)
        .start()
        .await?;
    let usual = lines.checkout().await?;
    assert_eq!(lines.status().state, PoolState::Overflow);
    let extra = lines.checkout().await?;
    assert_eq!(lines.status().state, PoolState::Full);
    drop((usual, extra));
    settle().await;
    assert_eq!((lines.status().free, lines.status().overflow), (1, 0));
    Ok(())
}
// ANCHOR_END: overflow

// ANCHOR: hooks
#[ambit::test]
async fn hooks_check_workers() -> Result<(), Box<dyn Error>> {
    let lines = Pool::builder(Line::child_spec())
        .size(1)
        .on_checkin(async |line| {
            // An error, here of the call, ends the worker too.
            match line.is_clean().await {
                Ok(true) => Flow::Continue,
                Ok(false) => Flow::Stop(ExitReason::shutdown_with("left open")),
                Err(error) => Flow::Stop(ExitReason::error(error)),
            }
        })
        .on_ping(Duration::from_secs(30), async |line| {
            line.is_clean().await.map(drop)
        })
        .start()
        .await?;
    let line = lines.checkout().await?;
    line.begin("and forgotten".into()).await?;
    let end = line.monitor();
    drop(line);
    assert_eq!(end.await.reason, ExitReason::shutdown_with("left open"));
    assert!(lines.checkout().await?.is_clean().await?);
    Ok(())
}
// ANCHOR_END: hooks

// ANCHOR: tree
struct Shop;

#[supervisor]
impl Shop {
    #[child]
    fn lines(&self) -> ChildSpec<Pool<Line>> {
        Pool::builder(Line::child_spec())
            .size(2)
            .restarts(10, Duration::from_secs(60))
            .child_spec()
            .name("lines")
    }
}

#[ambit::test]
async fn a_pool_is_a_child() -> Result<(), Box<dyn Error>> {
    let shop = Shop.start().await?;

    // From the tree, or anywhere by its name.
    let lines = shop.lines();
    assert_eq!(lines.worker().is_clean().await, Ok(true));
    assert_eq!(Pool::<Line>::named("lines").status().free, 2);
    lines.resize(5)?;
    settle().await;
    assert_eq!(lines.status().free, 5);
    shop.stop().await?;
    assert_eq!(lines.checkout().await.err(), Some(CheckoutError::NoProcess));
    Ok(())
}
// ANCHOR_END: tree

#[ambit::test]
async fn a_stopped_pool_drops_queued_messages() -> Result<(), Box<dyn Error>> {
    let lines = Pool::builder(Line::child_spec()).size(1).start().await?;
    let worker = lines.worker();
    ambit::sys::suspend(&worker).await?;
    let queued = worker.begin("a report".into()).send();
    lines.stop().await?;
    assert!(queued.await.is_err());
    Ok(())
}
