//! A cluster over QUIC on loopback.

use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit_dist::discovery::{Dns, Seeds};
use ambit_dist::{Auth, ConnectError, Cookie, Node, NodeBuilder};

use super::support::{await_peers, fed};

fn cookie() -> String {
    Cookie::generate().unwrap().reveal().to_string()
}

fn node(name: &str, cookie: &str) -> NodeBuilder {
    Node::builder(name).auth(Auth::cookie(cookie))
}

/// Returns free ports of this machine.
fn free<const N: usize>() -> [SocketAddr; N] {
    let sockets = [(); N].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
    sockets.map(|socket| socket.local_addr().unwrap())
}

#[tokio::test]
async fn three_nodes_find_each_other_when_the_seeds_start_last() {
    let cookie = cookie();
    let [x, y] = free();
    let list = format!("{x},{y}");
    let seeds = || list.parse::<Seeds>().unwrap();
    let a = node("a", &cookie).discover(seeds()).start().await.unwrap();
    // The first dials fail.
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(a.peers().len(), 0);
    let x = node("x", &cookie).listen(x).discover(seeds());
    let x = x.start().await.unwrap();
    await_peers(&x, &["a"]).await;
    let y = node("y", &cookie).listen(y).discover(seeds());
    let y = y.start().await.unwrap();
    await_peers(&y, &["a", "x"]).await;
    await_peers(&x, &["a", "y"]).await;
    await_peers(&a, &["x", "y"]).await;
}

#[tokio::test]
async fn nodes_find_each_other_by_a_name_whose_addresses_change() {
    let cookie = cookie();
    let records = Arc::new(Mutex::new(Vec::new()));
    let dns = || {
        let records = records.clone();
        let dns = Dns::new("shop.test", 9000).resolve_with(move |_, _| {
            let records = records.lock().unwrap().clone();
            async move { Ok(records) }
        });
        dns.interval(Duration::from_millis(20))
    };
    let a = node("a", &cookie).discover(dns()).start().await.unwrap();
    let b = node("b", &cookie).discover(dns()).start().await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!((a.peers().len(), b.peers().len()), (0, 0));
    *records.lock().unwrap() = vec![a.local_addr(), b.local_addr()];
    await_peers(&a, &["b"]).await;
    await_peers(&b, &["a"]).await;
    let c = node("c", &cookie).discover(dns()).start().await.unwrap();
    await_peers(&c, &["a", "b"]).await;
}

/// Forwards datagrams between a node and itself, so that the node cannot know that the address is its own. Returns that
/// address.
async fn mirror(node: SocketAddr) -> SocketAddr {
    let bind = || tokio::net::UdpSocket::bind("127.0.0.1:0");
    let (front, back) = (bind().await.unwrap(), bind().await.unwrap());
    let address = front.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut to_back, mut to_front) = ([0; 2048], [0; 2048]);
        loop {
            tokio::select! {
                Ok((length, _)) = front.recv_from(&mut to_back) => back.send_to(&to_back[..length], node).await.unwrap(),
                Ok((length, _)) = back.recv_from(&mut to_front) => front.send_to(&to_front[..length], node).await.unwrap(),
                else => return,
            };
        }
    });
    address
}

#[tokio::test]
async fn a_node_that_dials_itself_unknowingly_stops() {
    let (sets, source) = fed();
    let cookie = cookie();
    let a = node("a", &cookie).discover(source).start().await.unwrap();
    let mirrored = mirror(a.local_addr()).await;
    let error = a.connect(mirrored).await.unwrap_err();
    assert_eq!(error, ConnectError::Itself { address: mirrored });
    let b = node("b", &cookie).start().await.unwrap();
    sets.send(Ok(vec![mirrored, b.local_addr()])).unwrap();
    await_peers(&a, &["b"]).await;
}

#[tokio::test]
async fn a_candidate_with_another_cookie_is_dialled_but_not_let_in() {
    let stranger = node("b", &cookie()).start().await.unwrap();
    let list = [stranger.local_addr().to_string()];
    let a = node("a", &cookie()).discover(Seeds::new(list).unwrap());
    let a = a.start().await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!((a.peers().len(), stranger.peers().len()), (0, 0));
    assert_eq!(a.discovery()[0].candidates, [stranger.local_addr()]);
}
