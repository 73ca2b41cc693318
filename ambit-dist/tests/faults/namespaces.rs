//! Two network namespaces with a cable between them, where the system lets us have them.
//!
//! The packets go through the real network stack of the system, and rules of its firewall drop them; where there is no
//! `nft`, its routing does. It needs the right to make namespaces (root), and `ip`.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::process::{Command, Stdio};

use crate::process::Process;

/// Where each end of the cable is.
pub(crate) const ENDS: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(10, 213, 7, 1)),
    IpAddr::V4(Ipv4Addr::new(10, 213, 7, 2)),
];

/// Two namespaces that see only each other. Both are removed when this is dropped.
pub(crate) struct Namespaces {
    names: [String; 2],
    has_firewall: bool,
}

impl Namespaces {
    /// Makes them, or says why that cannot be.
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
            // So that a rule can stand before the one that takes in what is for this end.
            let local = ["-n", name, "rule", "add", "pref", "1", "lookup", "local"];
            run("ip", &local, "")?;
            run("ip", &["-n", name, "rule", "delete", "pref", "0"], "")?;
        }
        Ok(made)
    }

    /// Lets a namespace drop all packets of UDP that come in, or no more.
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
        // One that is not there cannot be removed either.
        let _ = rule("delete");
        if is_cut { rule("add") } else { Ok(()) }
    }

    /// Lets a namespace drop what comes in and meets one of these rules of nft, one a line, such as `udp dport 7 drop`;
    /// no rules end it.
    pub(crate) fn drops(&self, end: usize, rules: &str) -> Result<(), String> {
        // Rules are separated by lines: nft takes no semicolon before a brace.
        let script = format!(
            "table inet faults\ndelete table inet faults\ntable inet faults {{\nchain input {{\n\
             type filter hook input priority 0\npolicy accept\n{rules}\n}}\n}}\n"
        );
        let nft = ["netns", "exec", &self.names[end], "nft", "-f", "-"];
        run("ip", &nft, &script)
    }

    /// Starts this program again in one of the namespaces, where it runs the ignored test of that name.
    pub(crate) fn start(&self, end: usize, test: &str, variables: &[(&str, String)]) -> Process {
        let before = ["ip", "netns", "exec", &self.names[end]];
        Process::start(&before, test, variables)
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        for name in &self.names {
            // One that was never made cannot be removed either.
            let _ = run("ip", &["netns", "delete", name], "");
        }
    }
}

fn run(program: &str, arguments: &[&str], input: &str) -> Result<(), String> {
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
        // What a program does not read it also does not need.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output();
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => failed(&String::from_utf8_lossy(&output.stderr)),
        Err(error) => failed(&error.to_string()),
    }
}
