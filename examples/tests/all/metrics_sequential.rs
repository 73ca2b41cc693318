//! `metrics` compared with a second, plain implementation.

use std::process::Command;

use crate::plain::{SAMPLE, sequential};

fn metrics(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_metrics"))
        .args(args)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn assert_same(found: &str, expected: &str) {
    assert_eq!(
        found.get(..expected.len()),
        Some(expected),
        "\nwhole: {found}"
    );
}

#[test]
fn the_sample_gives_the_same_figures() {
    assert_same(&metrics(&["--json"]), &sequential(SAMPLE, 1).json());
}

#[test]
fn repeating_the_sample_gives_the_same_figures() {
    assert_same(
        &metrics(&["--json", "--repeat", "7"]),
        &sequential(SAMPLE, 7).json(),
    );
}

/// With a mailbox capacity of one every server makes the feeder wait.
#[test]
fn the_size_of_the_mailboxes_changes_no_figure() {
    for mailbox in ["1", "2", "100000"] {
        let args = ["--json", "--repeat", "20", "--mailbox", mailbox];
        assert_same(&metrics(&args), &sequential(SAMPLE, 20).json());
    }
}

#[test]
fn the_table_is_that_of_the_sequential_count() {
    for (repeat, args) in [(1, &[][..]), (40, &["--repeat", "40"])] {
        let table = metrics(args);
        let words = table
            .lines()
            .map(|row| row.split_whitespace().collect::<Vec<_>>().join(" "));
        let of_the_log: Vec<_> = words
            .filter(|row| {
                ![
                    "processes",
                    "lines per second",
                    "line ",
                    "parser restarts",
                    "client ",
                    "repeated lines",
                ]
                .iter()
                .any(|begin| row.starts_with(begin))
            })
            .collect();
        assert_eq!(of_the_log, sequential(SAMPLE, repeat).rows());
    }
}

/// Every server was started, one for each client, route and status; none is left when the table is printed.
#[test]
fn only_the_main_process_is_left_at_the_end() {
    let plain = sequential(SAMPLE, 1);
    let servers = plain.clients.len() + plain.routes.len() + plain.statuses.len();
    let (main, root) = (1, 1);
    let (clients, counters, parsers, feeder) = (1, 1, 1 + 2, 1);
    let at_most = main + root + clients + counters + parsers + feeder + servers;
    let found = metrics(&["--json"]);
    assert!(
        found.contains(&format!(
            "\"processes_at_most\":{at_most},\"processes\":{main},"
        )),
        "{found}"
    );
}

#[test]
fn the_sample_shows_every_feature_of_a_log() {
    let plain = sequential(SAMPLE, 1);
    assert_eq!(
        SAMPLE.lines().count() as u64,
        plain.requests + plain.malformed
    );
    assert_eq!((plain.alerts, plain.truncated, plain.malformed), (1, 1, 2));
    assert!(plain.visits > plain.clients.len() as u64);
}
