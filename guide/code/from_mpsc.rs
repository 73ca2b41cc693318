//! What the chapter "From mpsc and oneshot" says, as tests.
#![allow(missing_docs, unreachable_pub, unnameable_types, reason = "tests")]

#[path = "from_mpsc_after.rs"]
mod after;
#[path = "from_mpsc_before.rs"]
mod before;
#[path = "from_mpsc_page.rs"]
mod page;

use std::error::Error;
use std::time::Duration;

use ambit::error::Executed;
use ambit::prelude::*;
use ambit::test::{Probe, assert_restarted, expect_crash, settle, start_supervised};
use tokio::sync::mpsc;

use self::after::{Changed, Store, StoreSubject};

/// What a store of two entries does, whoever wrote it.
macro_rules! assert_keeps_two {
    ($module:ident, $store:expr, $heard:expr) => {{
        let store = $store;
        let put = |key: &str| store.put(key.into(), key.to_uppercase());
        assert_eq!(put("a").await, Ok(Ok(())));
        assert_eq!(put("b").await, Ok(Ok(())));
        assert_eq!(put("c").await, Ok(Err($module::Full)));
        assert_eq!(store.get("a".into()).await, Ok(Some("A".into())));
        tokio::time::sleep($module::KEPT + Duration::from_secs(2)).await;
        assert_eq!(store.get("a".into()).await, Ok(None));
        assert_eq!(put("c").await, Ok(Ok(())));
        let told =
            ["a A", "b B", "a", "b", "c C"].map(|line| line.split_once(' ').unwrap_or((line, "")));
        for (key, value) in told {
            let value = Some(value.to_owned()).filter(|value| !value.is_empty());
            let key = key.to_owned();
            assert_eq!($heard.await, $module::Changed { key, value });
        }
        assert_eq!(store.stop().await, Ok(()));
        assert!(store.get("c".into()).await.is_err());
    }};
}

#[ambit::test]
async fn the_one_by_hand() {
    let store = before::StoreHandle::start(2);
    let (listener, mut heard) = mpsc::channel(10);
    assert_eq!(store.subscribe(listener).await, Ok(()));
    let mut next = async || heard.recv().await.expect("it is told");
    assert_keeps_two!(before, store, next());
}

#[ambit::test]
async fn the_server() -> Result<(), Box<dyn Error>> {
    let store = Store::start(2).await?;
    let mut heard = Probe::<Changed>::new();
    store.subscribe(heard.recipient()).await?;
    assert_keeps_two!(after, store, heard.expect());
    Ok(())
}

// ANCHOR: crash
#[ambit::test]
async fn callers_receive_the_outcome_after_a_crash() -> Result<(), Box<dyn Error>> {
    let by_hand = before::StoreHandle::start(2);
    let asked = by_hand.put(String::new(), "nobody".into()); // panics, in a task that nobody looks at
    assert_eq!(asked.await, Err(before::Failure::Gone));
    assert_eq!(by_hand.get("a".into()).await, Err(before::Failure::Gone)); // for ever

    let store = start_supervised(Store::child_spec(2)).await;
    expect_crash(&store);
    let asked = store.put(String::new(), "nobody".into()).send();
    let behind = store.get("a".into()).send();
    let Err(CallError::Exited { reason, executed }) = asked.await else {
        panic!("a store that panicked has answered")
    };
    assert!(reason.to_string().ends_with("a key has a name"));
    assert_eq!(executed, Executed::Maybe); // its method had begun
    let executed = Executed::No; // nobody had looked at this one: it may be asked again
    assert_eq!(behind.await, Err(CallError::Exited { reason, executed }));
    assert_eq!(store.when_available().get("a".into()).await, Ok(None)); // there is another store
    Ok(())
}
// ANCHOR_END: crash

// ANCHOR: last_handle
#[ambit::test]
async fn when_the_last_handle_is_dropped() -> Result<(), Box<dyn Error>> {
    let by_hand = before::StoreHandle::start(2);
    let (listener, mut heard) = mpsc::channel(10);
    assert_eq!(by_hand.subscribe(listener).await, Ok(()));
    drop(by_hand);
    assert_eq!(heard.recv().await, None); // it has ended, and what it had with it

    let store = Store::start(2).await?;
    let pid = store.pid();
    drop(store);
    settle().await;
    assert!(ambit::is_alive(pid)); // a server ends when it is told to

    let store = Store::start(2).owned().await?;
    let end = store.monitor();
    drop(store); // unless its starter has asked for this
    assert_eq!(end.await.reason, ExitReason::Normal);
    Ok(())
}
// ANCHOR_END: last_handle

// ANCHOR: facade
/// The old handle with the new server behind it: nobody who has one needs a change.
#[derive(Clone)]
struct StoreHandle {
    store: StoreSubject,
}

