//! The first program of each chapter prints what its page shows.

use std::process::Command;

/// Runs a program and compares what it prints with the file that its page includes.
#[track_caller]
fn prints(program: &str, expected: &str) {
    // It makes all calls of a test go one way; a page shows what is so by default.
    let output = Command::new(program)
        .env_remove("AMBIT_IN_PLACE")
        .output()
        .expect("cargo has built the program");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} failed: {errors}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}

#[test]
fn a_server() {
    prints(
        env!("CARGO_BIN_EXE_guide-server"),
        include_str!("../code/first_server.txt"),
    );
}

#[test]
fn calls_errors_and_timeouts() {
    prints(
        env!("CARGO_BIN_EXE_guide-calls"),
        include_str!("../code/first_calls.txt"),
    );
}

#[test]
fn finding_servers_by_name() {
    prints(
        env!("CARGO_BIN_EXE_guide-names"),
        include_str!("../code/first_names.txt"),
    );
}

#[test]
fn mailboxes_and_back_pressure() {
    prints(
        env!("CARGO_BIN_EXE_guide-mailboxes"),
        include_str!("../code/first_mailboxes.txt"),
    );
}

#[test]
fn let_it_crash() {
    prints(
        env!("CARGO_BIN_EXE_guide-supervisor"),
        include_str!("../code/first_supervisor.txt"),
    );
}

#[test]
fn the_mathematics_of_supervision() {
    prints(
        env!("CARGO_BIN_EXE_guide-window"),
        include_str!("../code/first_window.txt"),
    );
}

#[test]
fn links_and_monitors() {
    prints(
        env!("CARGO_BIN_EXE_guide-links"),
        include_str!("../code/first_links.txt"),
    );
}

#[test]
fn restarts_and_messages() {
    prints(
        env!("CARGO_BIN_EXE_guide-restarts"),
        include_str!("../code/first_restarts.txt"),
    );
}

#[test]
fn performance() {
    prints(
        env!("CARGO_BIN_EXE_guide-performance"),
        include_str!("../code/first_performance.txt"),
    );
}

#[test]
fn looking_inside() {
    prints(
        env!("CARGO_BIN_EXE_guide-inspection"),
        include_str!("../code/first_inspection.txt"),
    );
}
