//! Measures the overhead of the transport traits compared with plain quinn on loopback: `just bench-transport`.
//!
//! All rows of a table are measured in turns, round by round, so that a slow moment of the machine affects all of them;
//! the table shows medians. The output compares rows on one machine and promises nothing about others.

#![allow(missing_docs, clippy::disallowed_methods, clippy::unwrap_used)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ambit_dist::transport::{
    Connection, Dial, Memory, Quic, QuicSettings, ReceiveHalf, SendHalf, Transport,
};
use ambit_dist::{Auth, Cookie, Credentials};
use bytes::Bytes;
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use tokio::runtime::Runtime;

const ROUNDS: usize = 15;
/// A message of 64 bytes with its header.
const MESSAGE: usize = 92;
/// The number of messages in one write.
const BATCH: usize = 256;
const BATCHES: usize = 1_000;
const PINGS: usize = 1_000;
const BULK: usize = 100 << 20;
const CHUNK: usize = 64 << 10;

/// The two halves of one stream between two ends, plain or behind the traits.
enum Ends {
    Plain(quinn::SendStream, quinn::RecvStream),
    Traits(Box<dyn SendHalf>, Box<dyn ReceiveHalf>),
}

/// One stream in each direction, for writing and reading.
struct Way {
    name: &'static str,
    there: Ends,
    back: Ends,
    /// Keeps the connections open.
    _held: Box<dyn Send>,
}

fn main() {
    let runtime = Runtime::new().unwrap();
    let mut ways = runtime.block_on(async { vec![plain().await, quic().await, memory().await] });
    let quick = std::env::args().any(|argument| argument == "--quick");
    let rounds = if quick { 3 } else { ROUNDS };

    let batch = Bytes::from(vec![7; MESSAGE * BATCH]);
    let table = in_turns(&mut ways, rounds, |way| {
        let time = runtime.block_on(send(&mut way.there, &batch, BATCHES));
        vec![(BATCHES * BATCH) as f64 / time.as_secs_f64() / 1e6]
    });
    print(
        "64-byte messages, 256 a write, one stream",
        &["M messages/s"],
        &ways,
        &table,
    );

    let table = in_turns(&mut ways, rounds, |way| {
        let mut times = runtime.block_on(ping(way));
        times.sort();
        let micros = |of: usize| times[PINGS * of / 100].as_secs_f64() * 1e6;
        vec![micros(50), micros(99)]
    });
    print(
        "there and back, 64 bytes",
        &["p50 us", "p99 us"],
        &ways,
        &table,
    );

    let chunk = Bytes::from(vec![7; CHUNK]);
    let table = in_turns(&mut ways, rounds.div_ceil(3), |way| {
        let time = runtime.block_on(send(&mut way.there, &chunk, BULK / CHUNK));
        vec![BULK as f64 / time.as_secs_f64() / 1e6]
    });
    print("100 MiB in writes of 64 KiB", &["MB/s"], &ways, &table);
}

/// Returns the figures of each way, round by round.
fn in_turns(
    ways: &mut [Way],
    rounds: usize,
    mut measure: impl FnMut(&mut Way) -> Vec<f64>,
) -> Vec<Vec<Vec<f64>>> {
    let mut table = vec![Vec::new(); ways.len()];
    for round in 0..=rounds {
        for (way, row) in ways.iter_mut().zip(&mut table) {
            let figures = measure(way);
            // The first round is only a warm-up.
            if round > 0 {
                row.push(figures);
            }
        }
    }
    table
}

fn print(title: &str, columns: &[&str], ways: &[Way], table: &[Vec<Vec<f64>>]) {
    println!("\n{title}");
    let medians: Vec<Vec<f64>> = table.iter().map(|rows| medians(rows)).collect();
    for (at, (way, figures)) in ways.iter().zip(&medians).enumerate() {
        let mut line = format!("  {:<22}", way.name);
        for (column, (figure, plain)) in columns.iter().zip(figures.iter().zip(&medians[0])) {
            line += &format!("{figure:>10.2} {column}");
            if at > 0 {
                line += &format!(" ({:+.1} %)", (figure / plain - 1.0) * 100.0);
            }
        }
        println!("{line}");
    }
}

fn medians(rows: &[Vec<f64>]) -> Vec<f64> {
    (0..rows[0].len())
        .map(|column| {
            let mut figures: Vec<f64> = rows.iter().map(|row| row[column]).collect();
            figures.sort_by(f64::total_cmp);
            figures[figures.len() / 2]
        })
        .collect()
}

