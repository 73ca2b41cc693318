//! Pools whose workers run on several members.

use std::collections::BTreeSet;
use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::{PlacedPool, PlacedServers, Placement};

use super::support::{Lot, all_on, nodes, three};
use crate::distribution::support::Net;
use crate::names::support::{cut, heal, until};

fn pool(lots: &PlacedServers<Lot>, workers: usize) -> PlacedPool<Lot> {
    lots.pool(workers, (10,))
        .restarts(0, Duration::from_secs(5))
}

#[ambit::test]
async fn messages_go_to_the_workers_of_all_members_in_turn() {
    let net = Net::new();
    let ([a, _b, _c], _) = three(&net).await;
    let lots = PlacedServers::<Lot>::new(&a, Placement::least_loaded());
    let pool = pool(&lots, 6);
    pool.start().await.unwrap();
    all_on(&lots, "a b c a b c").await;
    for round in 11..14 {
        for _ in 0..pool.size() {
            assert_eq!(pool.worker().bid().await, Ok(round));
        }
    }
}

#[ambit::test]
async fn equal_keys_have_the_same_worker() {
    let net = Net::new();
    let ([a, _b, _c], _) = three(&net).await;
    let lots = PlacedServers::<Lot>::new(&a, Placement::least_loaded());
    let pool = pool(&lots, 5);
    pool.start().await.unwrap();
    let key = "tea".to_owned();
    assert_eq!(pool.worker_for(&key).bid().await, Ok(11));
    assert_eq!(pool.worker_for("tea").bid().await, Ok(12));
    let workers: BTreeSet<_> = (0..100).map(|key| pool.worker_for(&key).pid()).collect();
    assert_eq!(workers.len(), 5);
}

#[ambit::test]
async fn workers_of_a_lost_member_move_and_the_others_are_used_meanwhile() {
    let net = Net::new();
    let ([a, b, c], _) = three(&net).await;
    let lots = PlacedServers::<Lot>::new(&a, Placement::pinned("c"));
    let waiting = pool(&lots, 2);
    let supervisor = waiting.start().await.unwrap();
    let others = PlacedServers::<Lot>::new(&a, Placement::least_loaded());
    let moving = pool(&others, 3);
    moving.start().await.unwrap();
    assert_eq!(nodes(&others), "a b c");
    cut(&net, &[&c], &[&a, &b]);
    until("c is lost", || nodes(&lots) == "- -").await;
    assert_eq!(waiting.worker().bid().await, Err(CallError::NoProcess));
    until("the worker has moved", || {
        !nodes(&others).contains(['c', '-'])
    })
    .await;
    for _ in 0..6 {
        assert!(moving.worker().bid().await.is_ok());
    }
    heal(&net, &[&c], &[&a, &b]);
    all_on(&lots, "c c").await;
    assert_eq!(waiting.worker().bid().await, Ok(11));
    assert!(supervisor.is_alive());
}

#[tokio::test(start_paused = true)]
async fn a_crash_of_a_worker_counts_as_a_restart() {
    let net = Net::new();
    let ([a, _b, _c], _) = three(&net).await;
    let lots = PlacedServers::<Lot>::new(&a, Placement::hash());
    let pool = lots.pool(3, (10,)).restarts(1, Duration::from_secs(5));
    let supervisor = pool.start().await.unwrap();
    for restarts in [1, 0] {
        let before = pool.worker_for("tea").pid();
        pool.worker_for("tea").crash().await.unwrap();
        if restarts > 0 {
            until("it runs again", || {
                let now = pool.worker_for("tea");
                now.is_alive() && now.pid() != before
            })
            .await;
        }
    }
    supervisor.closed().await;
    assert_eq!(lots.placed(), []);
}

#[ambit::test]
async fn a_pool_runs_once_and_can_be_a_child() {
    let net = Net::new();
    let ([a, _b, _c], _) = three(&net).await;
    let lots = PlacedServers::<Lot>::new(&a, Placement::least_loaded());
    let pool = pool(&lots, 3);
    let parent = Supervisor::builder().child(pool.child_spec());
    let parent = parent.start().await.unwrap();
    assert_eq!(nodes(&lots), "a b c");
    let error = pool.start().await.unwrap_err().to_string();
    assert!(
        error.contains("there is a placed server with the id `0`"),
        "{error}"
    );
    assert!(pool.worker().bid().await.is_ok());
    parent.stop().await.unwrap();
    assert_eq!(lots.placed(), []);
}

#[ambit::test]
#[should_panic(expected = "a pool without workers: pass at least 1")]
async fn a_pool_needs_a_worker() {
    let net = Net::new();
    let ([a, _b, _c], _) = three(&net).await;
    let lots = PlacedServers::<Lot>::new(&a, Placement::least_loaded());
    drop(lots.pool(0, (10,)));
}
