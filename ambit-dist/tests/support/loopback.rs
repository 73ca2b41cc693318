//! Nodes over QUIC on loopback addresses, whose packets pass through proxies that can drop them.
//!
//! A program has the network 127.x.0.0/16 of its process number, and each test a network /24 in it.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

use ambit_dist::{Auth, Cookie, Node, NodeBuilder};
use tokio::net::UdpSocket;

/// The port of the proxies, at which other nodes reach a node.
const PROXY_PORT: u16 = 9000;

static TESTS: AtomicU8 = AtomicU8::new(1);

thread_local! {
    /// The network of the test that this thread runs.
    static CURRENT: Cell<Option<[u8; 3]>> = const { Cell::new(None) };
}

/// Returns the address of a node in the network of this test, if it runs over QUIC.
pub(crate) fn address(last: u8) -> Option<SocketAddr> {
    let [a, b, c] = CURRENT.get()?;
    Some(SocketAddr::from(([a, b, c, last], PROXY_PORT)))
}

/// A network of loopback addresses.
pub(crate) struct Loopback {
    cookie: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// The directions whose packets are dropped.
    blocked: Mutex<BTreeSet<(IpAddr, IpAddr)>>,
    /// The listening addresses of the nodes. A node that is started again has a new port.
    listening: Mutex<BTreeMap<IpAddr, SocketAddr>>,
}

impl Loopback {
    /// Returns a network of its own if the environment asks for QUIC.
    ///
    /// # Panics
    ///
    /// Panics outside a test with a paused clock: the clock must run for real packets.
    pub(crate) fn requested() -> Option<Self> {
        std::env::var_os("AMBIT_TEST_NETWORK").filter(|network| network == "quic")?;
        if CURRENT.get().is_none() {
            tokio::time::resume();
        }
        let program = u8::try_from(std::process::id() % 250).unwrap() + 2;
        let test = TESTS.fetch_add(1, Ordering::Relaxed);
        CURRENT.set(Some([127, program, test]));
        Some(Self {
            cookie: Cookie::generate().unwrap().reveal().to_string(),
            shared: Arc::default(),
        })
    }

    /// Returns the builder of a node that others reach at `address`, through a proxy.
    pub(crate) fn builder(&self, name: &str, address: SocketAddr) -> NodeBuilder {
        let ip = address.ip();
        let port = {
            let free = std::net::UdpSocket::bind((ip, 0)).unwrap();
            free.local_addr().unwrap().port()
        };
        let mut listening = self.shared.listening.lock().unwrap();
        let own = SocketAddr::new(ip, port);
        if listening.insert(ip, own).is_none() {
            let front = std::net::UdpSocket::bind(address).unwrap();
            front.set_nonblocking(true).unwrap();
            let front = Arc::new(UdpSocket::from_std(front).unwrap());
            tokio::spawn(forward(front, ip, self.shared.clone()));
        }
        let builder = Node::builder(name).auth(Auth::cookie(self.cookie.as_str()));
        builder.listen(own).advertise(address)
    }

    /// Drops all packets between two addresses.
    pub(crate) fn cut(&self, one: SocketAddr, other: SocketAddr) {
        self.block(one, other);
        self.block(other, one);
    }

    /// Drops all packets from one address to another.
    pub(crate) fn block(&self, from: SocketAddr, to: SocketAddr) {
        let mut blocked = self.shared.blocked.lock().unwrap();
        blocked.insert((from.ip(), to.ip()));
    }

    /// Drops no more packets between two addresses.
    pub(crate) fn heal(&self, one: SocketAddr, other: SocketAddr) {
        let mut blocked = self.shared.blocked.lock().unwrap();
        blocked.remove(&(one.ip(), other.ip()));
        blocked.remove(&(other.ip(), one.ip()));
    }
}

impl Shared {
    fn is_blocked(&self, from: IpAddr, to: IpAddr) -> bool {
        self.blocked.lock().unwrap().contains(&(from, to))
    }
}

/// Forwards packets between the node with this address and all others.
async fn forward(front: Arc<UdpSocket>, ip: IpAddr, shared: Arc<Shared>) {
    let mut backs = BTreeMap::new();
    let mut packet = vec![0; 65_536];
    while let Ok((length, client)) = front.recv_from(&mut packet).await {
        if shared.is_blocked(client.ip(), ip) {
            continue;
        }
        let node = shared.listening.lock().unwrap()[&ip];
        let back = backs.entry((client, node)).or_insert_with(|| {
            let back = std::net::UdpSocket::bind((client.ip(), 0)).unwrap();
            back.connect(node).unwrap();
            back.set_nonblocking(true).unwrap();
            let back = Arc::new(UdpSocket::from_std(back).unwrap());
            let answers = answer(back.clone(), front.clone(), client, ip, shared.clone());
            tokio::spawn(answers);
            back
        });
        // A packet to a node that has ended is lost.
        back.send(&packet[..length]).await.ok();
    }
}

/// Forwards the packets of a node to one client.
async fn answer(
    back: Arc<UdpSocket>,
    front: Arc<UdpSocket>,
    client: SocketAddr,
    ip: IpAddr,
    shared: Arc<Shared>,
) {
    let mut packet = vec![0; 65_536];
    loop {
        // An error reports only that the node has ended; the socket is used by a later packet.
        let Ok(length) = back.recv(&mut packet).await else {
            continue;
        };
        if !shared.is_blocked(ip, client.ip()) {
            front.send_to(&packet[..length], client).await.ok();
        }
    }
}
