//! Runs the program of a generated project: configured by the environment, queried over HTTP, stopped by a signal.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The child process, killed if the test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // The process has already ended, unless the test failed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn request(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let limit = Some(Duration::from_secs(20));
    stream.set_read_timeout(limit).unwrap();
    let text = format!("{request} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

pub(super) fn serves_and_stops(program: &Path, project: &Path) {
    let started = Command::new(program)
        .current_dir(project)
        .env("SERVICE__LISTEN", "127.0.0.1:0")
        .stderr(Stdio::piped())
        .spawn();
    let mut running = Running(started.unwrap());
    let log = running.0.stderr.take().unwrap();
    let mut log = BufReader::new(log).lines().map(Result::unwrap);
    let first = log.next().unwrap();
    let (_, address) = first.split_once("listening address=").expect(&first);

    let health = request(address, "GET /health");
    assert!(health.starts_with("HTTP/1.1 200"), "{health}");
    let missing = request(address, "GET /none");
    assert!(missing.starts_with("HTTP/1.1 404"), "{missing}");

    let pid = running.0.id().to_string();
    let sent = Command::new("kill").args(["-s", "TERM", &pid]).status();
    assert!(sent.unwrap().success());
    let rest: Vec<String> = log.collect();
    let stages = ["draining", "visits are final", "stopped"];
    assert_eq!(rest.len(), stages.len(), "{rest:#?}");
    for (line, stage) in rest.iter().zip(stages) {
        assert!(line.contains(stage), "{rest:#?}");
    }
    assert!(running.0.wait().unwrap().success());
}
