//! Over QUIC on loopback.

use ambit_dist::{Auth, Cookie, Node};

use super::support::{Record, billing, supervise};
use crate::membership::support::complete;

async fn start(name: &str, cookie: &str, seeds: &[&Node]) -> Node {
    let seeds = seeds.iter().map(|seed| seed.local_addr());
    let node = Node::builder(name).auth(Auth::cookie(cookie)).seeds(seeds);
    node.start().await.unwrap()
}

#[ambit::test(real_time)]
async fn app_13_three_nodes_fail_over_and_take_over_over_quic() {
    let cookie = Cookie::generate().unwrap().reveal().to_string();
    let record = Record::default();
    let c = start("c", &cookie, &[]).await;
    let b = start("b", &cookie, &[&c]).await;
    let a = start("a", &cookie, &[&c]).await;
    complete(&[&a, &b, &c]).await;
    let on = |node| billing(node, &record).nodes(["a", "b", "c"]);
    let on_c = supervise(&on(&c)).await;
    let on_b = supervise(&on(&b)).await;
    let on_a = supervise(&on(&a)).await;
    record.runs_on("a").await;
    on_a.stop().await.unwrap();
    a.leave().await;
    record.runs_on("b").await;
    let a = start("a", &cookie, &[&c]).await;
    complete(&[&a, &b, &c]).await;
    let on_a = supervise(&on(&a)).await;
    record.runs_on("a").await;
    let expected = [
        "a: normal",
        "a: end",
        "b: failover from a",
        "b: end",
        "a: takeover from b",
    ];
    assert_eq!(record.lines(), expected);
    assert_eq!(record.most(), 1);
    for supervisor in [on_c, on_b, on_a] {
        supervisor.stop().await.unwrap();
    }
}
