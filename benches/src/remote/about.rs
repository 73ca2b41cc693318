//! The machine, the versions and the settings of a measurement.

use std::fs::read_to_string;
use std::thread;

use super::options::Options;
use super::programs::Programs;
use super::system::Id;
use crate::erlang::FLAGS;
use crate::runtime::WORKERS;
use crate::settings::version;

/// The description in the report.
pub(crate) struct About {
    pub(crate) machine: String,
    pub(crate) method: String,
    pub(crate) columns: Vec<Id>,
    /// The name, version and settings of each column.
    pub(crate) systems: Vec<(&'static str, String, &'static str)>,
}

impl About {
    pub(crate) fn now(options: &Options, programs: &Programs) -> Self {
        let describe = |id: &Id| {
            let (package, how) = id.settings();
            let version = match (programs.lacks(*id), &programs.erlang) {
                (Some(why), _) => format!("skipped, {}", why.lines().next().unwrap_or_default()),
                (None, Ok(erlang)) if id.is_erlang() => {
                    format!("{}, {}", erlang.version, FLAGS.join(" "))
                }
                _ if package == "tokio" => format!("tokio {}", version(package)),
                _ => version(package),
            };
            (id.name(), version, how)
        };
        let time = if options.quick { 40 } else { 400 };
        Self {
            machine: machine(),
            method: format!(
                "{} rounds of about {time} ms; a round runs each column once; two processes on the loopback, each with a fresh runtime of {WORKERS} workers",
                options.rounds
            ),
            columns: programs.systems(options).collect(),
            systems: options.systems.iter().map(describe).collect(),
        }
    }
}

/// Describes its cores, its kernel, and its load.
fn machine() -> String {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let kernel = read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    let mut text = format!("{cores} cores, kernel {}, load {load}", kernel.trim());
    if load.parse().is_ok_and(|load: f64| load > 0.5) {
        text += ": **other programs were running, so only the ratios mean something**";
    }
    text
}
