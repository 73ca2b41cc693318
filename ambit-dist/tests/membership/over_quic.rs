//! Over QUIC on loopback.

use std::time::{Duration, Instant};

use ambit_dist::{Auth, Cookie, MemberLoss, MemberState, Node};

use super::support::{complete, down};

async fn start(name: &str, cookie: &str, seeds: &[&Node]) -> Node {
    let seeds = seeds.iter().map(|seed| seed.local_addr());
    let node = Node::builder(name).auth(Auth::cookie(cookie)).seeds(seeds);
    node.start().await.unwrap()
}

#[ambit::test(real_time)]
async fn swim_01_five_nodes_find_each_other_by_one_seed() {
    let cookie = Cookie::generate().unwrap().reveal().to_string();
    let a = start("a", &cookie, &[]).await;
    let mut nodes = vec![a];
    for name in ["b", "c", "d", "e"] {
        let node = start(name, &cookie, &[&nodes[0]]).await;
        nodes.push(node);
    }
    complete(&nodes.iter().collect::<Vec<_>>()).await;
    let mut events = nodes[1].membership().events();
    let e = nodes.pop().unwrap();
    let begin = Instant::now();
    e.leave().await;
    assert_eq!(down(&mut events).await, (e.id().clone(), MemberLoss::Left));
    assert!(begin.elapsed() < Duration::from_secs(2));
    for node in &nodes {
        node.ping("a").await.ok();
        assert_eq!(
            node.membership().member("e").unwrap().state(),
            MemberState::Left
        );
    }
    complete(&nodes.iter().collect::<Vec<_>>()).await;
}
