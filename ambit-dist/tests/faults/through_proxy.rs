//! QUIC through the proxy.

use std::net::SocketAddr;
use std::time::Duration;

use ambit_dist::transport::{Closed, QuicSettings};
use tokio::net::UdpSocket;
use tokio::time::Instant;

use crate::echo::{auth, dial, exchange, quic, serve};
use crate::fate::Conditions;
use crate::proxy::Proxy;

fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

fn short() -> QuicSettings {
    let mut settings = QuicSettings::default();
    settings.idle_timeout = Duration::from_millis(1_500);
    settings.keep_alive = Duration::from_millis(300);
    settings
}

/// Connects through a proxy to an echo server.
macro_rules! through {
    ($seed:expr => $proxy:ident, $connection:ident) => {
        let auth = auth();
        let server = quic(&auth, loopback(), short());
        let $proxy = Proxy::new(ambit_dist::transport::Transport::local_addr(&server), $seed).await;
        tokio::spawn(serve(server));
        let client = quic(&auth, loopback(), short());
        let $connection = dial(&client, $proxy.address()).await.unwrap();
    };
}

#[tokio::test]
async fn packets_take_the_configured_delay() {
    let server = UdpSocket::bind(loopback()).await.unwrap();
    let proxy = Proxy::new(server.local_addr().unwrap(), 1).await;
    let delay = Duration::from_millis(100);
    proxy.set(Conditions {
        delay,
        ..Conditions::default()
    });
    let client = UdpSocket::bind(loopback()).await.unwrap();
    let begin = Instant::now();
    client.send_to(b"there", proxy.address()).await.unwrap();
    let mut buffer = [0; 100];
    let (len, from) = server.recv_from(&mut buffer).await.unwrap();
    assert_eq!(&buffer[..len], b"there");
    assert!(begin.elapsed() >= delay, "{:?}", begin.elapsed());
    server.send_to(b"back", from).await.unwrap();
    let (len, from) = client.recv_from(&mut buffer).await.unwrap();
    assert_eq!((&buffer[..len], from), (&b"back"[..], proxy.address()));
    assert!(begin.elapsed() >= 2 * delay, "{:?}", begin.elapsed());
}

#[tokio::test]
async fn everything_arrives_once_and_in_order_whatever_the_network_does() {
    through!(7 => proxy, connection);
    proxy.set(Conditions {
        delay: Duration::from_millis(2),
        jitter: Duration::from_millis(3),
        lost: 30,
        repeated: 30,
        damaged: 30,
        late: 30,
        rate: 0,
    });
    for _ in 0..5 {
        exchange(&*connection, 50_000).await;
    }
    assert!(connection.stats().lost_packets > 0, "packets were lost");
}

#[tokio::test]
async fn a_narrow_line_is_slow_and_loses_nothing() {
    through!(8 => proxy, connection);
    proxy.set(Conditions {
        rate: 200_000,
        ..Conditions::default()
    });
    let begin = Instant::now();
    exchange(&*connection, 100_000).await;
    assert!(begin.elapsed() >= Duration::from_millis(450));
}

#[tokio::test]
async fn a_cut_of_either_way_ends_the_connection_after_the_idle_time() {
    let cut = Conditions {
        lost: 1_000,
        ..Conditions::default()
    };
    let open = Conditions::default();
    for (there, back) in [(cut, open), (open, cut), (cut, cut)] {
        through!(9 => proxy, connection);
        proxy.set_each(there, back);
        let begin = Instant::now();
        let closed = connection.closed().await;
        let tolerable = matches!(closed, Closed::TimedOut | Closed::Reset);
        assert!(tolerable, "{closed:?} after {:?}", begin.elapsed());
    }
}

#[tokio::test]
async fn a_cut_that_ends_in_time_loses_nothing() {
    through!(10 => proxy, connection);
    exchange(&*connection, 1_000).await;
    proxy.set(Conditions {
        lost: 1_000,
        ..Conditions::default()
    });
    let mended = async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        proxy.set(Conditions::default());
    };
    let ((), ()) = tokio::join!(mended, exchange(&*connection, 10_000));
}
