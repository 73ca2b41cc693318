//! A node at work while garbage comes to its port.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use super::garbage::garbage;
use super::{COUNT_OF_GARBAGE, MOST_MEMORY, credentials, half, log, sockets};
use crate::target::Target;
use crate::{SCALES, held};

/// How long any call may take meanwhile: long after lost packets are sent again, and less than a caller waits.
const MOST_TIME: Duration = Duration::from_secs(4);
/// What may be said about all of it.
const MOST_LINES: usize = 8;

/// Sends from a thread of its own, and says how many packets the system has dropped before the node could read them.
async fn flood(to: SocketAddr, packets: Vec<Vec<u8>>) -> Option<usize> {
    let (done, sent) = tokio::sync::oneshot::channel();
    let before = dropped(to);
    thread::spawn(move || {
        let sockets = sockets(100);
        for (at, packet) in packets.iter().enumerate() {
            sockets[at % sockets.len()].send_to(packet, to).unwrap();
            if at % 40 == 0 {
                thread::sleep(Duration::from_millis(1));
            }
        }
        done.send(()).ok();
    });
    sent.await.unwrap();
    Some(dropped(to)? - before?)
}

/// How many packets to this port the system has dropped; none where it does not say.
fn dropped(port: SocketAddr) -> Option<usize> {
    let table = std::fs::read_to_string("/proc/net/udp").ok()?;
    let port = format!(":{:04X}", port.port());
    let mut rows = table.lines().map(|row| row.split_whitespace());
    let row = rows.find(|row| row.clone().nth(1).is_some_and(|to| to.ends_with(&port)))?;
    row.last()?.parse().ok()
}

#[ambit::test(real_time)]
async fn a_hundred_thousand_packets_of_garbage_disturb_no_call_of_a_node_and_cost_no_memory() {
    let _alone = SCALES.lock().await;
    let target = Target::new().await;
    let address = target.node.local_addr();
    let other = ambit_dist::Auth::cookie(ambit_dist::Cookie::generate().unwrap()).into();
    let real = half::handshakes(&credentials(&other, "other"), 20).await;
    let garbage = garbage(&real);
    assert_eq!(garbage.len(), COUNT_OF_GARBAGE);
    flood(address, garbage[..COUNT_OF_GARBAGE / 20].to_vec()).await;
    log::keep();
    let before = held();
    let mut flood = std::pin::pin!(flood(address, garbage));
    let (mut calls, mut longest) = (0, Duration::ZERO);
    let dropped = loop {
        let asked = Instant::now();
        let answered = target.till.notes();
        tokio::select! {
            biased;
            dropped = &mut flood => break dropped,
            answered = answered => assert_eq!(answered, Ok(0), "call {calls}"),
        }
        calls += 1;
        longest = longest.max(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(1)).await;
    };
    let more = held().saturating_sub(before);
    println!("{calls} calls, the longest {longest:?}; {more} bytes; {dropped:?} dropped");
    assert!(calls > 20 && longest < MOST_TIME, "{calls}, {longest:?}");
    assert!(more <= MOST_MEMORY, "{more} bytes more");
    let dropped = dropped.unwrap_or(0);
    assert!(dropped < COUNT_OF_GARBAGE / 2, "it did not arrive");
    let lines = log::lines();
    assert!(lines.len() <= MOST_LINES, "{lines:?}");
    // The session is the one from before, and others get in.
    let honest = target.node.peer("honest").unwrap();
    assert_eq!(honest.reconnects, 0);
    let mut late = target.stranger().await;
    late.is_kept().await;
    let said = log::lines().len();
    assert!(said > lines.len(), "what nodes say is heard");
    drop(late);
    target.unharmed().await;
}
