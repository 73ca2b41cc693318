//! `cluster_kv`: nodes are killed and restarted, and no answer is wrong.

use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// The limit for a run. The program has a lower limit of its own, also if a node does not recover.
const LIMIT: Duration = Duration::from_secs(180);

fn run(args: &[&str]) -> Output {
    let program = Command::new(env!("CARGO_BIN_EXE_cluster_kv"))
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("cargo has built it");
    let (sender, outputs) = mpsc::channel();
    thread::spawn(move || sender.send(program.wait_with_output()));
    let output = outputs.recv_timeout(LIMIT).expect("it ends in time");
    output.expect("its output can be read")
}

/// Returns the count behind a label of the summary.
fn count(printed: &str, label: &str) -> u64 {
    let count = printed.lines().find_map(|line| line.strip_prefix(label));
    let count = count.unwrap_or_else(|| panic!("no {label}: {printed}"));
    count.trim().parse().expect("it is a number")
}

#[test]
fn no_answer_is_wrong_while_nodes_are_killed() {
    let output = run(&["--chaos", "--seconds", "5"]);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(count(&printed, "wrong answers"), 0, "{printed}");
    for label in ["killed nodes", "moved shards", "writes", "reads"] {
        assert!(count(&printed, label) > 0, "no {label}: {printed}");
    }
}

#[test]
fn an_unknown_argument_is_an_error_that_shows_the_usage() {
    let output = run(&["--choas"]);
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(printed.contains("--chaos"), "{printed}");
}

#[test]
fn a_duration_that_is_no_number_is_named() {
    for text in ["x", "18446744073709551615", "-1"] {
        let output = run(&["--seconds", text]);
        assert_eq!(output.status.code(), Some(1));
        let printed = String::from_utf8_lossy(&output.stderr);
        let expected = format!("--seconds needs a number, not `{text}`");
        assert!(printed.contains(&expected), "{printed}");
    }
}
