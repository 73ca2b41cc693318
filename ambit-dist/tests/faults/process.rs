//! A process that runs one of this program's ignored tests, and operations on it.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use tokio::sync::mpsc;

use crate::program::{MARK, Setup};
use crate::stage::within;

/// Ends when it is dropped.
pub(crate) struct Process {
    child: Child,
    input: Option<ChildStdin>,
    said: mpsc::UnboundedReceiver<String>,
}

impl Process {
    /// Starts this program, optionally through another command, to run the ignored test of this name.
    pub(crate) fn start(before: &[&str], test: &str, variables: &[(&str, String)]) -> Self {
        let program = std::env::current_exe().unwrap();
        let mut command = match before {
            [] => Command::new(program),
            [first, more @ ..] => {
                let mut command = Command::new(first);
                command.args(more).arg(program);
                command
            }
        };
        let mut child = command
            .args(["--exact", test, "--ignored", "--nocapture"])
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (tell, said) = mpsc::unbounded_channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        // The thread ends with the output, which ends with the process.
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if let Some((_, said)) = line.split_once(MARK) {
                    let _ = tell.send(said.to_owned());
                }
            }
        });
        let input = child.stdin.take();
        Self { child, input, said }
    }

    /// Returns the next line of its output.
    pub(crate) async fn said(&mut self) -> String {
        let said = within("a word of the other process", self.said.recv()).await;
        said.expect("the other process has ended too early")
    }

    /// Returns the next line of its output, if there is one.
    pub(crate) fn says_more(&mut self) -> Option<String> {
        self.said.try_recv().ok()
    }

    /// Writes a line to its input.
    pub(crate) fn tell(&mut self, line: &str) {
        writeln!(self.input.as_ref().unwrap(), "{line}").unwrap();
    }

    /// Kills it, as a power failure would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Freezes it until it is thawed. The process does not notice.
    pub(crate) async fn freeze(&self) {
        self.signal("STOP");
        // A running thread stops at its next time slice. If the system does not report the state, this assumes it has
        // stopped.
        let stopped = async {
            while self.is_running().unwrap_or(false) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        within("the stop of a process", stopped).await;
    }

    /// Returns whether any of its threads is running, or `None` if the system does not report it.
    fn is_running(&self) -> Option<bool> {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).ok()?;
        for thread in threads {
            let stat = std::fs::read_to_string(thread.ok()?.path().join("stat")).ok()?;
            // The name comes first, in parentheses, and may contain any character.
            let (_, state) = stat.rsplit_once(") ")?;
            if !state.starts_with('T') {
                return Some(true);
            }
        }
        Some(false)
    }

    pub(crate) fn thaw(&self) {
        self.signal("CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let kill = ["-c", "kill -s \"$0\" \"$1\"", signal, &id];
        let status = Command::new("sh").args(kill).status().unwrap();
        assert!(status.success(), "kill -s {signal} {id}");
    }

    /// Waits for its end. Returns true if it succeeded.
    pub(crate) fn wait(&mut self) -> bool {
        self.child.wait().is_ok_and(|status| status.success())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A node in its own process.
pub(crate) struct Far {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
}

impl Far {
    pub(crate) async fn start(setup: &Setup) -> Self {
        Self::of(Process::start(&[], "program::node", &setup.variables())).await
    }

    /// Returns the node that a process starts.
    pub(crate) async fn of(mut process: Process) -> Self {
        let said = process.said().await;
        let address = said.strip_prefix("at ").and_then(|at| at.parse().ok());
        let address = address.unwrap_or_else(|| panic!("`{said}` instead of its address"));
        Self { process, address }
    }

    /// Starts a node on loopback.
    pub(crate) async fn on_loopback(
        name: &str,
        cookie: &str,
        silence: Duration,
        seeds: &[SocketAddr],
    ) -> Self {
        Self::start(&Setup {
            name: name.to_owned(),
            cookie: cookie.to_owned(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seeds: seeds.to_vec(),
            silence,
        })
        .await
    }

    /// Checks that the next event is the `Up` of this node.
    pub(crate) async fn up(&mut self, name: &str) {
        assert_eq!(self.process.said().await, format!("up {name}"));
    }

    /// Checks that the next event is the `Down` of this node, and returns the reason.
    pub(crate) async fn down(&mut self, name: &str) -> String {
        let said = self.process.said().await;
        let reason = said.strip_prefix(&format!("down {name}: "));
        let reason = reason.unwrap_or_else(|| panic!("`{said}` instead of the end of {name}"));
        reason.to_owned()
    }
}
