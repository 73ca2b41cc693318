//! Multicast DNS on loopback. Where loopback has no multicast, the tests say so and are skipped.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use ambit_dist::discovery::{Discovery, MulticastDns};
use ambit_dist::{Auth, Cookie, Node, NodeBuilder};
use tokio::time::timeout;

use super::support::await_peers;

/// The multicast group of multicast DNS.
const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);

/// Returns a free port if a datagram to the group arrives on loopback.
fn multicast_port() -> Option<u16> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None).ok()?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let any = UdpSocket::bind(address).ok()?;
    let port = any.local_addr().ok()?.port();
    drop(any);
    socket.bind(&SocketAddr::from((GROUP, port)).into()).ok()?;
    socket
        .join_multicast_v4(&GROUP, &Ipv4Addr::LOCALHOST)
        .ok()?;
    let receiver = UdpSocket::from(socket);
    receiver
        .set_read_timeout(Some(Duration::from_secs(1)))
        .ok()?;
    let sender = UdpSocket::bind(address).ok()?;
    let sender = socket2::SockRef::from(&sender)
        .set_multicast_if_v4(&Ipv4Addr::LOCALHOST)
        .map(|()| sender);
    sender.ok()?.send_to(b"hello", (GROUP, port)).ok()?;
    receiver.recv_from(&mut [0; 8]).ok()?;
    Some(port)
}

/// Returns a function that makes sources for loopback, or `None` if the test must be skipped.
fn loopback() -> Option<impl Fn() -> MulticastDns> {
    let Some(port) = multicast_port() else {
        eprintln!(
            "SKIPPED: loopback has no multicast on this machine, so multicast DNS is not tested"
        );
        return None;
    };
    Some(move || {
        let loopback = IpAddr::from(Ipv4Addr::LOCALHOST);
        MulticastDns::new().interfaces([loopback]).port(port)
    })
}

fn node(name: &str, cookie: &str) -> NodeBuilder {
    Node::builder(name).auth(Auth::cookie(cookie))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_of_a_cluster_find_each_other_and_no_others() {
    let Some(source) = loopback() else { return };
    let cookie = Cookie::generate().unwrap().reveal().to_string();
    let a = node("a", &cookie).discover(source()).start().await.unwrap();
    let other = node("b", &cookie).cluster("other").discover(source());
    let other = other.start().await.unwrap();
    let b = node("b", &cookie).discover(source()).start().await.unwrap();
    await_peers(&a, &["b"]).await;
    await_peers(&b, &["a"]).await;
    assert_eq!(other.peers().len(), 0);
    await_candidate(&a, b.local_addr(), true).await;
    let candidates = &a.discovery()[0].candidates;
    assert!(!candidates.contains(&other.local_addr()), "{candidates:?}");
    // A node that ends says goodbye.
    let address = b.local_addr();
    b.leave().await;
    await_candidate(&a, address, false).await;
}

/// Waits until a node lists an address as a candidate or not.
async fn await_candidate(node: &Node, address: SocketAddr, listed: bool) {
    let seen = timeout(Duration::from_secs(30), async {
        while node.discovery()[0].candidates.contains(&address) != listed {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(seen.await.is_ok(), "{address}: {:?}", node.discovery());
}

#[tokio::test]
async fn a_source_without_a_node_is_an_error() {
    let error = MulticastDns::new().next().await.unwrap().unwrap_err();
    assert!(
        error.to_string().contains("`NodeBuilder::discover`"),
        "{error}"
    );
}

#[tokio::test]
async fn an_announcement_that_cannot_leave_the_machine_is_reported() {
    let cookie = Cookie::generate().unwrap().reveal().to_string();
    // No interface has this address.
    let nowhere = MulticastDns::new()
        .interfaces(["203.0.113.1".parse().unwrap()])
        .port(5399);
    let a = node("a", &cookie).discover(nowhere).start().await.unwrap();
    let error = timeout(Duration::from_secs(30), async {
        loop {
            if let Some(error) = a.discovery().remove(0).error {
                return error.to_string();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let error = error.await.unwrap();
    assert!(
        error.contains("could not announce this node within 10 s"),
        "{error}"
    );
}
