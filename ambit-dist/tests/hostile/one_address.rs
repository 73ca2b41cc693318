//! One address that starts many handshakes, proves its address, and completes none of them.

use std::collections::VecDeque;
use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use ambit_dist::transport::{Dial, Quic, QuicSettings, Transport};
use ambit_dist::{Auth, ConnectError, Cookie, Node};
use parking_lot::Mutex;
use quinn::udp::{RecvMeta, Transmit};
use quinn::{AsyncUdpSocket, Runtime, TokioRuntime, UdpPoller};
use tokio::task::JoinSet;

use super::log::Log;

/// Handshakes per second.
const RATE: u32 = 1_000;
const LEAST_RATE: f64 = 900.0;
const JOINERS: u8 = 100;
/// The number of nodes that connect at once, a divisor of their number.
const AT_ONCE: usize = 4;
/// The maximum time for each of them.
const MOST_TIME: Duration = Duration::from_secs(1);
/// The number of attempts from each address to connect within that time: other programs can delay one, too.
const ATTEMPTS: u8 = 3;
/// The number of attempts including those that do not count.
const MOST_ATTEMPTS: u8 = 30;

/// The most recent packets that start a handshake with a validated address.
#[derive(Debug, Default)]
struct Proved(Mutex<VecDeque<Vec<u8>>>);

/// More than the node accepts, so that most are new to it each time.
const KEPT: usize = 500;

/// A socket that receives only requests to validate its address (a Retry of QUIC), so that no handshake continues after
/// that.
#[derive(Debug)]
struct Stubborn {
    socket: Arc<dyn AsyncUdpSocket>,
    proved: Arc<Proved>,
}

fn is_retry(packet: &[u8]) -> bool {
    packet.first().is_some_and(|first| first & 0xf0 == 0xf0)
}

/// Returns whether an Initial packet has a token, which validates its address.
fn has_token(packet: &[u8]) -> bool {
    // Form and type, version, two ids after their lengths, and the length of the token.
    let mut at = 5;
    for _ in 0..2 {
        at += 1 + packet.get(at).map_or(0, |length| usize::from(*length));
    }
    packet[0] & 0xf0 == 0xc0 && packet.get(at).is_some_and(|length| *length > 0)
}

impl AsyncUdpSocket for Stubborn {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        self.socket.clone().create_io_poller()
    }

    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        if has_token(transmit.contents) {
            let mut proved = self.proved.0.lock();
            proved.push_back(transmit.contents.to_vec());
            if proved.len() > KEPT {
                proved.pop_front();
            }
        }
        self.socket.try_send(transmit)
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.socket.poll_recv(cx, &mut buffers[..1], &mut meta[..1]))?;
            if is_retry(&buffers[0][..meta[0].len]) {
                return Poll::Ready(Ok(1));
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    fn max_receive_segments(&self) -> usize {
        1
    }
}

/// Starts handshakes from 127.0.0.1 on separate threads until it is dropped.
struct Flood {
    proving: Option<tokio::runtime::Runtime>,
    sent: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
}

impl Flood {
    fn begin(auth: &Auth, to: SocketAddr) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let proved = Arc::new(Proved::default());
        let flood = Self {
            proving: Some(proving(auth, to, &socket, proved.clone())),
            sent: Arc::default(),
            is_over: Arc::default(),
        };
        let (sent, is_over) = (flood.sent.clone(), flood.is_over.clone());
        std::thread::spawn(move || {
            let began = Instant::now();
            for number in 0.. {
                let packet = {
                    let mut proved = proved.0.lock();
                    let packet = proved.pop_front();
                    proved.extend(packet.clone());
                    packet
                };
                if let Some(packet) = packet {
                    socket.send_to(&packet, to).unwrap();
                    sent.fetch_add(1, Ordering::Relaxed);
                }
                let due = began + Duration::from_secs(1) * number / RATE;
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
            }
        });
        flood
    }
}