impl StoreHandle {
    async fn get(&self, key: String) -> Result<Option<String>, before::Failure> {
        self.store.get(key).await.map_err(|error| match error {
            CallError::Timeout => before::Failure::Timeout,
            _ => before::Failure::Gone,
        })
    }
}
// ANCHOR_END: facade

#[ambit::test]
async fn the_old_handle_still_works() -> Result<(), Box<dyn Error>> {
    let store = Store::start(2).await?;
    let handle = StoreHandle {
        store: store.clone(),
    };
    assert_eq!(store.put("a".into(), "A".into()).await?, Ok(()));
    assert_eq!(handle.get("a".into()).await, Ok(Some("A".into())));
    store.stop().await?;
    assert_eq!(handle.get("a".into()).await, Err(before::Failure::Gone));
    Ok(())
}

// ANCHOR: old_asks_new
#[ambit::test]
async fn old_tasks_ask_the_new_server() -> Result<(), Box<dyn Error>> {
    let store = Store::start(100).await?;
    let (lines, mut queue) = mpsc::channel::<String>(10);
    let asked = store.clone(); // a handle goes wherever a sender went
    let old_task = tokio::spawn(async move {
        while let Some(key) = queue.recv().await {
            asked.put(key, "seen".into()).await?.ok();
        }
        Ok::<_, CallError>(())
    });
    lines.send("a".into()).await?;
    drop(lines);
    old_task.await??;
    assert_eq!(store.get("a".into()).await?, Some("seen".into()));
    Ok(())
}
// ANCHOR_END: old_asks_new

// ANCHOR: new_tells_old
#[ambit::test]
async fn the_new_server_notifies_an_old_queue() -> Result<(), Box<dyn Error>> {
    let (old, mut queue) = mpsc::channel(10);
    let bridge = ambit::spawn(move |mut inbox: Inbox<Changed>| async move {
        while let Some(change) = inbox.recv().await {
            if old.send(change).await.is_err() {
                return; // the old receiver is gone, so the store forgets this listener
            }
        }
    });
    let store = Store::start(2).await?;
    store.subscribe(bridge.recipient()).await?;
    assert_eq!(store.put("a".into(), "A".into()).await?, Ok(()));
    let told = queue.recv().await.ok_or("silent")?;
    assert_eq!((told.key, told.value), ("a".into(), Some("A".into())));
    Ok(())
}
// ANCHOR_END: new_tells_old

// ANCHOR: new_asks_old
/// A new server in front of an old actor. While it waits, its own callers wait.
struct Prices {
    store: before::StoreHandle,
}

#[gen_server]
impl Prices {
    #[call]
    async fn price(&mut self, thing: String) -> Option<u32> {
        self.store.get(thing).await.ok()??.parse().ok()
    }
}

#[ambit::test]
async fn a_new_server_calls_the_old_actor() -> Result<(), Box<dyn Error>> {
    let store = before::StoreHandle::start(2);
    assert_eq!(store.put("lamp".into(), "12".into()).await, Ok(Ok(())));
    let prices = Prices { store }.start().await?;
    assert_eq!(prices.price("lamp".into()).await?, Some(12));
    assert_eq!(prices.price("moon".into()).await?, None);
    Ok(())
}
// ANCHOR_END: new_asks_old

// ANCHOR: blocking
#[ambit::test(real_time)]
async fn threads_ask_too() -> Result<(), Box<dyn Error>> {
    let store = Store::start(2).await?;
    let thread = tokio::task::spawn_blocking(move || {
        let put = store.put("a".into(), "A".into()).blocking();
        (put, store.get("a".into()).blocking())
    });
    assert_eq!(thread.await?, (Ok(Ok(())), Ok(Some("A".into()))));
    Ok(())
}
// ANCHOR_END: blocking

// ANCHOR: supervised
struct App;

#[supervisor]
impl App {
    #[child]
    fn store(&self) -> ChildSpec<Store> {
        Store::child_spec(1000).name("store")
    }

    #[child]
    fn prices(&self) -> ChildSpec<Prices> {
        Prices::child_spec(|| Prices {
            store: before::StoreHandle::start(2), // an actor of its own for each life
        })
    }
}

#[ambit::test]
async fn one_tree_for_both() -> Result<(), Box<dyn Error>> {
    let app = start_supervised(App::child_spec(|| App)).await;
    let store = app.store();
    assert_restarted!(store, ambit::test::crash(&store).await);
    assert_eq!(StoreSubject::named("store").get("a".into()).await?, None);
    assert_eq!(app.prices().price("lamp".into()).await?, None);
    settle().await;
    Ok(())
}
// ANCHOR_END: supervised
