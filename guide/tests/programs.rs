//! The first program of each chapter prints what its page shows.

use std::process::Command;

/// Runs a program and compares what it prints with the file that its page includes.
#[track_caller]
fn prints(program: &str, expected: &str) {
    // It makes all calls of a test go one way; a page shows what is so by default.
    let output = Command::new(env!("CARGO_BIN_EXE_guide"))
        .arg(program)
        .env_remove("AMBIT_IN_PLACE")
        .output()
        .expect("cargo has built the program");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} failed: {errors}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}

#[test]
fn a_server() {
    prints("server", include_str!("../code/first_server.txt"));
}

#[test]
fn calls_errors_and_timeouts() {
    prints("calls", include_str!("../code/first_calls.txt"));
}

#[test]
fn finding_servers_by_name() {
    prints("names", include_str!("../code/first_names.txt"));
}

#[test]
fn groups() {
    prints("groups", include_str!("../code/first_groups.txt"));
}

#[test]
fn publish_and_subscribe() {
    prints("pubsub", include_str!("../code/first_pubsub.txt"));
}

#[test]
fn mailboxes_and_back_pressure() {
    prints("mailboxes", include_str!("../code/first_mailboxes.txt"));
}

#[test]
fn let_it_crash() {
    prints("supervisor", include_str!("../code/first_supervisor.txt"));
}

#[test]
fn the_mathematics_of_supervision() {
    prints("window", include_str!("../code/first_window.txt"));
}

#[test]
fn links_and_monitors() {
    prints("links", include_str!("../code/first_links.txt"));
}

#[test]
fn restarts_and_messages() {
    prints("restarts", include_str!("../code/first_restarts.txt"));
}

#[test]
fn processes_and_inboxes() {
    prints("processes", include_str!("../code/first_processes.txt"));
}

#[test]
fn pools_of_workers() {
    prints("pools", include_str!("../code/first_pools.txt"));
}

#[test]
fn performance() {
    prints("performance", include_str!("../code/first_performance.txt"));
}

#[test]
fn other_libraries() {
    prints("ecosystem", include_str!("../code/first_ecosystem.txt"));
}

#[test]
fn tables() {
    prints("tables", include_str!("../code/first_tables.txt"));
}

#[test]
fn state_machines() {
    prints(
        "state_machine",
        include_str!("../code/first_state_machine.txt"),
    );
}

#[test]
fn deadlines() {
    prints("deadlines", include_str!("../code/first_deadlines.txt"));
}

#[test]
fn retries_breakers_and_limits() {
    prints("retries", include_str!("../code/first_retries.txt"));
}

#[test]
fn tasks() {
    prints("tasks", include_str!("../code/first_tasks.txt"));
}

#[test]
fn agents() {
    prints("agents", include_str!("../code/first_agents.txt"));
}

#[test]
fn applications() {
    prints(
        "applications",
        include_str!("../code/first_applications.txt"),
    );
}

#[test]
fn configuration() {
    prints(
        "configuration",
        include_str!("../code/first_configuration.txt"),
    );
}

#[test]
fn looking_inside() {
    prints("inspection", include_str!("../code/first_inspection.txt"));
}

#[test]
fn a_tcp_server() {
    prints("tcp_server", include_str!("../code/first_tcp_server.txt"));
}

#[test]
fn drain_then_stop() {
    prints("drain", include_str!("../code/first_drain.txt"));
}

#[test]
fn tracing_and_metrics() {
    prints("tracing", include_str!("../code/first_tracing.txt"));
}

#[test]
fn coming_from_actix() {
    prints("from_actix", include_str!("../code/coming_from/actix.txt"));
}

#[test]
fn coming_from_erlang() {
    prints(
        "from_erlang",
        include_str!("../code/coming_from/erlang.txt"),
    );
}

#[test]
fn coming_from_kameo() {
    prints("from_kameo", include_str!("../code/coming_from/kameo.txt"));
}

#[test]
fn coming_from_ractor() {
    prints(
        "from_ractor",
        include_str!("../code/coming_from/ractor.txt"),
    );
}

#[test]
fn the_wire_contract() {
    prints("contract", include_str!("../code/first_contract.txt"));
}

/// Two terminals: one program serves until it is ended, the other one asks.
#[test]
fn two_machines() {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;

    let program = env!("CARGO_BIN_EXE_guide-two-machines");
    // The cookie of `Auth::dev` is not that of whoever runs the tests.
    let state = std::env::temp_dir().join(format!("guide-two-machines-{}", std::process::id()));
    let run = |args: [&str; 2]| {
        let mut command = Command::new(program);
        command.args(args).env("XDG_STATE_HOME", &state);
        command
    };
    let mut server = run(["serve", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("cargo has built the program");
    let mut line = String::new();
    let output = server.stdout.take().expect("it is piped");
    let read = BufReader::new(output).read_line(&mut line);
    let address = line.trim().strip_prefix("listening on ");
    let asked = address.map(|address| run(["ask", address]).output());
    server.kill().and_then(|()| server.wait()).expect("it runs");
    std::fs::remove_dir_all(&state).expect("the cookie was made there");

    read.expect("it has said something");
    let asked = asked.expect("an address").expect("it could be started");
    let errors = String::from_utf8_lossy(&asked.stderr);
    assert!(asked.status.success(), "{errors}");
    let expected = include_str!("../code/first_two_machines.txt");
    assert_eq!(String::from_utf8_lossy(&asked.stdout), expected);
}