/// Returns the time until this many writes have all been read.
async fn send(ends: &mut Ends, bytes: &Bytes, writes: usize) -> Duration {
    let begin = Instant::now();
    let all = bytes.len() * writes;
    match ends {
        Ends::Plain(send, receive) => {
            let writing = async {
                for _ in 0..writes {
                    send.write_chunk(bytes.clone()).await.unwrap();
                }
            };
            let reading = async {
                let mut read = 0;
                while read < all {
                    let chunk = receive.read_chunk(CHUNK, true).await.unwrap().unwrap();
                    read += chunk.bytes.len();
                }
            };
            tokio::join!(writing, reading);
        }
        Ends::Traits(send, receive) => {
            let writing = async {
                for _ in 0..writes {
                    send.write(bytes.clone()).await.unwrap();
                }
            };
            let reading = async {
                let mut read = 0;
                while read < all {
                    read += receive.read().await.unwrap().unwrap().len();
                }
            };
            tokio::join!(writing, reading);
        }
    }
    begin.elapsed()
}

/// Returns the time from each question to its answer.
async fn ping(way: &mut Way) -> Vec<Duration> {
    let question = Bytes::from(vec![7; 64]);
    let mut times = Vec::with_capacity(PINGS);
    for _ in 0..PINGS {
        let there = send(&mut way.there, &question, 1).await;
        times.push(there + send(&mut way.back, &question, 1).await);
    }
    times
}

fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

fn credentials() -> Credentials {
    let auth = Auth::from(Auth::cookie(Cookie::generate().unwrap()));
    auth.credentials(&"a".parse().unwrap(), &"bench".parse().unwrap())
        .unwrap()
}

async fn quic() -> Way {
    let tls = credentials();
    let bind = || Quic::bind(loopback(), &tls, QuicSettings::default()).unwrap();
    behind_traits("Quic", Box::new(bind()), Box::new(bind())).await
}

async fn memory() -> Way {
    let network = Memory::new();
    let bind = || Box::new(network.bind(loopback()).unwrap());
    behind_traits("Memory", bind(), bind()).await
}

async fn behind_traits(
    name: &'static str,
    one: Box<dyn Transport>,
    two: Box<dyn Transport>,
) -> Way {
    let dial = Dial {
        address: two.local_addr(),
        server_name: "any.bench.ambit".to_owned(),
    };
    let (dialled, accepted) = tokio::join!(one.dial(dial), async {
        two.accept().await.unwrap().finish().await
    });
    let (dialled, accepted) = (dialled.unwrap(), accepted.unwrap());
    dialled.begin_session();
    accepted.begin_session();
    Way {
        name,
        there: traits(&*dialled, &*accepted).await,
        back: traits(&*accepted, &*dialled).await,
        _held: Box::new((one, two, dialled, accepted)),
    }
}

async fn traits(from: &dyn Connection, to: &dyn Connection) -> Ends {
    let mut send = from.open_uni().await.unwrap();
    send.write("x".into()).await.unwrap();
    let mut receive = to.accept_uni().await.unwrap();
    receive.read().await.unwrap();
    Ends::Traits(send, receive)
}

/// Creates two endpoints of quinn with the windows of `Quic`.
async fn plain() -> Way {
    let tls = credentials();
    let mut transport = quinn::TransportConfig::default();
    transport
        .stream_receive_window((4_u32 << 20).into())
        .receive_window((32_u32 << 20).into())
        .send_window(16 << 20)
        .keep_alive_interval(Some(Duration::from_secs(3)))
        .datagram_receive_buffer_size(None);
    let transport = Arc::new(transport);
    let crypto = QuicServerConfig::try_from(tls.server).unwrap();
    let mut server = quinn::ServerConfig::with_crypto(Arc::new(crypto));
    server.transport_config(transport.clone());
    let crypto = QuicClientConfig::try_from(tls.client).unwrap();
    let mut client = quinn::ClientConfig::new(Arc::new(crypto));
    client.transport_config(transport);
    let endpoint = |config| {
        let address = loopback().into();
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None);
        let socket = socket.unwrap();
        socket.set_send_buffer_size(4 << 20).unwrap();
        socket.set_recv_buffer_size(4 << 20).unwrap();
        socket.bind(&address).unwrap();
        let runtime = Arc::new(quinn::TokioRuntime);
        let plain = quinn::EndpointConfig::default();
        quinn::Endpoint::new(plain, config, socket.into(), runtime).unwrap()
    };
    let (one, two) = (endpoint(None), endpoint(Some(server)));
    let address = two.local_addr().unwrap();
    let dialling = one.connect_with(client, address, "any.bench.ambit");
    let (dialled, accepted) = tokio::join!(dialling.unwrap(), async {
        two.accept().await.unwrap().await
    });
    let (dialled, accepted) = (dialled.unwrap(), accepted.unwrap());
    Way {
        name: "quinn by hand",
        there: plainly(&dialled, &accepted).await,
        back: plainly(&accepted, &dialled).await,
        _held: Box::new((one, two, dialled, accepted)),
    }
}

async fn plainly(from: &quinn::Connection, to: &quinn::Connection) -> Ends {
    let mut send = from.open_uni().await.unwrap();
    send.write_all(b"x").await.unwrap();
    let mut receive = to.accept_uni().await.unwrap();
    receive.read_chunk(CHUNK, true).await.unwrap();
    Ends::Plain(send, receive)
}
