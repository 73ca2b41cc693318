//! The example `application`: its output, its errors for a bad configuration, and its reaction to signals.

use std::process::{Command, Output};

#[test]
fn applications_start_and_stop_in_order() {
    let output = application_with("OTHER__GREETING", "nobody's");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "\
store is up
ledger is up
front is up
started: store, ledger, front, bell, shop
good morning, Ada: tea and cups
the door is closed
front is down
ledger is down
store is down
running: 0
",
    );
}

/// Runs the example to its end, with one more environment variable.
fn application_with(variable: &str, value: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_application"))
        .env(variable, value)
        .output()
        .expect("cargo has built it")
}

#[test]
fn an_application_is_configured_by_its_environment() {
    let hello = application_with("SHOP__GREETING", "hello");
    assert!(String::from_utf8_lossy(&hello.stdout).contains("\nhello, Ada: tea and cups\n"));
    let slip = application_with("SHOP__GREETNIG", "hello");
    assert!(
        !slip.status.success() && slip.stdout.is_empty(),
        "nothing starts: {slip:?}"
    );
    let said = String::from_utf8_lossy(&slip.stderr);
    assert!(
        said.contains("there is no key") && said.contains("greeting`?"),
        "{said}"
    );
    let empty = application_with("SHOP__STORE__ARTICLES", "[]");
    assert!(
        !empty.status.success() && empty.stdout.is_empty(),
        "{empty:?}"
    );
}

#[cfg(unix)]
mod signals {
    use std::io::{BufRead, BufReader, Lines};
    use std::process::{Child, ChildStdout, Command, Stdio};

    /// A running example.
    struct Running {
        child: Child,
        lines: Lines<BufReader<ChildStdout>>,
    }

    impl Running {
        fn start(flags: &[&str]) -> Self {
            let mut child = Command::new(env!("CARGO_BIN_EXE_application"))
                .arg("--forever")
                .args(flags)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("cargo has built it");
            let out = child.stdout.take().expect("it is piped");
            let lines = BufReader::new(out).lines();
            Self { child, lines }
        }

        fn signal(&self, name: &str) {
            let status = Command::new("kill")
                .args([name, &self.child.id().to_string()])
                .status()
                .expect("every unix has it");
            assert!(status.success());
        }

        /// Reads its output up to this line.
        fn await_line(&mut self, line: &str) {
            for said in &mut self.lines {
                if said.expect("it is text") == line {
                    return;
                }
            }
            panic!("it never said `{line}`");
        }

        /// Returns the remaining output, true if it succeeded, and its standard error.
        fn end(self) -> (Vec<String>, bool, String) {
            let lines = self.lines.map(|line| line.expect("it is text")).collect();
            let output = self.child.wait_with_output().expect("it ends");
            let last = String::from_utf8_lossy(&output.stderr).into_owned();
            (lines, output.status.success(), last)
        }
    }

    const STOP: [&str; 4] = [
        "the door is closed",
        "front is down",
        "ledger is down",
        "store is down",
    ];

    #[test]
    fn sigterm_stops_an_application_in_order() {
        for signal in ["-TERM", "-INT"] {
            let mut running = Running::start(&[]);
            running.await_line("front is up");
            running.signal(signal);
            let (lines, success, last) = running.end();
            assert_eq!(lines, STOP, "{signal}: {last}");
            assert!(success, "{last}");
        }
    }

    #[test]
    fn a_second_signal_kills_what_does_not_stop() {
        let mut running = Running::start(&["--stubborn"]);
        running.await_line("front is up");
        running.signal("-TERM");
        running.await_line("ledger is down");
        running.signal("-TERM");
        let (lines, success, last) = running.end();
        assert!(lines.is_empty(), "the store was given no time: {lines:?}");
        assert!(
            !success && last.contains("Error: a second signal arrived"),
            "{last}"
        );
    }

    #[test]
    fn the_end_of_a_permanent_application_is_that_of_all() {
        let (lines, success, last) = Running::start(&["--fragile"]).end();
        let up = ["store is up", "ledger is up", "front is up"];
        assert_eq!(lines, [&up[..], &STOP[..]].concat());
        assert!(!success && last.contains("the bell has no power"), "{last}");
    }
}
