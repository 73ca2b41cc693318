//! The processes of this node that the other one may link because they have asked for a linked start there.
//!
//! The link is the server's: its node links it with the starter before it may end. Such a starter was not sent to the other
//! node as a pid, so nothing but links of this session, and what they carry, may reach it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Weak};

use ambit::node::{LocalProcesses, OnExit};
use ambit::process::Pid;
use parking_lot::Mutex;

use crate::wire::Local as Address;

/// Each with the hook that removes it when the process ends.
type All = Mutex<BTreeMap<Address, Option<OnExit>>>;

#[derive(Default)]
pub(crate) struct Linkable(Arc<All>);

impl Linkable {
    /// From now on processes of the other node may link it, until it ends or the session does.
    pub(crate) fn add(&self, local: &LocalProcesses, pid: Pid, address: Address) {
        if self.0.lock().contains_key(&address) {
            return;
        }
        self.0.lock().insert(address, None);
        let all = Arc::downgrade(&self.0);
        match local.on_exit(pid, move |_| remove(&all, address)) {
            Some(hook) => {
                let mut all = self.0.lock();
                // The process may have ended since.
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

    /// How many there are.
    #[cfg(feature = "sim")]
    pub(crate) fn len(&self) -> usize {
        self.0.lock().len()
    }

    /// The session is over.
    pub(crate) fn clear(&self) {
        let all = std::mem::take(&mut *self.0.lock());
        drop(all);
    }
}

/// Hooks are taken back without the lock, because that locks the process.
fn remove(all: &Weak<All>, address: Address) {
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
