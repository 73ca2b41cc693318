//! Two network namespaces connected by a cable, where the system permits them.
//!
//! Packets pass the real network stack of the system. Firewall rules drop them or, without `nft`, routing rules. This
//! requires root, to create namespaces, and `ip`.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::process::{Command, Stdio};

use crate::process::Process;

/// The addresses of both ends of the cable.
pub(crate) const ENDS: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(10, 213, 7, 1)),
    IpAddr::V4(Ipv4Addr::new(10, 213, 7, 2)),
];

/// Two namespaces that reach only each other. Both are removed on drop.
pub(crate) struct Namespaces {
    names: [String; 2],
    has_firewall: bool,
}

impl Namespaces {
    /// Creates the namespaces, or returns the reason why that is impossible.
    pub(crate) fn new(test: &str) -> Result<Self, String> {
        let name = |end: char| format!("ambit-{}-{test}-{end}", std::process::id());
        let made = Self {
            names: [name('a'), name('b')],
            has_firewall: run("nft", &["--version"], "").is_ok(),
        };
        for name in &made.names {
            run("ip", &["netns", "add", name], "")?;
        }
        let [a, b] = &made.names;
        let cable = [
            "link", "add", "name", "cable", "type", "veth", "peer", "name", "cable",
        ];
        run("ip", &[&["-n", a], &cable[..], &["netns", b]].concat(), "")?;
        for (name, end) in made.names.iter().zip(ENDS) {
            let address = format!("{end}/24");
            run(
                "ip",
                &["-n", name, "address", "add", &address, "dev", "cable"],
                "",
            )?;
            run("ip", &["-n", name, "link", "set", "cable", "up"], "")?;
            run("ip", &["-n", name, "link", "set", "lo", "up"], "")?;
            // Makes room for a rule before the one that accepts local packets.
            let local = ["-n", name, "rule", "add", "pref", "1", "lookup", "local"];
            run("ip", &local, "")?;
            run("ip", &["-n", name, "rule", "delete", "pref", "0"], "")?;
        }
        Ok(made)
    }

    /// Makes a namespace drop all incoming UDP packets, or reverts this.
    pub(crate) fn cut(&self, end: usize, is_cut: bool) -> Result<(), String> {
        if self.has_firewall {
            let rules = if is_cut { "meta l4proto udp drop" } else { "" };
            return self.drops(end, rules);
        }
        let rule = |change| {
            let rule = ["-n", &self.names[end], "rule", change, "pref", "0"];
            let what = ["iif", "cable", "ipproto", "udp", "blackhole"];
            run("ip", &[&rule[..], &what[..]].concat(), "")
        };
        // Deleting a missing rule fails, which is harmless.
        let _ = rule("delete");
        if is_cut { rule("add") } else { Ok(()) }
    }

    /// Makes the network lossy: it drops one of twenty packets at random or, without a firewall, the packets that exceed a
    /// narrow line with a short queue.
    pub(crate) fn lossy(&self) -> Result<(), String> {
        if self.has_firewall {
            return self.drops(0, "meta l4proto udp numgen random mod 100 < 5 drop");
        }
        let line = "qdisc add dev cable root tbf rate 20mbit burst 10kb latency 2ms";
        let line: Vec<_> = line.split(' ').collect();
        let within = ["netns", "exec", &self.names[1], "tc"];
        run("ip", &[&within[..], &line[..]].concat(), "")
    }

    /// Makes a namespace drop incoming packets that match these nft rules, one per line, such as `udp dport 7 drop`. An
    /// empty text removes the rules.
    fn drops(&self, end: usize, rules: &str) -> Result<(), String> {
        // Rules are separated by newlines, because nft rejects a semicolon before a brace.
        let script = format!(
            "table inet faults\ndelete table inet faults\ntable inet faults {{\nchain input {{\n\
             type filter hook input priority 0\npolicy accept\n{rules}\n}}\n}}\n"
        );
        let nft = ["netns", "exec", &self.names[end], "nft", "-f", "-"];
        run("ip", &nft, &script)
    }

    /// Starts this program in one of the namespaces, to run the ignored test of that name.
    pub(crate) fn start(&self, end: usize, test: &str, variables: &[(&str, String)]) -> Process {
        let before = ["ip", "netns", "exec", &self.names[end]];
        Process::start(&before, test, variables)
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        for name in &self.names {
            // Deleting a namespace that was never created fails, which is harmless.
            let _ = run("ip", &["netns", "delete", name], "");
        }
    }
}

pub(crate) fn run(program: &str, arguments: &[&str], input: &str) -> Result<(), String> {
    let failed = |why: &str| {
        Err(format!(
            "`{program} {}`: {}",
            arguments.join(" "),
            why.trim()
        ))
    };
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => return failed(&error.to_string()),
    };
    if let Some(mut stdin) = child.stdin.take() {
        // A program may exit without reading its input.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output();
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => failed(&String::from_utf8_lossy(&output.stderr)),
        Err(error) => failed(&error.to_string()),
    }
}
