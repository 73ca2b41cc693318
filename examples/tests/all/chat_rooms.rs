//! `chat_rooms`: every message arrives, the slow members are named, and Ctrl-C closes the rooms in order.

use std::process::{Command, Stdio};

fn chat_rooms(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chat_rooms"));
    command.args(["--members", "200", "--rooms", "10", "--messages", "50"]);
    command.args(args).stdout(Stdio::piped());
    command
}

/// Checks the output of a run up to its report.
#[track_caller]
fn assert_heard(lines: &[String]) {
    assert_eq!(lines[0], "200 members in 10 rooms");
    for room in 0..3 {
        let start = format!("slow: member 0 of room 00{room}, up to ");
        let rest = lines[1 + room].strip_prefix(&start).unwrap();
        let behind = rest.strip_suffix(" messages behind").unwrap();
        assert!(
            behind.parse::<u32>().unwrap() >= 8,
            "it had room for sixteen"
        );
    }
    let all = "10000 messages delivered, 10000 heard, 0 lost";
    assert_eq!(lines[4], all, "{lines:?}");
}

#[test]
fn every_message_is_received_and_nothing_is_left() {
    let output = chat_rooms(&[]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<String> = printed.lines().map(str::to_owned).collect();
    assert_heard(&lines);
    assert_eq!(lines[5..], ["left: 0 processes, 0 rooms, 0 messages"]);
}

#[test]
fn a_mistake_on_the_command_line_is_named() {
    for (args, message) in [
        (["--rooms", "many"], "--rooms needs a number, not `many`"),
        (["--rooms", "0"], "each room needs a member"),
        (
            ["--members", "9000000000000000000"],
            "--members is at most 1000000",
        ),
        (["--people", "3"], "`--people` is not known"),
    ] {
        let output = chat_rooms(&args).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(message), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_closes_in_order() {
    use std::io::{BufRead, BufReader};

    let mut child = chat_rooms(&["--forever"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = Vec::new();
    while said.last().is_none_or(|line| line != "open until Ctrl-C") {
        said.push(lines.next().unwrap().unwrap());
    }
    assert_heard(&said);
    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &pid]).status();
    assert!(sent.unwrap().success());
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(rest, ["closing", "left: 0 processes, 0 rooms, 0 messages"]);
    assert!(child.wait().unwrap().success());
}
