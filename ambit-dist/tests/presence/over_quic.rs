//! Over QUIC on loopback.

use ambit::system::System;
use ambit_dist::{Auth, Cookie, Node};

use super::support::{client, crash, next, rooms, shown};
use crate::membership::support::complete;

#[ambit::test(real_time)]
async fn pres_10_two_nodes_share_presences_over_quic() {
    let cookie = Cookie::generate().unwrap().reveal().to_string();
    let a = Node::builder("a").auth(Auth::cookie(cookie.as_str()));
    let a = a.start().await.unwrap();
    let b = Node::builder("b").auth(Auth::cookie(cookie.as_str()));
    let b = b.system(System::builder().build().unwrap());
    let b = b.seeds([a.local_addr()]).start().await.unwrap();
    complete(&[&a, &b]).await;
    let mut events = rooms(&b).events("lobby");
    let client = client().await;
    rooms(&a).track(&client, "lobby", "u", "1".into()).unwrap();
    assert_eq!(shown(&next(&mut events).await.joins), [("u", vec!["1"])]);
    crash(&client);
    assert_eq!(shown(&next(&mut events).await.leaves), [("u", vec!["1"])]);
    assert_eq!(rooms(&b).list("lobby"), []);
}
