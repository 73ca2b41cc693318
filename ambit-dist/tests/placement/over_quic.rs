//! Over QUIC on loopback.

use ambit::system::System;
use ambit_dist::{Auth, Cookie, Node, Placement};

use super::support::{Lot, nodes, start, strict};
use crate::membership::support::complete;
use crate::names::support::until;

#[ambit::test(real_time)]
async fn servers_of_a_node_that_leaves_move_over_quic() {
    let cookie = Cookie::generate().unwrap().reveal().to_string();
    let a = Node::builder("a").auth(Auth::cookie(cookie.as_str()));
    let a = a.start().await.unwrap();
    let b = Node::builder("b").auth(Auth::cookie(cookie.as_str()));
    let b = b.system(System::builder().build().unwrap());
    let b = b.seeds([a.local_addr()]).start().await.unwrap();
    a.expose::<Lot>();
    b.expose::<Lot>();
    complete(&[&a, &b]).await;
    let (supervisor, lots) = strict(&a, Placement::least_loaded()).await;
    start(&supervisor, &lots, ["1", "2"]).await;
    assert_eq!(lots.via("2").bid().await.unwrap(), 11);
    assert!(nodes(&lots).contains('b'));
    b.leave().await;
    until("both run on a", || nodes(&lots) == "a a").await;
    for id in ["1", "2"] {
        assert!(lots.via(id).bid().await.is_ok());
    }
}
