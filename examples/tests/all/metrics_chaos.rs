//! `metrics` with broken lines and killed servers: its totals are always those of the plain count.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::json::number;
use crate::log::{self, TestRng, broken, random_log};
use crate::plain::{SAMPLE, sequential};

/// Runs `metrics` over a log on its standard input.
fn metrics(log: &str, args: &[String]) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_metrics"))
        .args(["-", "--json"])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(log.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{args:?}: {output:?}");
    assert!(output.stderr.is_empty(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Compares everything that depends on the log, and the actions of the supervisors.
#[track_caller]
fn assert_same(log: &str, repeat: usize, chaos: Option<u64>, more: &[String]) {
    let plain = sequential(log, repeat);
    let mut args = vec![format!("--repeat={repeat}")];
    args.extend(chaos.map(|lines| format!("--chaos={lines}")));
    args.extend_from_slice(more);
    let found = metrics(log, &args);
    let expected = plain.json();
    assert_eq!(
        found.get(..expected.len()),
        Some(&*expected),
        "{args:?}\nwhole: {found}"
    );
    assert_eq!(number(&found, "parser_restarts"), plain.malformed);
    let kills = chaos.map_or(0, |lines| plain.requests / lines);
    assert_eq!(number(&found, "client_kills"), kills, "{args:?}");
    assert_eq!(number(&found, "client_restarts"), kills, "{args:?}");
    assert_eq!(
        number(&found, "repeated_lines") > 0,
        kills > 0,
        "{args:?}: {found}"
    );
}

#[test]
fn the_sample_has_the_same_totals_however_often_servers_are_killed() {
    for lines in (1..=20).chain([50, 298, 299]) {
        assert_same(SAMPLE, 1, Some(lines), &[]);
    }
}

#[test]
fn a_log_that_is_repeated_has_the_same_totals_too() {
    for lines in [1, 2, 7, 50] {
        assert_same(SAMPLE, 9, Some(lines), &[]);
    }
}

/// A thousand times the default of three restarts in five seconds.
#[test]
fn a_server_that_is_alone_can_be_killed_after_each_line() {
    let mut log = String::new();
    for second in 0..3_000 {
        log += &log::line("192.0.2.1", second, "/", 200, "1");
    }
    assert_same(&log, 1, Some(1), &[]);
}

#[test]
fn broken_lines_cost_nothing_but_themselves_wherever_they_stand() {
    let lines: Vec<_> = SAMPLE.lines().collect();
    let end = lines.len();
    for places in [
        [100, 100, 100],
        [0, 0, 0],
        [end, end, end],
        [0, 150, end],
        [99, 100, 101],
    ] {
        let mut log: Vec<_> = lines.clone();
        for (n, place) in places.into_iter().enumerate().rev() {
            log.insert(place, broken(n));
        }
        let log = log.join("\n");
        for chaos in [None, Some(7)] {
            assert_same(&log, 1, chaos, &[]);
        }
    }
}

#[test]
fn a_parser_may_crash_hundreds_of_times_in_a_row() {
    let log = format!("{SAMPLE}{}{SAMPLE}", "\n".repeat(700));
    assert_same(&log, 1, None, &[]);
    assert_same(&"x\n".repeat(300), 2, Some(3), &[]);
}

#[test]
fn random_logs_have_the_same_totals_under_random_chaos() {
    for seed in 0..40 {
        let mut rng = TestRng::new(seed);
        let log = random_log(&mut rng);
        let repeat = 1 + rng.below(3) as usize;
        let chaos = (rng.below(5) > 0).then(|| 1 + rng.below(20));
        let mailbox = [1, 2, 16, 1_024][rng.below(4) as usize];
        assert_same(&log, repeat, chaos, &[format!("--mailbox={mailbox}")]);
    }
}
