//! Nodes that a cut separates, and that find each other again.

use std::time::Duration;

use ambit_dist::DownReason;

use crate::cut::{Line, cut_and_mend};
use crate::fate::Conditions;
use crate::process::Far;
use crate::proxy::Proxy;
use crate::stage::{SILENCE, Two};

/// A cut of one or both directions, followed by the given conditions.
struct Cut<'a> {
    proxy: &'a Proxy,
    ways: [bool; 2],
    mended: Conditions,
}

impl Line for Cut<'_> {
    async fn cut(&mut self) {
        let [there, back] = self.ways.map(|is_cut| match is_cut {
            true => Conditions::CUT,
            false => Conditions::GOOD,
        });
        self.proxy.set_each(there, back);
    }

    async fn heal(&mut self) {
        self.proxy.set(self.mended);
    }
}

#[ambit::test(real_time)]
async fn parted_nodes_find_each_other_and_a_third_is_not_concerned() {
    let mut two = Two::connected(SILENCE, 21).await;
    let mut c = Far::on_loopback("c", &two.cookie, SILENCE, &[two.far.address]).await;
    c.up("b").await;
    two.far.up("c").await;
    two.near.node.connect(c.address).await.unwrap();
    two.near.up("c").await;
    c.up("a").await;
    let log = two.near.log_on("b").await;
    for round in 0..2 {
        let mut cut = Cut {
            proxy: &two.proxy,
            ways: [true, true],
            mended: Conditions::GOOD,
        };
        let took = cut_and_mend(&mut two.near, &log, &mut cut, SILENCE * 2).await;
        println!("cut both ways, round {round}: {took}");
        assert_eq!(took.reason, DownReason::TimedOut);
        assert_eq!(two.far.down("a").await, "no answer in time");
        two.far.up("a").await;
    }
    two.near.node.ping("c").await.unwrap();
    two.near.nothing_else().await;
    assert_eq!(c.process.says_more(), None);
}

/// Cuts one direction: both nodes lose each other, and find each other again.
async fn one_way(ways: [bool; 2]) {
    let mut two = Two::connected(SILENCE, 22).await;
    let log = two.near.log_on("b").await;
    let mut cut = Cut {
        proxy: &two.proxy,
        ways,
        mended: Conditions::GOOD,
    };
    let took = cut_and_mend(&mut two.near, &log, &mut cut, SILENCE * 2).await;
    println!("cut of {ways:?}: {took}");
    assert_eq!(took.reason, DownReason::TimedOut);
    assert_eq!(two.far.down("a").await, "no answer in time");
    two.far.up("a").await;
    two.near.nothing_else().await;
    assert_eq!(two.far.process.says_more(), None);
}

#[ambit::test(real_time)]
async fn a_cut_of_either_way_alone_is_noticed_by_both_and_heals() {
    tokio::join!(one_way([true, false]), one_way([false, true]));
}

#[ambit::test(real_time)]
async fn parted_nodes_find_each_other_through_a_network_that_loses_a_fifth() {
    let mut two = Two::connected(SILENCE, 23).await;
    let log = two.near.log_on("b").await;
    let mut cut = Cut {
        proxy: &two.proxy,
        ways: [true, true],
        mended: Conditions {
            delay: Duration::from_millis(2),
            lost: 200,
            ..Conditions::GOOD
        },
    };
    let took = cut_and_mend(&mut two.near, &log, &mut cut, SILENCE * 2).await;
    println!("healed to a loss of a fifth: {took}");
}
