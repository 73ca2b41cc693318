//! Over QUIC on loopback.

use ambit_dist::{Auth, Cookie, Node, RegisterNameError};

use super::support::{Counter, CounterSubject, all_see};
use crate::membership::support::complete;

async fn start(name: &str, cookie: &str, seeds: &[&Node]) -> Node {
    let seeds = seeds.iter().map(|seed| seed.local_addr());
    let node = Node::builder(name).auth(Auth::cookie(cookie)).seeds(seeds);
    node.start().await.unwrap()
}

#[ambit::test(real_time)]
async fn glob_01_names_of_three_nodes() {
    let cookie = Cookie::generate().unwrap().reveal().to_string();
    let a = start("a", &cookie, &[]).await;
    let b = start("b", &cookie, &[&a]).await;
    let c = start("c", &cookie, &[&a]).await;
    complete(&[&a, &b, &c]).await;
    let counter = Counter::start(0).await.unwrap();
    b.names().register("c", &counter).await.unwrap();
    for (index, node) in (1..).zip([&a, &b, &c]) {
        let via = CounterSubject::via(&node.names(), "c");
        assert_eq!(via.add(1).await.unwrap(), index);
    }
    let node = b.id().clone();
    let taken = a.names().register("c", &counter).await;
    assert_eq!(taken, Err(RegisterNameError::Taken { node }));
    b.leave().await;
    all_see(&[&a, &c], "c", None).await;
    a.names().register("c", &counter).await.unwrap();
    all_see(&[&a, &c], "c", Some(a.id())).await;
}
