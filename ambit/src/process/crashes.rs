//! The last crashes of a system, as plain data: the reports themselves hold user values.

use std::collections::VecDeque;
use std::time::Duration;

use parking_lot::Mutex;

use crate::pid::Pid;
use crate::process::crash::CrashReport;

/// The default number of stored crashes.
pub(crate) const DEFAULT: usize = 1_000;

/// A stored crash: a [`CrashReport`] with its reason as text.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let worker = ambit::spawn(|_: Inbox<u8>| async { Err::<(), _>("disk full") });
///     worker.closed().await;
///     let crash = &ambit::inspect::snapshot().crashes[0];
///     assert_eq!((crash.pid, &*crash.reason), (worker.pid(), "disk full"));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Crash {
    /// The number of the crash in its system, starting at 1.
    pub number: u64,
    /// The time of the crash, measured from the creation of the system.
    #[cfg_attr(
        feature = "json",
        serde(rename = "at_ns", serialize_with = "crate::process::nanos::nanos")
    )]
    pub at: Duration,
    /// The process that ended.
    pub pid: Pid,
    /// The name of the process's type.
    pub type_name: &'static str,
    /// The local names of the process, oldest first, at most 100 of them.
    pub names: Vec<String>,
    /// The label of the process, if it has one.
    pub label: Option<String>,
    /// The exit reason as text, with its causes.
    pub reason: String,
    /// The names of the last methods run, newest first, at most three. If a method crashed, it is the first entry.
    pub methods: Vec<&'static str>,
    /// The arguments of the first of these methods, if the system was built with `report_arguments(true)`.
    pub arguments: Option<String>,
    /// The process that started this one, its starter, and so on, nearest first.
    pub ancestors: Vec<Pid>,
    /// The processes that were linked to the process when it ended, at most 100 of them.
    pub links: Vec<Pid>,
}

/// A ring buffer: a new crash replaces the oldest.
#[derive(Debug)]
pub(crate) struct Crashes {
    capacity: usize,
    inner: Mutex<StoredCrash>,
}

#[derive(Debug, Default)]
struct StoredCrash {
    count: u64,
    last: VecDeque<Crash>,
}

impl Crashes {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            inner: Mutex::default(),
        }
    }

    pub(crate) fn keep(&self, report: &CrashReport, at: Duration) {
        let crash = Crash {
            number: 0,
            at,
            pid: report.pid,
            type_name: report.type_name,
            names: report.names.clone(),
            label: report.label.clone(),
            reason: report.reason.with_causes(),
            methods: report.methods.clone(),
            arguments: report.arguments.clone(),
            ancestors: report.ancestors.clone(),
            links: report.links.clone(),
        };
        self.inner.lock().push(crash, self.capacity);
    }

    /// Returns the number of crashes so far, and the last ones, oldest first.
    pub(crate) fn read(&self) -> (u64, Vec<Crash>) {
        let inner = self.inner.lock();
        (inner.count, inner.last.iter().cloned().collect())
    }
}

impl StoredCrash {
    fn push(&mut self, crash: Crash, capacity: usize) {
        self.count += 1;
        if self.last.len() == capacity {
            self.last.pop_front();
        }
        if capacity > 0 {
            let number = self.count;
            self.last.push_back(Crash { number, ..crash });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit_reason::ExitReason;

    fn report(n: u32) -> CrashReport {
        CrashReport {
            pid: Pid::new(1, n, 0),
            type_name: "Worker",
            names: Vec::new(),
            label: None,
            reason: ExitReason::error(format!("crash {n}")),
            methods: Vec::new(),
            crashed_method: None,
            arguments: None,
            ancestors: Vec::new(),
            links: Vec::new(),
        }
    }

    #[test]
    fn the_newest_crash_replaces_the_oldest_and_all_are_counted() {
        for capacity in 0..5 {
            let crashes = Crashes::new(capacity);
            for n in 1..=4 {
                crashes.keep(&report(n), Duration::from_secs(n.into()));
            }
            let (count, last) = crashes.read();
            let numbers: Vec<_> = last.iter().map(|crash| crash.number).collect();
            let wanted: Vec<_> = (1..=4).skip(4 - capacity.min(4)).collect();
            assert_eq!((count, numbers), (4, wanted), "room for {capacity}");
            for crash in last {
                assert_eq!(crash.reason, format!("crash {}", crash.number));
                assert_eq!(crash.at.as_secs(), crash.number);
            }
        }
    }
}
