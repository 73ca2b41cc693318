//! The web API, called over real connections and stopped by a real signal.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

struct Api {
    program: Child,
    lines: Lines<BufReader<ChildStdout>>,
    address: String,
}

impl Api {
    fn start() -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_axum_api"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("cargo has built it");
        let mut lines = BufReader::new(program.stdout.take().expect("piped")).lines();
        let first = lines.next().expect("it says where").expect("text");
        let address = first.strip_prefix("http://").expect("an address").into();
        Self {
            program,
            lines,
            address,
        }
    }

    /// Sends a request, and returns the connection without reading the response.
    fn ask(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        let text = format!("{request} HTTP/1.1\r\nhost: it\r\nconnection: close\r\n\r\n");
        stream.write_all(text.as_bytes()).expect("sent");
        stream
    }

    /// Returns the status, and the body or the `Retry-After` seconds.
    fn request(&self, request: &str) -> (u16, String) {
        answer(self.ask(request))
    }

    fn signal(&self, name: &str) {
        let pid = self.program.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.expect("there is `kill`").success());
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        // It has already ended, unless the test has failed.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

fn answer(mut stream: TcpStream) -> (u16, String) {
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).expect("a status");
    let later = head
        .lines()
        .find_map(|line| line.strip_prefix("retry-after: "));
    let body = later.map_or_else(|| body.to_owned(), |later| format!("again after {later} s"));
    (status.parse().expect("a number"), body)
}

#[test]
fn requests_are_calls_and_errors_are_status_codes() {
    let api = Api::start();
    assert_eq!(api.request("POST /stock/tea/3"), (200, "3".into()));
    assert_eq!(api.request("POST /stock/tea/2"), (200, "5".into()));
    assert_eq!(api.request("GET /stock/tea"), (200, "5".into()));
    assert_eq!(api.request("GET /stock/rum").0, 404);
    // The current request fails; the next one reaches the restarted server, with a new state.
    assert_eq!(api.request("POST /panic").0, 500);
    let until = Instant::now() + Duration::from_secs(10);
    let next = loop {
        let next = api.request("POST /stock/tea/1");
        if next.0 != 503 || Instant::now() > until {
            break next;
        }
    };
    assert_eq!(next, (200, "1".into()));
    // Out of service: the request is not executed, and the response says when to retry.
    assert_eq!(api.request("POST /close").0, 200);
    assert_eq!(
        api.request("GET /stock/tea"),
        (503, "again after 1 s".into())
    );
    assert_eq!(api.request("POST /open").0, 200);
    assert_eq!(api.request("POST /open").0, 409);
    assert_eq!(api.request("POST /stock/tea/7"), (200, "7".into()));
}

#[track_caller]
fn stops_in_order(signal: &str) {
    let mut api = Api::start();
    assert_eq!(api.request("POST /stock/tea/3").0, 200);
    let (first, second) = (api.ask("GET /audit"), api.ask("GET /audit"));
    assert_eq!(answer(first), (200, "1".into()));
    // The second request is in progress.
    api.signal(signal);
    let line = api.lines.next().expect("a line").expect("text");
    assert_eq!(line, "no new requests");
    assert_eq!(answer(second), (200, "1".into()));
    let rest: Vec<_> = api.lines.by_ref().map(|line| line.expect("text")).collect();
    let expected = [
        "requests: all answered",
        "stock: 1 items written down",
        "processes: 1",
    ];
    assert_eq!(rest, expected);
    assert!(api.program.wait().expect("it ends").success());
}

#[test]
fn it_stops_in_order_on_sigterm() {
    stops_in_order("TERM");
}

#[test]
fn it_stops_in_order_on_ctrl_c() {
    stops_in_order("INT");
}
