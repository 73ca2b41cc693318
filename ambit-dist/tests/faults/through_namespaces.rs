//! QUIC between two network namespaces, with a firewall that drops.

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use ambit_dist::transport::{Closed, QuicSettings};
use ambit_dist::{Auth, Cookie};

use crate::echo::{dial, exchange, quic, serve};
use crate::namespaces::{ENDS, Namespaces};

const PORT: u16 = 7_777;
const COOKIE: &str = "AMBIT_TEST_COOKIE";
const EXPECT: &str = "AMBIT_TEST_EXPECT";

fn settings() -> QuicSettings {
    let mut settings = QuicSettings::default();
    settings.idle_timeout = Duration::from_secs(2);
    settings.keep_alive = Duration::from_millis(300);
    settings
}

fn auth() -> Auth {
    Auth::cookie(std::env::var(COOKIE).unwrap().as_str()).into()
}

/// Not a test by itself: what runs in the first namespace.
#[tokio::test]
#[ignore = "started in a namespace by the tests below"]
async fn server() {
    let server = quic(&auth(), SocketAddr::new(ENDS[0], PORT), settings());
    serve(server).await;
}

/// Not a test by itself: what runs in the second namespace.
#[tokio::test]
#[ignore = "started in a namespace by the tests below"]
async fn client() {
    let client = quic(&auth(), SocketAddr::new(ENDS[1], 0), settings());
    let server = SocketAddr::new(ENDS[0], PORT);
    let dialled = dial(&client, server).await;
    if std::env::var(EXPECT).unwrap() == "nothing" {
        let unreachable = dialled.unwrap_err().to_string();
        assert!(
            unreachable.starts_with("nothing answers at"),
            "{unreachable}"
        );
        return;
    }
    let connection = dialled.unwrap();
    for _ in 0..5 {
        exchange(&*connection, 100_000).await;
    }
    if std::env::var(EXPECT).unwrap() == "loss" {
        assert!(connection.stats().lost_packets > 0, "packets were lost");
    }
    connection.close(ambit_dist::wire::CloseCode::Normal, "");
    assert_eq!(connection.closed().await, Closed::Local);
}

/// Runs a server and a client under rules of the server's firewall; says so where that cannot be.
fn under(name: &str, rules: &str, expect: &str) {
    let namespaces = match Namespaces::new(name) {
        Ok(namespaces) => namespaces,
        Err(reason) => {
            // Past what the harness catches, so that it is seen.
            let mut seen = std::io::stderr();
            let _ = writeln!(
                seen,
                "skipped: {name}: no network namespaces here: {reason}"
            );
            return;
        }
    };
    namespaces.drops(0, rules).unwrap();
    let cookie = Cookie::generate().unwrap().reveal().to_string();
    let variables = [(COOKIE, cookie), (EXPECT, expect.to_owned())];
    let _server = namespaces.start(0, "through_namespaces::server", &variables);
    let mut client = namespaces.start(1, "through_namespaces::client", &variables);
    assert!(client.wait(), "the client fails");
}

#[test]
fn bytes_go_through_the_real_stack_of_the_system() {
    under("plain", "", "all");
}

#[test]
fn bytes_arrive_whole_though_the_firewall_drops_some_packets() {
    under(
        "lossy",
        "meta l4proto udp numgen random mod 100 < 5 drop",
        "loss",
    );
}

#[test]
fn a_firewall_that_drops_all_is_told_as_that_nothing_answers() {
    under("cut", "meta l4proto udp drop", "nothing");
}
