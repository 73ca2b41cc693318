//! The processes of this node that the other node may link, because they have requested a linked start on the other
//! node.
//!
//! The link belongs to the server: its node links it to the starter before the server can end. The other node has not
//! received the starter as a pid, so only links of this session, and the signals of these links, may reach the starter.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Weak};

use ambit::distribution::{LocalProcesses, OnExit};
use ambit::process::Pid;
use parking_lot::Mutex;

use crate::wire::ProcessAddress as Address;

/// Each process, with the hook that removes it when it ends.
type LinkableTable = Mutex<BTreeMap<Address, Option<OnExit>>>;

#[derive(Default)]
pub(crate) struct Linkable(Arc<LinkableTable>);

impl Linkable {
    /// Allows processes of the other node to link this process, until it ends or the session does.
    pub(crate) fn add(&self, local: &LocalProcesses, pid: Pid, address: Address) {
        if self.0.lock().contains_key(&address) {
            return;
        }
        self.0.lock().insert(address, None);
        let all = Arc::downgrade(&self.0);
        match local.on_exit(pid, move |_| remove(&all, address)) {
            Some(hook) => {
                let mut all = self.0.lock();
                // The process may have ended in the meantime.
                let unused = match all.get_mut(&address) {
                    Some(place) => place.replace(hook),
                    None => Some(hook),
                };
                drop(all);
                drop(unused);
            }
            None => remove(&Arc::downgrade(&self.0), address),
        }
    }

    pub(crate) fn contains(&self, address: Address) -> bool {
        self.0.lock().contains_key(&address)
    }

    /// Returns the number of linkable processes.
    #[cfg(feature = "sim")]
    pub(crate) fn len(&self) -> usize {
        self.0.lock().len()
    }

    /// Removes all processes because the session is over.
    pub(crate) fn clear(&self) {
        let all = std::mem::take(&mut *self.0.lock());
        drop(all);
    }
}

/// Removes a process. The hook is dropped outside the lock, because dropping it locks the process.
fn remove(all: &Weak<LinkableTable>, address: Address) {
    if let Some(all) = all.upgrade() {
        let hook = all.lock().remove(&address);
        drop(hook);
    }
}

impl fmt::Debug for Linkable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.lock().keys()).finish()
    }
}
