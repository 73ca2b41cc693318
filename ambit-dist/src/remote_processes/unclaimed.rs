//! Servers started for another node, until the starter is known to hold a handle.

use std::any::Any;
use std::collections::BTreeMap;

use ambit::distribution::{shut_down, unlink_on_behalf};
use ambit::process::{Pid, Process};
use parking_lot::Mutex;

/// A started server whose handle may not have reached the starter. Dropping this value stops the server, and does not
/// report that to a linked starter, which has given up the start.
#[derive(Debug)]
pub(crate) struct Orphan {
    server: Option<Process>,
    starter: Option<Pid>,
}

impl Orphan {
    /// Holds a server that is linked to `starter`, if any.
    pub(crate) fn new(server: Process, starter: Option<Pid>) -> Self {
        let server = Some(server);
        Self { server, starter }
    }

    /// Disarms the orphan: the starter holds a handle.
    pub(crate) fn adopt(mut self) {
        self.server = None;
    }
}

impl Drop for Orphan {
    fn drop(&mut self) {
        let Some(server) = self.server.take() else {
            return;
        };
        if let Some(starter) = self.starter {
            unlink_on_behalf(&server, starter);
        }
        shut_down(&server);
    }
}

/// The server whose handle the answer to a request will contain.
#[derive(Debug, Default)]
pub(crate) struct StartedServer(Mutex<Option<(Pid, Orphan)>>);

impl StartedServer {
    /// Keeps the orphan until its handle is encoded. Any other guard is dropped.
    pub(crate) fn hold(&self, pid: Pid, guard: Box<dyn Any + Send>) {
        if let Ok(orphan) = guard.downcast::<Orphan>() {
            let replaced = self.0.lock().replace((pid, *orphan));
            drop(replaced);
        }
    }

    /// Takes the orphan of the server whose handle is being encoded.
    pub(crate) fn take(&self, pid: Pid) -> Option<Orphan> {
        let found = self.0.lock().take_if(|(started, _)| *started == pid);
        found.map(|(_, orphan)| orphan)
    }
}

/// The unconfirmed servers of a session; `None` once closed.
#[derive(Debug)]
pub(crate) struct Unclaimed(Mutex<Option<Servers>>);

#[derive(Debug, Default)]
struct Servers {
    /// The servers, with the numbers of the requests that started them.
    servers: BTreeMap<Pid, (u64, Orphan)>,
    requests: BTreeMap<u64, Pid>,
}

impl Default for Unclaimed {
    fn default() -> Self {
        Self(Mutex::new(Some(Servers::default())))
    }
}

impl Unclaimed {
    /// Stores the orphan that the request `req` has started, or stops its server if this is closed.
    pub(crate) fn put(&self, req: u64, pid: Pid, orphan: Orphan) {
        let mut all = self.0.lock();
        let Some(Servers { servers, requests }) = &mut *all else {
            // Exit signals are sent outside the lock.
            drop(all);
            return;
        };
        requests.insert(req, pid);
        let replaced = servers.insert(pid, (req, orphan));
        drop(all);
        drop(replaced);
    }

    /// Takes the orphan of a server, because the starter holds a handle.
    pub(crate) fn take(&self, pid: Pid) -> Option<Orphan> {
        let mut all = self.0.lock();
        let Servers { servers, requests } = all.as_mut()?;
        let (req, orphan) = servers.remove(&pid)?;
        requests.remove(&req);
        Some(orphan)
    }

    /// Stops the server that the request `req` has started, if there is one.
    pub(crate) fn cancel(&self, req: u64) {
        let mut all = self.0.lock();
        let Some(Servers { servers, requests }) = &mut *all else {
            return;
        };
        let left = requests.remove(&req).and_then(|pid| servers.remove(&pid));
        drop(all);
        drop(left);
    }

    /// Returns the number of orphans.
    #[cfg(feature = "sim")]
    pub(crate) fn len(&self) -> usize {
        self.0.lock().as_ref().map_or(0, |all| all.servers.len())
    }

    /// Stops all remaining servers.
    pub(crate) fn close(&self) {
        let left = self.0.lock().take();
        drop(left);
    }
}
