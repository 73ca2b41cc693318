//! Several network namespaces on one switch, where the system permits them.

use std::net::{IpAddr, Ipv4Addr};

use crate::namespaces::run;
use crate::process::Process;

/// Namespaces that reach each other through a bridge in a namespace of its own. All are removed on drop.
pub(crate) struct Switch {
    hub: String,
    ends: Vec<String>,
    has_firewall: bool,
}

impl Switch {
    /// Creates `count` namespaces, or returns the reason why that is impossible.
    pub(crate) fn new(count: usize) -> Result<Self, String> {
        let id = std::process::id();
        let made = Self {
            hub: format!("ambit-{id}-hub"),
            ends: (0..count).map(|end| format!("ambit-{id}-{end}")).collect(),
            has_firewall: run("nft", &["--version"], "").is_ok(),
        };
        let hub = &made.hub;
        run("ip", &["netns", "add", hub], "")?;
        run(
            "ip",
            &["-n", hub, "link", "add", "name", "hub", "type", "bridge"],
            "",
        )?;
        run("ip", &["-n", hub, "link", "set", "hub", "up"], "")?;
        for (number, end) in made.ends.iter().enumerate() {
            run("ip", &["netns", "add", end], "")?;
            let port = format!("port{number}");
            let cable = [
                "link", "add", "name", &port, "type", "veth", "peer", "name", "cable",
            ];
            run(
                "ip",
                &[&["-n", hub], &cable[..], &["netns", end]].concat(),
                "",
            )?;
            run(
                "ip",
                &["-n", hub, "link", "set", &port, "master", "hub", "up"],
                "",
            )?;
            let address = format!("{}/24", Self::address(number));
            run(
                "ip",
                &["-n", end, "address", "add", &address, "dev", "cable"],
                "",
            )?;
            run("ip", &["-n", end, "link", "set", "cable", "up"], "")?;
            run("ip", &["-n", end, "link", "set", "lo", "up"], "")?;
            // Makes room for rules before the one that accepts local packets.
            let local = ["-n", end, "rule", "add", "pref", "1", "lookup", "local"];
            run("ip", &local, "")?;
            run("ip", &["-n", end, "rule", "delete", "pref", "0"], "")?;
        }
        Ok(made)
    }

    /// Returns the address of a namespace.
    pub(crate) fn address(number: usize) -> IpAddr {
        let last = u8::try_from(number + 1).unwrap();
        IpAddr::V4(Ipv4Addr::new(10, 213, 9, last))
    }

    /// Makes a namespace drop all packets from others, and this percentage of the remaining ones. Replaces its earlier
    /// rules. Without a firewall, routing rules drop the packets of others, and no percentage is dropped.
    pub(crate) fn drops(&self, end: usize, from: &[usize], percent: u32) -> Result<(), String> {
        let from = from.iter().map(|other| Self::address(*other).to_string());
        if !self.has_firewall {
            return self.routes(end, from.collect());
        }
        let from: String = from
            .map(|address| format!("ip saddr {address} drop\n"))
            .collect();
        // Rules are separated by newlines, because nft rejects a semicolon before a brace.
        let script = format!(
            "table inet faults\ndelete table inet faults\ntable inet faults {{\nchain input {{\n\
             type filter hook input priority 0\npolicy accept\n{from}\
             meta l4proto udp numgen random mod 100 < {percent} drop\n}}\n}}\n"
        );
        let nft = ["netns", "exec", &self.ends[end], "nft", "-f", "-"];
        run("ip", &nft, &script)
    }

    /// Drops the packets from these addresses by routing rules.
    fn routes(&self, end: usize, from: Vec<String>) -> Result<(), String> {
        let name = &self.ends[end];
        // Deleting fails once there is no such rule.
        for _ in 0..self.ends.len() {
            let _ = run("ip", &["-n", name, "rule", "delete", "pref", "0"], "");
        }
        for address in from {
            let rule = ["-n", name, "rule", "add", "pref", "0", "from", &address];
            let what = ["iif", "cable", "blackhole"];
            run("ip", &[&rule[..], &what[..]].concat(), "")?;
        }
        Ok(())
    }

    /// Starts this program in one of the namespaces, to run the ignored test of that name.
    pub(crate) fn start(&self, end: usize, test: &str, variables: &[(&str, String)]) -> Process {
        let before = ["ip", "netns", "exec", &self.ends[end]];
        Process::start(&before, test, variables)
    }
}

impl Drop for Switch {
    fn drop(&mut self) {
        for name in self.ends.iter().chain([&self.hub]) {
            // Deleting a namespace that was never created fails, which is harmless.
            let _ = run("ip", &["netns", "delete", name], "");
        }
    }
}
