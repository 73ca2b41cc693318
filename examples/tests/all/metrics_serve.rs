//! `metrics serve` and `metrics send`: producers connect and disconnect, idle servers end, and Ctrl-C stops everything
//! in order.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::json::number;
use crate::log::{TestRng, broken, line, random_log};
use crate::plain::{SAMPLE, sequential};

/// The maximum wait of a test.
const PATIENCE: Duration = Duration::from_secs(60);
/// The main process, two supervision trees, three supervisors, two parsers, the feeder, the producers' supervisor, the
/// acceptor.
const PROCESSES: u64 = 11;

fn metrics(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_metrics"));
    command.args(args).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A running service, which is killed if the test fails.
struct Service {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
    address: String,
}

impl Service {
    fn start(args: &[&str]) -> Self {
        let mut child = metrics(&["serve", "127.0.0.1:0", "--json"])
            .args(args)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let address = first.strip_prefix("{\"listening\":\"").unwrap();
        Self {
            address: address.strip_suffix("\"}").unwrap().to_owned(),
            child,
            lines,
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Starts a producer that sends this text.
    fn send(&self, log: &str) -> Child {
        let mut command = metrics(&["send", &self.address, "-"]);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let log = log.to_owned();
        // In a separate thread, because a pipe has little capacity. A producer that has ended reads no more.
        std::thread::spawn(move || stdin.write_all(log.as_bytes()).ok());
        child
    }

    /// Reads one report per second, up to the first that satisfies `will_do`.
    fn report(&mut self, will_do: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        let mut last = String::new();
        while began.elapsed() < PATIENCE {
            last = self.lines.next().unwrap().unwrap();
            if will_do(&last) {
                return last;
            }
        }
        panic!("waited too long: {last}");
    }

    fn interrupt(&self) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// Stops it with Ctrl-C; returns the last report.
    fn stop(mut self) -> String {
        self.interrupt();
        let last = self.lines.by_ref().last().unwrap().unwrap();
        let status = self.child.wait().unwrap();
        let mut said = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        assert!(status.success() && said.is_empty(), "{status}: {said}");
        assert_eq!(number(&last, "processes"), 1, "{last}");
        last
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It has already ended, unless the test has failed.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[track_caller]
fn assert_counted(producer: Child, lines: usize) {
    let output = producer.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(said, format!("{lines} lines sent and counted\n"));
}

#[track_caller]
fn assert_same(found: &str, log: &str) {
    let plain = sequential(log, 1);
    let expected = plain.json();
    let found_so_far = found.get(..expected.len());
    assert_eq!(found_so_far, Some(&*expected), "\nwhole: {found}");
    assert_eq!(number(found, "parser_restarts"), plain.malformed);
}

#[track_caller]
fn assert_failed(output: &Output, code: i32, begins: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    let found = (output.status.code(), said.lines().count());
    assert_eq!(found, (Some(code), 1), "{output:?}");
    assert!(said.starts_with(begins), "{said}");
}

#[test]
fn several_producers_at_once_are_counted_like_one_log() {
    let service = Service::start(&[]);
    let mut logs: Vec<_> = (0..5)
        .map(|seed| random_log(&mut TestRng::new(seed)))
        .collect();
    for (n, log) in logs.iter_mut().enumerate() {
        // Separate clients: the order of one client's lines matters for its visits.
        *log = log.replace("192.0.2.", &format!("198.51.{n}."));
    }
    let producers: Vec<_> = logs.iter().map(|log| service.send(log)).collect();
    for (producer, log) in producers.into_iter().zip(&logs) {
        assert_counted(producer, log.lines().count());
    }
    assert_same(&service.stop(), &logs.concat());
}

#[test]
fn a_line_counts_as_soon_as_it_has_come_and_not_before_it_is_whole() {
    let mut service = Service::start(&[]);
    let mut producer = service.connect();
    let text = line("192.0.2.1", 0, "/", 200, "5120");
    let (begin, end) = text.split_at(text.find("20 \"-\"").unwrap());
    producer.write_all(begin.as_bytes()).unwrap();
    let before = service.report(|_| true);
    let before = number(&before, "requests") + number(&service.report(|_| true), "requests");
    producer.write_all(end.as_bytes()).unwrap();
    let after = service.report(|report| number(report, "requests") > 0);
    assert_eq!((before, number(&after, "bytes")), (0, 5_120));
    assert_same(&service.stop(), &text);
}

#[test]
fn a_producer_that_vanishes_inside_a_line_leaves_the_whole_ones() {
    let mut service = Service::start(&[]);
    let whole = line("192.0.2.1", 0, "/", 200, "10").repeat(3);
    let part = &whole[..whole.len() / 6];
    let mut gone = service.connect();
    gone.write_all(format!("{whole}{part}").as_bytes()).unwrap();
    drop(gone);
    let mut done = service.connect();
    done.write_all(format!("{whole}{part}").as_bytes()).unwrap();
    done.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    done.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "4 lines\n");
    let both = |report: &str| number(report, "unfinished") == 2;
    service.report(both);
    assert_same(&service.stop(), &whole.repeat(2));
}

#[test]
fn overlong_lines_are_truncated_without_side_effects() {
    let service = Service::start(&[]);
    let whole = line("192.0.2.1", 0, "/", 200, "10");
    let garbage = "x".repeat(300_000);
    let long = whole.replace("\"test\"", &format!("\"{garbage}\""));
    let log = format!("{whole}{garbage}\n{long}{whole}");
    assert_counted(service.send(&log), 4);
    let report = service.stop();
    let found = ["requests", "truncated", "malformed", "parser_restarts"];
    // The truncated line contains all counted fields, so it counts as a request.
    let requests = report.split_once(',').unwrap().0;
    assert_eq!(requests, "{\"requests\":3");
    assert_eq!(
        found[1..]
            .iter()
            .map(|name| number(&report, name))
            .collect::<Vec<_>>(),
        [1, 1, 1]
    );
}

#[test]
fn broken_lines_of_one_producer_do_not_touch_another() {
    let service = Service::start(&[]);
    let breaking = format!("{}\n", broken(1)).repeat(400);
    let breakers: Vec<_> = (0..3).map(|_| service.send(&breaking)).collect();
    let good = service.send(SAMPLE);
    assert_counted(good, SAMPLE.lines().count());
    for breaker in breakers {
        assert_counted(breaker, 400);
    }
    assert_same(&service.stop(), &format!("{SAMPLE}{}", breaking.repeat(3)));
}

#[test]
fn idle_servers_stop_and_their_successors_continue_from_the_saved_state() {
    let mut service = Service::start(&["--idle", "1"]);
    let plain = sequential(SAMPLE, 1);
    let (clients, counters) = (
        plain.clients.len(),
        plain.routes.len() + plain.statuses.len(),
    );
    for time in 1..=2 {
        assert_counted(service.send(SAMPLE), SAMPLE.lines().count());
        let handed_over = time * clients as u64;
        let report = service.report(|report| number(report, "client_hand_overs") == handed_over);
        assert_eq!(
            number(&report, "processes"),
            PROCESSES + counters as u64,
            "{report}"
        );
        assert_eq!(number(&report, "client_restarts"), 0, "{report}");
    }
    assert_same(&service.stop(), &SAMPLE.repeat(2));
}

#[test]
fn ctrl_c_during_a_stream_counts_the_lines_taken_and_notifies_the_producer() {
    let mut service = Service::start(&[]);
    let endless = random_log(&mut TestRng::new(3)).repeat(2_000);
    let producer = service.send(&endless);
    service.report(|report| number(report, "lines") > 0);
    let last = service.stop();
    assert!(last.starts_with("{\"requests\":"), "{last}");
    let output = producer.wait_with_output().unwrap();
    assert!(output.stdout.is_empty(), "{output:?}");
    assert_failed(&output, 1, "metrics: ");
}

#[test]
fn ctrl_c_stops_an_unused_service() {
    assert_same(&Service::start(&[]).stop(), "");
}

/// A producer that is faster than the service waits; its lines are not buffered.
#[test]
#[cfg(target_os = "linux")]
fn memory_stays_as_it_is_however_much_is_sent() {
    let mut service = Service::start(&[]);
    let peak = |service: &Service| {
        let status = std::fs::read_to_string(format!("/proc/{}/status", service.child.id()));
        let status = status.unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmHWM:"))
            .unwrap();
        line.split_whitespace()
            .nth(1)
            .unwrap()
            .parse::<u64>()
            .unwrap()
    };
    let log = SAMPLE.repeat(40);
    assert_counted(service.send(&log), log.lines().count());
    let before = peak(&service);
    let many: Vec<_> = (0..3).map(|_| service.send(&log.repeat(4))).collect();
    for producer in many {
        assert_counted(producer, 4 * log.lines().count());
    }
    let after = peak(&service);
    assert!(after < before + 8_000, "from {before} kB to {after} kB");
    service.report(|_| true);
    service.stop();
}

#[test]
fn invalid_requests_are_reported_in_one_line() {
    let service = Service::start(&[]);
    let taken = metrics(&["serve", &service.address]).output().unwrap();
    assert_failed(&taken, 2, "metrics: cannot listen on 127.0.0.1:");
    let no_log = metrics(&["send", &service.address, "no/such.log"]).output();
    assert_failed(&no_log.unwrap(), 2, "metrics: cannot open \"no/such.log\"");
    let address = service.address.clone();
    service.stop();
    let nobody = metrics(&["send", &address, "-"]).output().unwrap();
    assert_failed(&nobody, 2, "metrics: cannot connect to 127.0.0.1:");
}
