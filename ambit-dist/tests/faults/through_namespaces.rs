//! QUIC and nodes between two network namespaces, with a firewall that drops packets.

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use ambit_dist::Auth;
use ambit_dist::transport::{Closed, QuicSettings};
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin};

use crate::cut::{Line, cut_and_mend};
use crate::echo::{dial, exchange, quic, serve};
use crate::namespaces::{ENDS, Namespaces};
use crate::process::Far;
use crate::program::{Setup, say};
use crate::stage::{Near, SILENCE, cookie};

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

/// Not a test of its own: runs in the first namespace.
#[tokio::test]
#[ignore = "started in a namespace by the tests below"]
async fn server() {
    let server = quic(&auth(), SocketAddr::new(ENDS[0], PORT), settings());
    serve(server).await;
}

/// Not a test of its own: runs in the second namespace.
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

/// Creates the namespaces, or reports that the test is skipped.
fn namespaces(test: &str) -> Option<Namespaces> {
    Namespaces::new(test)
        .map_err(|reason| skipped(test, &format!("no network namespaces here: {reason}")))
        .ok()
}

/// Bypasses the capture of the test harness, so that the message is visible.
fn skipped(test: &str, reason: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {reason}");
}

/// Runs a server and a client under rules of the server's firewall.
fn under(test: &str, rules: impl FnOnce(&Namespaces) -> Result<(), String>, expect: &str) {
    let Some(namespaces) = namespaces(test) else {
        return;
    };
    if let Err(reason) = rules(&namespaces) {
        return skipped(test, &reason);
    }
    let variables = [(COOKIE, cookie()), (EXPECT, expect.to_owned())];
    let _server = namespaces.start(0, "through_namespaces::server", &variables);
    let mut client = namespaces.start(1, "through_namespaces::client", &variables);
    assert!(client.wait(), "the client fails");
}

#[test]
fn bytes_go_through_the_real_stack_of_the_system() {
    under("plain", |_| Ok(()), "all");
}

#[test]
fn bytes_arrive_whole_though_some_packets_are_dropped() {
    under("lossy", Namespaces::lossy, "loss");
}

#[test]
fn a_firewall_that_drops_all_packets_is_reported_as_no_answer() {
    under("cut", |namespaces| namespaces.cut(0, true), "nothing");
}

/// The cable as seen by a node in a namespace: it asks the test to cut it, and waits for the confirmation.
struct Cable(Lines<BufReader<Stdin>>);

impl Cable {
    async fn ask(&mut self, what: &str) {
        say(what);
        let done = self.0.next_line().await.unwrap();
        assert_eq!(done.as_deref(), Some("done"));
    }
}

impl Line for Cable {
    async fn cut(&mut self) {
        self.ask("cut").await;
    }

    async fn heal(&mut self) {
        self.ask("heal").await;
    }
}

/// Not a test of its own: a node in the second namespace, which loses the one in the first and finds it again.
#[ambit::test(real_time)]
#[ignore = "started in a namespace by the test below"]
async fn parted() {
    let mut near = Near::start(&Setup::of_variables().unwrap()).await;
    near.up("b").await;
    let log = near.log_on("b").await;
    let mut cable = Cable(BufReader::new(tokio::io::stdin()).lines());
    for _ in 0..2 {
        let took = cut_and_mend(&mut near, &log, &mut cable, SILENCE * 2).await;
        say(&took.to_string());
    }
    near.nothing_else().await;
    say("over");
}

#[tokio::test]
async fn nodes_that_a_firewall_parts_find_each_other() {
    let Some(namespaces) = namespaces("parted") else {
        return;
    };
    let b = Setup {
        name: "b".to_owned(),
        cookie: cookie(),
        listen: SocketAddr::new(ENDS[0], PORT),
        seeds: Vec::new(),
        silence: SILENCE,
    };
    let process = namespaces.start(0, "program::node", &b.variables());
    let mut far = Far::of(process).await;
    let a = Setup {
        name: "a".to_owned(),
        listen: SocketAddr::new(ENDS[1], PORT),
        seeds: vec![far.address],
        ..b
    };
    let mut near = namespaces.start(1, "through_namespaces::parted", &a.variables());
    far.up("a").await;
    // First the cut stops both directions, then only the one to the first namespace.
    let mut cuts = [[true, true], [true, false]].into_iter();
    loop {
        let cut = match &*near.said().await {
            "over" => break,
            "cut" => cuts.next().unwrap(),
            "heal" => [false; 2],
            took => {
                println!("parted in namespaces: {took}");
                far.down("a").await;
                far.up("a").await;
                continue;
            }
        };
        for (end, is_cut) in cut.into_iter().enumerate() {
            namespaces.cut(end, is_cut).unwrap();
        }
        near.tell("done");
    }
    assert!(near.wait(), "the node in the second namespace fails");
}
