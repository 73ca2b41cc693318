//! A node at work while garbage arrives at its port.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::garbage::garbage;
use super::{COUNT_OF_GARBAGE, MOST_MEMORY, credentials, half, sockets};
use crate::log::Log;
use crate::target::Target;
use crate::{SCALES, held};

/// The maximum duration of a call meanwhile: long after retransmissions, and less than the caller's timeout.
const MOST_TIME: Duration = Duration::from_secs(4);
/// The number of calls during the flood: a slow machine receives more garbage meanwhile.
const CALLS: usize = 20;
/// The maximum number of log lines.
const MOST_LINES: usize = 8;

/// The packets of one flood.
struct Flooded {
    sent: usize,
    /// Packets that the operating system dropped before the node read them.
    dropped: usize,
}

/// Sends all packets from a separate thread, repeatedly until this many calls are done.
async fn flood(to: SocketAddr, packets: Vec<Vec<u8>>, calls: Arc<AtomicUsize>) -> Flooded {
    let (done, sent) = tokio::sync::oneshot::channel();
    let before = dropped(to);
    thread::spawn(move || {
        let sockets = sockets(100);
        let mut sent = 0;
        while sent < packets.len() || calls.load(Ordering::Relaxed) < CALLS {
            let packet = &packets[sent % packets.len()];
            sockets[sent % sockets.len()].send_to(packet, to).unwrap();
            if sent % 40 == 0 {
                thread::sleep(Duration::from_millis(1));
            }
            sent += 1;
        }
        done.send(sent).ok();
    });
    let sent = sent.await.unwrap();
    let dropped = dropped(to)
        .zip(before)
        .map_or(0, |(now, before)| now - before);
    Flooded { sent, dropped }
}

/// Returns how many packets to this port the system has dropped, or `None` if it does not report them.
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
    let calls = Arc::new(AtomicUsize::new(CALLS));
    flood(
        address,
        garbage[..COUNT_OF_GARBAGE / 20].to_vec(),
        calls.clone(),
    )
    .await;
    let log = Log::keep();
    let before = held();
    calls.store(0, Ordering::Relaxed);
    let mut flood = std::pin::pin!(flood(address, garbage, calls.clone()));
    let mut longest = Duration::ZERO;
    let Flooded { sent, dropped } = loop {
        let asked = Instant::now();
        let answered = target.till.notes();
        tokio::select! {
            biased;
            flooded = &mut flood => break flooded,
            answered = answered => assert_eq!(answered, Ok(0), "call {calls:?}"),
        }
        calls.fetch_add(1, Ordering::Relaxed);
        longest = longest.max(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(1)).await;
    };
    let more = held().saturating_sub(before);
    println!("{calls:?} calls, the longest {longest:?}; {more} bytes; {dropped} of {sent} dropped");
    assert!(longest < MOST_TIME, "{longest:?}");
    assert!(more <= MOST_MEMORY, "{more} bytes more");
    assert!(dropped < sent / 2, "it did not arrive");
    let lines = log.lines();
    assert!(lines.len() <= MOST_LINES, "{lines:?}");
    // The original session is still open, and other nodes can connect.
    let honest = target.node.peer("honest").unwrap();
    assert_eq!(honest.reconnects, 0);
    let mut late = target.stranger().await;
    late.is_kept().await;
    let said = log.lines().len();
    assert!(said > lines.len(), "what nodes say is heard");
    drop(late);
    target.unharmed().await;
}