/// Dials a hundred times a second, which gives packets with fresh tokens. Below 32 handshakes none is requested.
fn proving(
    auth: &Auth,
    to: SocketAddr,
    socket: &UdpSocket,
    proved: Arc<Proved>,
) -> tokio::runtime::Runtime {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let (name, cluster) = ("other".parse().unwrap(), "ambit".parse().unwrap());
    let credentials = auth.credentials(&name, &cluster).unwrap();
    let socket = socket.try_clone().unwrap();
    runtime.spawn(async move {
        let socket = TokioRuntime.wrap_udp_socket(socket).unwrap();
        let socket = Arc::new(Stubborn { socket, proved });
        let runtime = Arc::new(TokioRuntime);
        let settings = QuicSettings::default();
        let quic = Quic::over(socket, runtime, None, &credentials, settings).unwrap();
        let mut dials = JoinSet::new();
        loop {
            dials.spawn(quic.dial(Dial {
                address: to,
                server_name: "any.ambit.ambit".to_owned(),
            }));
            while dials.try_join_next().is_some() {}
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    runtime
}

impl Drop for Flood {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(proving) = self.proving.take() {
            proving.shutdown_background();
        }
    }
}

fn node(name: &str, auth: &Auth, address: &str) -> ambit_dist::NodeBuilder {
    Node::builder(name).auth(auth.clone()).listen(address)
}

/// Connects a node with an address of its own, and lets it leave. Returns the time that it took to connect, or to give up
/// because no answer came in time, as on a busy machine.
async fn connect(name: String, own: &str, auth: &Auth, to: SocketAddr) -> Duration {
    let joiner = node(&name, auth, own).start().await.unwrap();
    let began = Instant::now();
    match joiner.connect(to).await {
        Ok(_) | Err(ConnectError::Unreachable { .. } | ConnectError::TimedOut { .. }) => {}
        Err(refused) => panic!("{refused}"),
    }
    let took = began.elapsed();
    joiner.leave().await;
    took
}

/// Connects a node to `to`. If it takes too long, another node tries; no attempt may be refused. An attempt does not
/// count if a connection to `calm`, which receives no handshakes, is slow too: then the machine is busy.
async fn join(last: u8, auth: Auth, to: SocketAddr, calm: SocketAddr) -> Duration {
    let own = format!("127.0.0.{last}:0");
    let mut counted = 0;
    for attempt in 1..=MOST_ATTEMPTS {
        let took = connect(format!("n{last}-{attempt}"), &own, &auth, to).await;
        if took < MOST_TIME {
            return took;
        }
        let without = connect(format!("m{last}-{attempt}"), &own, &auth, calm).await;
        println!("attempt {attempt} from {own} took {took:?}, without handshakes {without:?}");
        counted += u8::from(without < MOST_TIME / 4);
        assert!(
            counted < ATTEMPTS,
            "no attempt from {own} took less than {MOST_TIME:?}"
        );
    }
    panic!("the machine is too busy: {MOST_ATTEMPTS} attempts from {own} took over {MOST_TIME:?}");
}

#[ambit::test(real_time)]
async fn one_address_with_a_thousand_half_handshakes_a_second_keeps_out_no_other() {
    let auth: Auth = Auth::cookie(Cookie::generate().unwrap()).into();
    let target = node("target", &auth, "127.0.0.1:0").start().await.unwrap();
    let to = target.local_addr();
    let calm = node("calm", &auth, "127.0.0.1:0").start().await.unwrap();
    let log = Log::keep();
    let flood = Flood::begin(&auth, to);
    // Waits until they occupy all slots, and the first of them have timed out.
    tokio::time::sleep(Duration::from_secs(6)).await;
    // The error for the flooding address, and the log, name the problem.
    let neighbour = node("neighbour", &auth, "127.0.0.1:0")
        .start()
        .await
        .unwrap();
    // A slot that was just freed may be its own.
    let refused = loop {
        match neighbour.connect(to).await {
            Ok(_) => assert!(neighbour.disconnect("target").await),
            Err(refused) => break refused,
        }
    };
    assert!(
        matches!(refused, ConnectError::Overloaded { .. }),
        "{refused:?}"
    );
    assert!(
        refused.to_string().contains("from this address"),
        "{refused}"
    );
    let lines = log.lines();
    let said = |line: &&String| line.contains("quic::handshakes");
    assert_eq!(lines.iter().filter(said).count(), 1, "{lines:?}");
    let (mut longest, before, began) = (
        Duration::ZERO,
        flood.sent.load(Ordering::Relaxed),
        Instant::now(),
    );
    for last in (2..2 + JOINERS).step_by(AT_ONCE) {
        let joins = (last..)
            .take(AT_ONCE)
            .map(|last| join(last, auth.clone(), to, calm.local_addr()));
        for took in joins.collect::<JoinSet<_>>().join_all().await {
            longest = longest.max(took);
        }
    }
    let rate = || {
        let sent = flood.sent.load(Ordering::Relaxed) - before;
        sent as f64 / began.elapsed().as_secs_f64()
    };
    // A thread that was interrupted catches up.
    while rate() <= LEAST_RATE && began.elapsed() < Duration::from_secs(60) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let rate = rate();
    println!(
        "{JOINERS} of {JOINERS} connected beside {rate:.0} handshakes a second, the slowest in {longest:?}"
    );
    assert!(rate > LEAST_RATE, "{rate}");
    drop(flood);
    neighbour.leave().await;
    calm.leave().await;
    target.leave().await;
}
