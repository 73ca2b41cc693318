//! A node whose process is frozen: for 10 s, or for as many seconds as `FROZEN` says.

use std::time::Duration;

use ambit_dist::DownReason;

use crate::cut::{Line, cut_and_mend};
use crate::process::{Far, Process};
use crate::stage::{SILENCE, cookie, near};

impl Line for Process {
    async fn cut(&mut self) {
        self.freeze().await;
    }

    async fn heal(&mut self) {
        self.thaw();
    }
}

#[ambit::test(real_time)]
async fn a_frozen_node_is_lost_and_returns_with_its_processes() {
    let cookie = cookie();
    let mut far = Far::on_loopback("b", &cookie, SILENCE, &[]).await;
    let mut near = near(&cookie, SILENCE).await;
    near.node.connect(far.address).await.unwrap();
    let before = near.up("b").await;
    far.up("a").await;
    let log = near.log_on("b").await;
    let seconds = std::env::var("FROZEN").map_or(10, |seconds| seconds.parse().unwrap());
    let frozen = Duration::from_secs(seconds);
    let took = cut_and_mend(&mut near, &log, &mut far.process, frozen).await;
    let reason = far.down("a").await;
    println!("frozen: {took}, and for the other: {reason}");
    assert_eq!(took.reason, DownReason::TimedOut);
    far.up("a").await;
    assert_eq!(
        near.node.peer("b").unwrap().id,
        before,
        "it is the same incarnation"
    );
    near.nothing_else().await;
    assert_eq!(far.process.says_more(), None);
}
