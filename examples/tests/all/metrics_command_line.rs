//! The command line of `metrics`: input, output, and errors.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const LINE: &str =
    r#"192.0.2.1 - - [14/Mar/2026:09:30:00 +0000] "GET /a?b HTTP/1.1" 200 10 "-" "-""#;

fn metrics(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_metrics"));
    command.args(args).stdin(Stdio::null());
    command
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[track_caller]
fn assert_refused(args: &[&str], begins: &str) {
    let output = metrics(args).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        (
            output.status.code(),
            output.stdout.len(),
            said.lines().count()
        ),
        (Some(2), 0, 1),
        "{said}"
    );
    assert!(said.starts_with(begins), "{said}");
}

/// Writes a file for this test into cargo's folder for temporary files.
fn log(name: &str, content: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).unwrap();
    path
}

/// Standard error cannot be written to, and the exit status is the same.
#[test]
#[cfg(target_os = "linux")]
fn the_exit_status_does_not_depend_on_a_writable_stderr() {
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let status = metrics(&["--nonsense"]).stderr(full).status().unwrap();
    assert_eq!(status.code(), Some(2));
}

#[test]
fn a_file_is_read_the_requested_number_of_times() {
    let path = log("repeated.log", LINE.as_bytes());
    let json = printed(
        &metrics(&[path.to_str().unwrap(), "--repeat=30", "--json"])
            .output()
            .unwrap(),
    );
    assert!(json.starts_with(r#"{"requests":30,"bytes":300,"clients":1,"visits":1,"alerts":1,"truncated":0,"malformed":0,"#), "{json}");
}

#[test]
fn standard_input_is_read_the_requested_number_of_times() {
    for repeat in [1, 2] {
        let mut child = metrics(&["-", "--json", &format!("--repeat={repeat}")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(LINE.as_bytes())
            .unwrap();
        let json = printed(&child.wait_with_output().unwrap());
        assert!(
            json.starts_with(&format!("{{\"requests\":{repeat},")),
            "{json}"
        );
    }
}

#[test]
fn bytes_that_are_no_text_break_nothing() {
    let path = log("bytes.log", b"\xff\xfe\n\0\n192.0.2.1 - - [14/Mar/2026:09:30:00 +0000] \"GET /\xe9 HTTP/1.1\" 200 1 \"\xff\" \"-\"\n");
    let table = printed(&metrics(&[path.to_str().unwrap()]).output().unwrap());
    assert!(table.contains("/\u{fffd}\n"), "{table}");
    assert!(
        table.contains("line 1, malformed: no time; left out"),
        "{table}"
    );
}

#[test]
fn the_text_of_a_client_cannot_control_the_terminal() {
    let path = log(
        "escape.log",
        b"192.0.2.1 - - [14/Mar/2026:09:30:00 +0000] \"GET /\x1b[2J\" 200 1\r\n",
    );
    let table = printed(&metrics(&[path.to_str().unwrap()]).output().unwrap());
    assert!(table.contains("/\\u{1b}[2J\n"), "{table}");
}

#[test]
fn an_empty_log_gives_an_empty_table() {
    let path = log("empty.log", b"");
    let json = printed(
        &metrics(&[path.to_str().unwrap(), "--json", "--repeat", "1000000"])
            .output()
            .unwrap(),
    );
    assert!(
        json.starts_with(r#"{"requests":0,"bytes":0,"clients":0,"#),
        "{json}"
    );
}

#[test]
fn help_is_printed_on_standard_output() {
    assert!(
        printed(&metrics(&["--help"]).output().unwrap())
            .contains("Usage: metrics [OPTIONS] [FILE]")
    );
    assert!(printed(&metrics(&["serve", "--help"]).output().unwrap()).contains("--idle <SECONDS>"));
}

#[test]
fn a_file_may_have_the_name_of_a_command_or_an_option() {
    for name in ["serve", "--json"] {
        let output = metrics(&["--", name]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.starts_with(&format!("metrics: cannot open {name:?}")),
            "{said}"
        );
    }
}

#[test]
fn invalid_requests_are_reported_in_one_line() {
    let whole = "write a whole number from 1 up; `metrics --help` shows the options";
    for wrong in ["0", "many", "1.5", "99999999999999999999"] {
        let refusal = format!("metrics: invalid value '{wrong}' for '--repeat <N>': {whole}");
        assert_refused(&["--repeat", wrong], &refusal);
    }
    assert_refused(
        &["--mailbox="],
        "metrics: invalid value '' for '--mailbox <N>': write a whole",
    );
    assert_refused(
        &["--chaos", "0"],
        "metrics: invalid value '0' for '--chaos <N>': write a whole",
    );
    assert_refused(
        &["--colour"],
        "metrics: unexpected argument '--colour' found; `metrics --help`",
    );
    assert_refused(
        &["--repeat"],
        "metrics: a value is required for '--repeat <N>' but none",
    );
    assert_refused(
        &["--idle", "3"],
        "metrics: unexpected argument '--idle' found",
    );
    assert_refused(
        &["serve", "a:1", "--chaos", "3"],
        "metrics: unexpected argument '--chaos' found",
    );
    assert_refused(
        &["a.log", "b.log"],
        "metrics: unexpected value 'b.log' for '[FILE]' found",
    );
    assert_refused(
        &["serve", "a:1", "--cluster", "b:2"],
        "metrics: the argument '[ADDRESS]' cannot be used with '--cluster <ADDRESS>'",
    );
    let missing = "metrics: the following required arguments were not provided:";
    assert_refused(
        &["serve"],
        &format!("{missing} <ADDRESS>; `metrics --help`"),
    );
    assert_refused(
        &["send", "a:1"],
        &format!("{missing} <FILE>; `metrics --help`"),
    );
    for address in ["7000", ":7000", "a:70000"] {
        let refusal = format!(
            "metrics: invalid value '{address}' for '[ADDRESS]': write a host and a port, as in 127.0.0.1:7000"
        );
        assert_refused(&["serve", address], &refusal);
    }
    assert_refused(&["no/such.log"], "metrics: cannot open \"no/such.log\"");
    assert_refused(&[env!("CARGO_TARGET_TMPDIR")], "metrics: cannot open");
}

#[test]
#[cfg(not(feature = "cluster"))]
fn a_build_without_a_cluster_prints_the_command_that_builds_one() {
    let command = "cargo run -p examples --features cluster --bin metrics --";
    for (args, shown) in [
        (&["serve", "--join", "a:1"][..], "serve --join a:1"),
        (&["--cluster", "a:1", "--members=2"], "--cluster a:1"),
    ] {
        let refusal = "metrics: this build has no cluster; build it with";
        assert_refused(args, &format!("{refusal} `{command} {shown}`"));
    }
}
