//! `metrics --cluster` and `metrics serve --join`: however many members count the clients, and whichever of them is
//! killed, the report is the one of a single process.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use ambit_dist::Cookie;

use crate::json::number;
use crate::log::{TestRng, line, random_log};
use crate::plain::{SAMPLE, sequential};

/// The maximum wait for one line.
const PATIENCE: Duration = Duration::from_secs(15);

/// A process of a cluster, which is killed on drop.
struct Member {
    child: Child,
    printed: Receiver<String>,
    errors: Receiver<String>,
}

/// Reads lines in a separate thread, so that a wait for one has a limit.
fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    let read = move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            sender.send(line).ok();
        }
    };
    thread::spawn(read);
    lines
}

impl Member {
    fn start(cookie: &str, args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_metrics"))
            .args(args)
            .env("METRICS_COOKIE", cookie)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            printed: lines(child.stdout.take().unwrap()),
            errors: lines(child.stderr.take().unwrap()),
            child,
        }
    }

    /// Joins the cluster at this address.
    fn join(cookie: &str, address: &str) -> Self {
        Self::start(cookie, &["serve", "--join", address])
    }

    /// Waits for the first line that begins like this, and returns the rest of it.
    #[track_caller]
    fn line(&self, begins: &str) -> String {
        loop {
            let line = self.printed.recv_timeout(PATIENCE).expect(begins);
            if let Some(rest) = line.strip_prefix(begins) {
                return rest.to_owned();
            }
        }
    }

    /// Kills it without a graceful shutdown.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end; returns its status, its last line, and its errors.
    fn end(mut self) -> (ExitStatus, String, Vec<String>) {
        let mut last = String::new();
        loop {
            match self.printed.recv_timeout(PATIENCE) {
                Ok(line) => last = line,
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end; its last line: {last}"),
            }
        }
        let status = self.child.wait().unwrap();
        (status, last, self.errors.iter().collect())
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The reader of a cluster, and where the other members join.
struct Reader {
    member: Member,
    stdin: ChildStdin,
    cookie: String,
    address: String,
}

impl Reader {
    /// Starts a reader of its standard input, which waits for this number of members.
    fn start(members: usize) -> Self {
        let cookie = Cookie::generate().unwrap().reveal().to_string();
        let members = members.to_string();
        let args = ["-", "--json", "--cluster", "127.0.0.1:0", "--members"];
        let mut member = Member::start(&cookie, &[&args[..], &[&members]].concat());
        let first = member.errors.recv_timeout(PATIENCE).unwrap();
        let address = first.strip_prefix("metrics: members join at ").unwrap();
        Self {
            stdin: member.child.stdin.take().unwrap(),
            address: address.to_owned(),
            member,
            cookie,
        }
    }

    fn join(&self) -> Member {
        Member::join(&self.cookie, &self.address)
    }

    fn read(&mut self, log: &str) {
        self.stdin.write_all(log.as_bytes()).unwrap();
    }

    /// Ends the log; returns the report.
    fn report(self) -> String {
        let Self { member, stdin, .. } = self;
        drop(stdin);
        let (status, report, errors) = member.end();
        assert!(status.success() && errors.is_empty(), "{status} {errors:?}");
        assert_eq!(number(&report, "processes"), 1, "{report}");
        report
    }
}

/// Returns everything in a report that depends on the log alone.
fn figures(report: &str) -> &str {
    report.split_once(",\"client_kills\"").expect(report).0
}

/// Compares a report with the one of a single process, and with the plain count.
#[track_caller]
fn assert_same(report: &str, log: &str) {
    let mut alone = Member::start("", &["-", "--json"]);
    let mut stdin = alone.child.stdin.take().unwrap();
    stdin.write_all(log.as_bytes()).unwrap();
    drop(stdin);
    let (status, expected, _) = alone.end();
    assert!(status.success(), "{status}");
    assert_eq!(figures(report), figures(&expected));
    let plain = sequential(log, 1).json();
    assert_eq!(report.get(..plain.len()), Some(&*plain));
}

#[track_caller]
fn assert_ended(member: Member) -> String {
    let (status, last, errors) = member.end();
    assert!(status.success() && errors.is_empty(), "{status} {errors:?}");
    last
}

/// Returns a log of many clients, so that each of a few members has some of them.
fn log_of_many_clients() -> String {
    let log = |seed| random_log(&mut TestRng::new(seed));
    let logs = (0..5).map(|seed| log(seed).replace("192.0.2.", &format!("198.51.{seed}.")));
    let mut log: String = logs.collect();
    for client in 0..60 {
        log += &line(&format!("203.0.113.{client}"), client, "/", 200, "10");
    }
    log
}

#[test]
fn the_sample_has_the_same_report_on_one_two_and_three_members() {
    for count in 1..=3 {
        let mut reader = Reader::start(count);
        let members: Vec<_> = (1..count).map(|_| reader.join()).collect();
        reader.read(SAMPLE);
        assert_same(&reader.report(), SAMPLE);
        members.into_iter().for_each(|member| {
            assert_ended(member);
        });
    }
}

#[test]
fn a_member_killed_in_the_middle_changes_no_figure() {
    let log = log_of_many_clients();
    let mut reader = Reader::start(3);
    let (victim, survivor) = (reader.join(), reader.join());
    reader.read(&log);
    victim.line("clients ");
    victim.kill();
    reader.read(&log);
    let report = reader.report();
    assert_same(&report, &log.repeat(2));
    // The lost accounts were counted again.
    assert!(number(&report, "repeated_lines") > 0, "{report}");
    assert_ended(survivor);
}

#[test]
fn the_last_members_may_be_killed_after_the_last_line() {
    let log = log_of_many_clients();
    let mut reader = Reader::start(3);
    let victims = [reader.join(), reader.join()];
    reader.read(&log);
    for victim in victims {
        victim.line("clients ");
        victim.kill();
    }
    assert_same(&reader.report(), &log);
}

#[test]
fn a_member_that_joins_late_takes_new_clients() {
    let mut reader = Reader::start(1);
    reader.read(SAMPLE);
    let member = reader.join();
    let has_served = Arc::new(AtomicBool::new(false));
    let (written, is_over) = (Arc::new(Mutex::new(SAMPLE.to_owned())), has_served.clone());
    let all = written.clone();
    let writer = thread::spawn(move || {
        for client in 0.. {
            if is_over.load(Ordering::Relaxed) {
                break;
            }
            let line = line(&format!("client-{client}"), 0, "/", 200, "1");
            reader.read(&line);
            *all.lock().unwrap_or_else(PoisonError::into_inner) += &line;
        }
        reader
    });
    member.line("clients ");
    has_served.store(true, Ordering::Relaxed);
    let report = writer.join().unwrap().report();
    let log = written.lock().unwrap_or_else(PoisonError::into_inner);
    assert_same(&report, &log);
    // The clients that were there before stay where they are.
    assert_eq!(number(&report, "client_restarts"), 0, "{report}");
    assert_ended(member);
}

#[test]
fn a_member_ends_when_the_reader_is_killed() {
    let reader = Reader::start(2);
    let member = reader.join();
    member.line("member-");
    reader.member.kill();
    let (status, _, errors) = member.end();
    let lost = "metrics: the reader is lost, and with it the run";
    assert_eq!((status.code(), errors), (Some(1), vec![lost.to_owned()]));
}

#[test]
fn a_node_without_a_valid_cookie_or_a_reader_does_not_start() {
    let (status, _, errors) = Member::join("swordfish", "127.0.0.1:1").end();
    assert_eq!((status.code(), errors.len()), (Some(2), 1), "{errors:?}");
    let refused = "metrics: cannot start a node at 127.0.0.1:0: the cookie is too short";
    assert!(errors[0].starts_with(refused), "{errors:?}");
    // The port of a cluster that has ended.
    let reader = Reader::start(1);
    let (cookie, address) = (reader.cookie.clone(), reader.address.clone());
    reader.report();
    let (status, _, errors) = Member::join(&cookie, &address).end();
    assert_eq!((status.code(), errors.len()), (Some(2), 1), "{errors:?}");
    let refused = format!("metrics: cannot join {address}: ");
    assert!(errors[0].starts_with(&refused), "{errors:?}");
}
