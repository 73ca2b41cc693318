//! SRV records of a name server on loopback.

use std::net::SocketAddr;
use std::time::Duration;

use ambit_dist::discovery::{Discovery, Srv};
use ambit_dist::{Auth, Cookie, Node};
use tokio::time::timeout;

use super::name_server::NameServer;
use super::support::{Item, await_peers};

const SERVICE: &str = "_ambit._udp.shop.test.";

fn srv(server: &NameServer) -> Srv {
    let srv = Srv::new(SERVICE).name_servers([server.address()]);
    srv.interval(Duration::from_millis(20))
}

async fn next(srv: &mut Srv) -> Item {
    let next = timeout(Duration::from_secs(30), srv.next());
    next.await.expect("a change").expect("no end")
}

fn at(texts: &[&str]) -> Vec<SocketAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[tokio::test]
async fn records_are_followed_in_the_order_of_priority_and_weight() {
    let server = NameServer::start().await;
    server.srv(SERVICE, 20, 1, 9001, "late.test.");
    server.srv(SERVICE, 10, 5, 9002, "light.test.");
    server.srv(SERVICE, 10, 50, 9003, "heavy.test.");
    server.host("late.test.", "10.0.0.1");
    server.host("light.test.", "10.0.0.3");
    server.host("light.test.", "10.0.0.2");
    server.host("heavy.test.", "fd00::1");
    let mut srv = srv(&server);
    let expected = at(&[
        "[fd00::1]:9003",
        "10.0.0.2:9002",
        "10.0.0.3:9002",
        "10.0.0.1:9001",
    ]);
    assert_eq!(next(&mut srv).await, Ok(expected));
    server.host("heavy.test.", "10.0.0.9");
    let expected = at(&[
        "10.0.0.9:9003",
        "[fd00::1]:9003",
        "10.0.0.2:9002",
        "10.0.0.3:9002",
        "10.0.0.1:9001",
    ]);
    assert_eq!(next(&mut srv).await, Ok(expected));
    // The target `.` means that there is no service.
    server.remove(SERVICE);
    server.srv(SERVICE, 0, 0, 0, ".");
    assert_eq!(next(&mut srv).await, Ok(vec![]));
}

#[tokio::test]
async fn failing_lookups_are_reported_and_keep_the_last_candidates() {
    let server = NameServer::start().await;
    let mut srv = srv(&server);
    let error = next(&mut srv).await.unwrap_err().to_string();
    assert_eq!(
        error,
        format!(
            "cannot look up the SRV records of `{SERVICE}` (there are no records): check the name and the DNS server of this machine"
        )
    );
    server.srv(SERVICE, 1, 1, 9001, "a.test.");
    server.srv(SERVICE, 2, 1, 9002, "b.test.");
    server.host("a.test.", "10.0.0.1");
    server.host("b.test.", "10.0.0.2");
    let both = at(&["10.0.0.1:9001", "10.0.0.2:9002"]);
    assert_eq!(next(&mut srv).await, Ok(both.clone()));
    // One host keeps its last address.
    server.remove("a.test.");
    let error = next(&mut srv).await.unwrap_err().to_string();
    assert!(
        error.starts_with("cannot look up `a.test.` (there are no records)"),
        "{error}"
    );
    server.fail(true);
    for _ in 0..3 {
        next(&mut srv).await.unwrap_err();
    }
    server.fail(false);
    server.host("a.test.", "10.0.0.1");
    // The first success after an error repeats the set.
    loop {
        match next(&mut srv).await {
            Ok(set) => break assert_eq!(set, both),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

#[tokio::test]
async fn nodes_find_each_other_by_srv_records() {
    let server = NameServer::start().await;
    let cookie = Cookie::generate().unwrap().reveal().to_string();
    let node = |name: &str| {
        let node = Node::builder(name).auth(Auth::cookie(&*cookie));
        node.discover(srv(&server)).start()
    };
    let (a, b) = (node("a").await.unwrap(), node("b").await.unwrap());
    server.host("host.test.", "127.0.0.1");
    for node in [&a, &b] {
        server.srv(SERVICE, 1, 1, node.local_addr().port(), "host.test.");
    }
    await_peers(&a, &["b"]).await;
    await_peers(&b, &["a"]).await;
    let status = &a.discovery()[0];
    assert_eq!(status.source, format!("SRV {SERVICE}"));
}
