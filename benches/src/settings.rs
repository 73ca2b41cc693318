//! The machine, the versions and the settings of a measurement.

use std::thread;

use crate::erlang;
use crate::options::Options;
use crate::programs::Programs;
use crate::rows::Id;
use crate::runtime::WORKERS;

/// The description in the report.
pub(crate) struct About {
    pub(crate) machine: String,
    pub(crate) method: String,
    /// The name, version and settings of each column.
    pub(crate) peers: Vec<(&'static str, String, &'static str)>,
}

const LOCK: &str = include_str!("../Cargo.lock");

/// Returns the version of a package in the lock file of this build.
pub(crate) fn version(package: &str) -> String {
    let name = format!("name = \"{package}\"");
    let mut lines = LOCK.lines().skip_while(|line| *line != name);
    let line = lines.nth(1).unwrap_or_default();
    let quoted = line.strip_prefix("version = ");
    quoted.map_or_else(|| "?".to_owned(), |text| text.trim_matches('"').to_owned())
}

fn settings(id: Id) -> (&'static str, &'static str) {
    match id {
        Id::Raw | Id::RawCt => (
            "tokio",
            "a task, an unbounded mpsc, an enum, a oneshot per call; where a row says bounded: mpsc of 1024",
        ),
        Id::Ambit | Id::AmbitCt => ("ambit", "defaults: mailbox 1024, 5 s for calls and casts"),
        Id::AmbitQueued => ("ambit", "the same with `in_place = never`"),
        Id::Kameo => (
            "kameo",
            "default features; default mailbox (64), where a row says bounded: 1024; `kameo_actors` for fan-out",
        ),
        Id::Ractor => (
            "ractor",
            "default features; unbounded mailboxes; `OutputPort` for fan-out; restart by hand, as in its documentation",
        ),
        Id::Actix => (
            "actix",
            "one `System`, one thread; `do_send` for casts; `SyncArbiter` for computing",
        ),
        Id::Xtra => (
            "xtra",
            "unbounded mailboxes, where a row says bounded: 1024",
        ),
        Id::Spawned => (
            "spawned-concurrency",
            "`tasks`, backend `Async`; unbounded mailboxes, 5 s for requests",
        ),
        Id::Erlang => ("", "gen_server, gen_server:call and cast, pg for fan-out"),
        Id::Off | Id::On => ("", ""),
    }
}

impl About {
    pub(crate) fn now(options: &Options, programs: &Programs) -> Self {
        let describe = |id: &Id| {
            let (package, how) = settings(*id);
            let version = match &programs.erlang {
                Ok(erlang) if *id == Id::Erlang => {
                    format!("{}, {}", erlang.version, erlang::FLAGS.join(" "))
                }
                Err(error) if *id == Id::Erlang => format!("skipped: {}", first_line(error)),
                _ if package == "tokio" => {
                    format!("tokio {}", version(package))
                }
                _ => version(package),
            };
            (id.name(), version, how)
        };
        let size = if options.quick {
            "quick: runs of about 20 ms, crowds a tenth to a fifth of what the rows say, 3 rounds (casts 5)"
        } else {
            "runs of about 120 ms, 5 rounds (casts 9)"
        };
        let rounds = options
            .rounds
            .map(|rounds| format!(", but {rounds} rounds"));
        Self {
            machine: machine(),
            method: format!(
                "{size}{}; a round runs each column once, each in a process of its own with a fresh runtime of {WORKERS} workers",
                rounds.unwrap_or_default(),
            ),
            peers: options.peers.iter().map(describe).collect(),
        }
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn machine() -> String {
    let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processor
        .lines()
        .find(|line| line.starts_with("model name"));
    let model = model.and_then(|line| line.split_once(": "));
    let model = model.map_or("unknown processor", |(_, model)| model);
    let count = thread::available_parallelism().map_or(0, usize::from);
    let system = std::env::consts::OS;
    format!("{count} × {model}, {system}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_come_from_the_lock_file() {
        for id in Id::ALL.into_iter().filter(|id| *id != Id::Erlang) {
            let version = version(settings(id).0);
            assert!(
                version.starts_with(|digit: char| digit.is_ascii_digit()),
                "{id:?}: {version}"
            );
        }
        assert_eq!(version("no such package"), "?");
    }
}
