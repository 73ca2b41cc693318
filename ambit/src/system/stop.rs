//! The stop of all processes of a system: newest first, and the children of a process after it.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::exit_reason::ExitReason;
use crate::handle::exits::ExitWait;
use crate::pid::Pid;
use crate::process::clock::within;
use crate::process::header::ProcessRef;
use crate::process::system_inner::SystemInner;
use crate::process::{current, signal};

/// The most scans for processes that have started since, until all processes of one scan are stopped. Without a limit,
/// a process that starts others faster than they stop would never be reached.
const SCANS_BETWEEN: usize = 32;

/// The share of the processes, one in this many, that is stopped between two such scans. With few processes, each stop
/// is followed by a scan.
const SHARE_BETWEEN: usize = 16;

/// Stops every process except the calling one; returns those that have not ended, even though they were killed.
pub(super) async fn stop_all(system: &Arc<SystemInner>, patience: Duration) -> Vec<ProcessRef> {
    let _stop = system.begin_stop();
    let mut queue = StopQueue::new(system.clone());
    loop {
        queue.scans_left = SCANS_BETWEEN;
        queue.scan();
        if queue.roots.is_empty() {
            // An inbox that was moved to a process which was stopped later has ended with that one.
            queue.stuck.retain(|one| !is_over(one));
            return queue.stuck;
        }
        while let Some((_, process)) = queue.roots.pop_last() {
            if !is_over(&process) && !stop_one(&process, patience).await {
                queue.stuck.push(process.clone());
            }
            queue.release_children(&process);
            queue.scan_if_due();
        }
    }
}

/// The processes that are still to be stopped. A scan of the table finds them all. There may be very many, and each stop
/// may start one: so a scan for those that have started since follows only after a share of them has been stopped.
struct StopQueue {
    system: Arc<SystemInner>,
    /// The processes to stop next, by start number: those whose parent has ended or is stuck.
    roots: BTreeMap<u64, ProcessRef>,
    /// The other processes, by parent.
    children: HashMap<Pid, Vec<ProcessRef>>,
    stuck: Vec<ProcessRef>,
    /// The number of processes that had started before the last scan.
    scanned: u64,
    /// The number of processes to stop before the next scan.
    until_scan: usize,
    /// The number of scans that may still follow a stop.
    scans_left: usize,
}

impl StopQueue {
    fn new(system: Arc<SystemInner>) -> Self {
        Self {
            system,
            roots: BTreeMap::new(),
            children: HashMap::new(),
            stuck: Vec::new(),
            scanned: 0,
            until_scan: 0,
            scans_left: 0,
        }
    }

    /// Finds all processes that are still to be stopped; never the calling process.
    fn scan(&mut self) {
        self.scanned = self.system.started();
        self.roots.clear();
        self.children.clear();
        let own = current::pid();
        let mut all = self.system.table.all();
        all.retain(|one| {
            let pid = one.core().pid;
            let is_own = pid == own || one.core().opener() == Some(own);
            !is_own && !is_over(one) && !self.is_stuck(pid)
        });
        self.until_scan = all.len() / SHARE_BETWEEN;
        let newest = all.last().cloned();
        for process in all {
            let parent = parent_of(&process);
            match parent.filter(|parent| *parent != own && self.is_waited_for(*parent)) {
                Some(parent) => self.children.entry(parent).or_default().push(process),
                None => self.add_root(process),
            }
        }
        // A parent that started during the scan may be missing.
        if let Some(newest) = newest.filter(|_| self.roots.is_empty()) {
            self.add_root(newest);
        }
    }

    /// Makes the children of a process that has been stopped roots: they are newer than the other roots.
    fn release_children(&mut self, parent: &ProcessRef) {
        let Some(children) = self.children.remove(&parent.core().pid) else {
            return;
        };
        for child in children {
            self.add_root(child);
        }
    }

    /// Scans again if processes have started, a share of the others has been stopped, and scans are left.
    fn scan_if_due(&mut self) {
        self.until_scan = self.until_scan.saturating_sub(1);
        if self.until_scan == 0 && self.scans_left > 0 && self.system.started() != self.scanned {
            self.scans_left -= 1;
            self.scan();
        }
    }

    fn add_root(&mut self, process: ProcessRef) {
        self.roots.insert(process.core().start_number, process);
    }

    /// Returns true if the children of this process are stopped after it.
    fn is_waited_for(&self, parent: Pid) -> bool {
        let own = current::pid();
        let process = self.system.table.get(parent);
        process.is_some_and(|process| !is_over(&process) && process.core().opener() != Some(own))
            && !self.is_stuck(parent)
    }

    fn is_stuck(&self, pid: Pid) -> bool {
        self.stuck.iter().any(|stuck| stuck.core().pid == pid)
    }
}

/// Returns the process after which a process is stopped. One that is only a further inbox ends with the process that
/// opened it, and does not run by itself.
fn parent_of(process: &ProcessRef) -> Option<Pid> {
    let core = process.core();
    core.opener().or_else(|| core.relations.lock().parent())
}

/// Returns true if its observers have been notified of its end: it leaves the table a moment later, and there is
/// nothing to wait for.
fn is_over(process: &ProcessRef) -> bool {
    process.core().relations.lock().notified
}

/// Asks a process to stop, and kills it after `patience`; returns false if it still has not ended.
async fn stop_one(process: &ProcessRef, patience: Duration) -> bool {
    process.core().relations.lock().stops_with_system = true;
    signal::receive_from_system(&**process, ExitReason::Shutdown);
    let is_stuck = process.core().relations.lock().stuck;
    let patience = if is_stuck {
        Duration::ZERO
    } else {
        process.core().patience(patience)
    };
    if ends_within(process, patience).await {
        return true;
    }
    signal::kill(&**process);
    ends_within(process, Duration::from_secs(1)).await
}

async fn ends_within(process: &ProcessRef, patience: Duration) -> bool {
    let mut exit = ExitWait::watch(process);
    let ended = within(&process.core().system, patience, |cx| {
        Pin::new(&mut exit).poll(cx)
    });
    ended.await.is_some()
}
