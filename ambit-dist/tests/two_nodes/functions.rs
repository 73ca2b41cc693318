//! Functions of another node. (Erlang: `erpc`.)

use std::time::Duration;

use ambit::prelude::*;
use ambit::rpc;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::two_nodes::pair::pair;

#[rpc]
async fn area(w: f64, h: f64) -> Result<f64, String> {
    match w < 0.0 || h < 0.0 {
        true => Err("a side is negative".to_owned()),
        false => Ok(w * h),
    }
}

#[rpc(name = "test.fails")]
async fn fails(text: String) -> u64 {
    panic!("{text}")
}

/// Notified when a call of `waits` starts, and when it ends.
static BEGUN: Notify = Notify::const_new();
static ENDED: Notify = Notify::const_new();

struct Told;

impl Drop for Told {
    fn drop(&mut self) {
        ENDED.notify_one();
    }
}

#[rpc(name = "test.waits", timeout = Duration::from_secs(60))]
async fn waits() -> u64 {
    let _told = Told;
    BEGUN.notify_one();
    std::future::pending().await
}

#[ambit::test(real_time)]
async fn dist_07_a_remote_call_gives_the_value_the_error_or_the_panic_of_the_function() {
    let pair = pair().await;
    pair.far.expose_rpc::<area>();
    pair.far.expose_rpc::<fails>();
    let far = pair.near.on("far");
    assert_eq!(far.call(area(2.0, 3.0)).await, Ok(Ok(6.0)));
    let negative = Err("a side is negative".to_owned());
    assert_eq!(far.call(area(-2.0, 3.0)).await, Ok(negative));
    let panicked = far.call(fails("on purpose".to_owned())).await;
    let CallError::Exited { reason, .. } = panicked.unwrap_err() else {
        panic!("another error");
    };
    assert!(reason.to_string().contains("on purpose"), "{reason}");
    assert!(matches!(reason, ExitReason::Panic(_)));
}

#[ambit::test(real_time)]
async fn dist_08_a_remote_call_ends_in_time_and_its_work_with_it() {
    let pair = pair().await;
    pair.far.expose_rpc::<waits>();
    let far = pair.near.on("far");
    let late = far.call(waits()).timeout(Duration::from_millis(50)).await;
    assert_eq!(late, Err(CallError::Timeout));
    ENDED.notified().await;
    BEGUN.notified().await;
    // The end of the caller also stops it.
    let pending = far.call(waits()).send().unwrap();
    BEGUN.notified().await;
    drop(pending);
    ENDED.notified().await;
    let gone = async {
        while pair.far_system.process_count() > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(5), gone).await.unwrap();
}

#[ambit::test(real_time)]
async fn an_unexposed_function_is_not_called() {
    let pair = pair().await;
    let refused = pair.near.on("far").call(area(1.0, 1.0)).await;
    assert_eq!(refused, Err(CallError::NotExposed));
    let executed = Executed::No;
    let nobody = pair.near.on("nobody").call(area(1.0, 1.0)).await;
    assert_eq!(nobody, Err(CallError::NoConnection { executed }));
}
