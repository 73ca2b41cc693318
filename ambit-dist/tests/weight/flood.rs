//! Thousands of useless packets must cost a node neither memory nor its real peers.

mod garbage;
mod half;
mod node;

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use ambit_dist::transport::{Connection, Dial, Quic, QuicSettings, Transport};
use ambit_dist::{Auth, Cookie, Credentials};
use tokio::sync::watch;

use self::garbage::garbage;
use crate::{SCALES, held};

/// The timeout of a handshake, as a node sets it.
const DEADLINE: Duration = Duration::from_secs(5);
const HALF_HANDSHAKES: usize = 1_000;
const COUNT_OF_GARBAGE: usize = 100_000;
/// The maximum additional memory after a flood: less than half of what the half handshakes would take if each became a
/// connection (40 KiB).
const MOST_MEMORY: usize = 16 << 20;

fn credentials(auth: &Auth, node: &str) -> Credentials {
    let (node, cluster) = (node.parse().unwrap(), "test".parse().unwrap());
    auth.credentials(&node, &cluster).unwrap()
}

fn quic(auth: &Auth, node: &str) -> Quic {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    Quic::bind(any, &credentials(auth, node), QuicSettings::default()).unwrap()
}

/// Accepts as a node does: each handshake separately, and with a timeout.
fn serve(quic: Arc<Quic>, accepted: watch::Sender<usize>) {
    tokio::spawn(async move {
        while let Some(incoming) = quic.accept().await {
            let accepted = accepted.clone();
            tokio::spawn(async move {
                if let Ok(Ok(connection)) = tokio::time::timeout(DEADLINE, incoming.finish()).await
                {
                    accepted.send_modify(|count| *count += 1);
                    connection.closed().await;
                }
            });
        }
    });
}

async fn dial(from: &Quic, to: SocketAddr) -> Box<dyn Connection> {
    let dial = Dial {
        address: to,
        server_name: "any.test.ambit".to_owned(),
    };
    let dialled = tokio::time::timeout(DEADLINE, from.dial(dial)).await;
    dialled.expect("in time").expect("connected")
}

fn sockets(count: usize) -> Vec<UdpSocket> {
    let any = |_| UdpSocket::bind("127.0.0.1:0").unwrap();
    (0..count).map(any).collect()
}

/// Sends from many ports, slowly enough that the packets are not lost before they cost anything.
async fn flood(to: SocketAddr, packets: &[Vec<u8>]) {
    let sockets = sockets(50);
    for (at, packet) in packets.iter().enumerate() {
        sockets[at % sockets.len()].send_to(packet, to).unwrap();
        if at % 20 == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_garbage_and_half_handshakes_costs_no_memory_and_keeps_no_node_out() {
    let _alone = SCALES.lock().await;
    let auth: Auth = Auth::cookie(Cookie::generate().unwrap()).into();
    let node = Arc::new(quic(&auth, "node"));
    let address = node.local_addr();
    let (accepts, mut accepted) = watch::channel(0);
    serve(node.clone(), accepts);
    let friend = quic(&auth, "friend");
    let before_it = dial(&friend, address).await;

    let half = half::handshakes(&credentials(&auth, "other"), HALF_HANDSHAKES).await;
    let garbage = garbage(&half);
    let garbage = &garbage[..COUNT_OF_GARBAGE / 5];
    // A first flood triggers one-time allocations.
    flood(address, &garbage[..garbage.len() / 20]).await;
    flood(address, &half[..HALF_HANDSHAKES / 20]).await;
    let before = held();
    flood(address, garbage).await;
    flood(address, &half).await;

    let unfinished = node.unfinished_handshakes();
    assert!(
        // Two threads that accept connections at once may each count one above the bound of 32; a slow machine may already
        // have cancelled some.
        (1..=40).contains(&unfinished),
        "{unfinished} handshakes are unfinished: the flood arrived, and most of it had to prove its address"
    );
    let in_the_flood = dial(&friend, address).await;
    // The dialler's handshake completes slightly earlier than the other side's.
    let both = accepted.wait_for(|count| *count == 2);
    let both = tokio::time::timeout(Duration::from_secs(5), both).await;
    assert_eq!(*both.expect("in time").expect("still serving"), 2);
    let more = held().saturating_sub(before);
    println!("{more} bytes more");
    assert!(more <= MOST_MEMORY, "{more} bytes more than before");
    for connection in [before_it, in_the_flood] {
        let mut stream = connection.open_uni().await.unwrap();
        stream.write("still here".into()).await.unwrap();
    }
    while node.unfinished_handshakes() > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
