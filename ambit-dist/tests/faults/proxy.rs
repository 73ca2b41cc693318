//! A UDP proxy between two sides, with configurable impairments.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::fate::{Conditions, Fate};

/// The maximum number of packets in flight, and of clients. Packets beyond them are lost.
const MOST_PACKETS: usize = 8_192;
const MOST_CLIENTS: usize = 64;

/// Forwards packets of any client to one server. Ends when it is dropped.
pub(crate) struct Proxy {
    address: SocketAddr,
    /// The conditions towards the server and back.
    conditions: Arc<Mutex<[Conditions; 2]>>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy on loopback in front of a server, with the decisions of this seed.
    pub(crate) async fn new(server: SocketAddr, seed: u64) -> Self {
        let front = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let address = front.local_addr().unwrap();
        let conditions = Arc::new(Mutex::default());
        let running = Running {
            front,
            server,
            conditions: conditions.clone(),
            fates: [Fate::new(seed), Fate::new(!seed)],
            begun: Instant::now(),
            backs: BTreeMap::new(),
            on_their_way: BinaryHeap::new(),
            counted: 0,
        };
        let task = tokio::spawn(running.run());
        Self {
            address,
            conditions,
            task,
        }
    }

    /// Returns the address for clients.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sets the conditions of both directions.
    pub(crate) fn set(&self, conditions: Conditions) {
        self.set_each(conditions, conditions);
    }

    /// Sets the conditions towards the server and back.
    pub(crate) fn set_each(&self, there: Conditions, back: Conditions) {
        *self.conditions.lock().unwrap() = [there, back];
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The proxy's socket towards the server for one client, and its reader.
struct Back {
    socket: Arc<UdpSocket>,
    listening: JoinHandle<()>,
}

impl Drop for Back {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Packets by time, then in order of arrival, with route and bytes.
type OnItsWay = Reverse<(Instant, u64, Route, Vec<u8>)>;

/// The client of a packet, and true if the packet goes to it.
type Route = (SocketAddr, bool);

struct Running {
    front: Arc<UdpSocket>,
    server: SocketAddr,
    conditions: Arc<Mutex<[Conditions; 2]>>,
    fates: [Fate; 2],
    begun: Instant,
    backs: BTreeMap<SocketAddr, Back>,
    on_their_way: BinaryHeap<OnItsWay>,
    counted: u64,
}

impl Running {
    async fn run(mut self) {
        let (heard, mut answers) = mpsc::channel::<(SocketAddr, Vec<u8>)>(1_024);
        let front = self.front.clone();
        let mut buffer = vec![0; 65_536];
        loop {
            let next = self.on_their_way.peek().map(|Reverse((at, ..))| *at);
            let due = async {
                match next {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = due => self.pass_on().await,
                Some((client, bytes)) = answers.recv() => self.take((client, true), &bytes),
                Ok((len, client)) = front.recv_from(&mut buffer) => {
                    if self.knows(client, &heard).await {
                        self.take((client, false), &buffer[..len]);
                    }
                }
            }
        }
    }

    /// Ensures a socket for a client, unless there are too many. Returns whether there is one.
    async fn knows(
        &mut self,
        client: SocketAddr,
        heard: &mpsc::Sender<(SocketAddr, Vec<u8>)>,
    ) -> bool {
        if self.backs.contains_key(&client) {
            return true;
        }
        if self.backs.len() == MOST_CLIENTS {
            return false;
        }
        let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let (listener, heard) = (socket.clone(), heard.clone());
        let listening = tokio::spawn(async move {
            let mut buffer = vec![0; 65_536];
            loop {
                // An error refers to an earlier packet that had no receiver.
                if let Ok(len) = listener.recv(&mut buffer).await {
                    let _ = heard.try_send((client, buffer[..len].to_vec()));
                }
            }
        });
        socket.connect(self.server).await.unwrap();
        self.backs.insert(client, Back { socket, listening });
        true
    }

    fn take(&mut self, route: Route, bytes: &[u8]) {
        let direction = usize::from(route.1);
        let conditions = self.conditions.lock().unwrap()[direction];
        let now = Instant::now();
        let since = now - self.begun;
        for arrival in self.fates[direction].of(since, bytes.len(), &conditions) {
            if self.on_their_way.len() == MOST_PACKETS {
                return;
            }
            let mut bytes = bytes.to_vec();
            if let Some(bit) = arrival.turned
                && let Some(byte) = bytes.get_mut(bit / 8)
            {
                *byte ^= 1 << (bit % 8);
            }
            self.counted += 1;
            let arrives = now + arrival.after;
            let packet = Reverse((arrives, self.counted, route, bytes));
            self.on_their_way.push(packet);
        }
    }

    /// Sends all due packets. Packets that the system rejects are lost, as in any network.
    async fn pass_on(&mut self) {
        let now = Instant::now();
        while let Some(Reverse((at, ..))) = self.on_their_way.peek() {
            if *at > now {
                return;
            }
            let Some(Reverse((_, _, (client, to_client), bytes))) = self.on_their_way.pop() else {
                return;
            };
            if to_client {
                let _ = self.front.send_to(&bytes, client).await;
            } else if let Some(back) = self.backs.get(&client) {
                let _ = back.socket.send(&bytes).await;
            }
        }
    }
}
