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

/// A function as an old program has it.
mod old {
    #[derive(Debug, ambit::Message)]
    #[message(name = "test.drink")]
    pub(super) enum Drink {
        Tea,
    }

    #[ambit::rpc(name = "test.serve")]
    pub(super) async fn serve(drink: Drink) -> String {
        format!("{drink:?}")
    }
}

/// The same function as a new program has it.
mod new {
    #[derive(Debug, ambit::Message)]
    #[message(name = "test.drink", version = 2)]
    pub(super) enum Drink {
        Tea,
        #[message(since = 2)]
        Coffee,
    }

    #[ambit::rpc(name = "test.serve")]
    pub(super) async fn serve(drink: Drink) -> String {
        format!("{drink:?}")
    }
}

#[ambit::test(real_time)]
async fn a_variant_that_an_older_node_does_not_know_is_refused_there() {
    let pair = pair().await;
    pair.far.expose_rpc::<old::serve>();
    let far = pair.near.on("far");
    let served = far.call(new::serve(new::Drink::Tea)).await;
    assert_eq!(served, Ok("Tea".to_owned()));
    let refused = far.call(new::serve(new::Drink::Coffee)).await;
    let Err(CallError::Incompatible { method, differs }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(method, "test.serve");
    assert!(differs.contains("`test.drink` has no variant"), "{differs}");
    // The other direction: a variant of the old program.
    pair.near.expose_rpc::<new::serve>();
    let served = pair.far.on("near").call(old::serve(old::Drink::Tea)).await;
    assert_eq!(served, Ok("Tea".to_owned()));
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
