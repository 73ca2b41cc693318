//! Over QUIC on loopback.

use ambit_dist::{Auth, Cookie, Node};

use super::support::{Machine, eventually};

#[ambit::test(real_time)]
async fn pg_07_members_are_seen_and_get_casts_over_quic() {
    let cookie = Cookie::generate().unwrap().reveal().to_string();
    let builder = |name: &str| Node::builder(name).auth(Auth::cookie(cookie.as_str()));
    let a = Machine::start(builder("a")).await;
    let seeds = [a.node.local_addr()];
    let b = Machine::start(builder("b").seeds(seeds)).await;
    let (mut on_a, mut on_b) = (a.probe::<String>(), b.probe::<String>());
    a.groups().join("jobs", &on_a.subject()).unwrap();
    b.groups().join("jobs", &on_b.subject()).unwrap();
    eventually("both see both", || {
        a.count("jobs") == 2 && b.count("jobs") == 2
    })
    .await;
    assert_eq!(a.groups().broadcast::<String>("jobs", "hello".into()), 2);
    assert_eq!(
        (on_a.expect().await, on_b.expect().await),
        ("hello".into(), "hello".into())
    );
    drop(on_b);
    eventually("the death is seen", || a.count("jobs") == 1).await;
}
