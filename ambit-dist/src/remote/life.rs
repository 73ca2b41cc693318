//! One life of another node, through all the sessions that lead to it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::sync::{Arc, Weak};

use ambit::node::{self, Attachment, Peer, Shadow, Signal, Signals};
use ambit::{ExitReason, Pid, System};
use parking_lot::{Mutex, RwLock};

use crate::codec::any::AnyCodec;
use crate::mistake::{Mistake, is_made};
use crate::node::id::NodeId;
use crate::session::Session;
use crate::session::outgoing::NODE;
use crate::wire::Local as Address;

/// One life of another node: the pids of its processes here, and what is known of them.
pub(crate) struct Life {
    pub(crate) id: NodeId,
    system: System,
    attachment: Attachment,
    session: RwLock<Option<Arc<Session>>>,
    shadows: Mutex<Shadows>,
}

/// What is known of the processes there.
#[derive(Default)]
struct Shadows {
    held: BTreeMap<Pid, Weak<Shadow<AnyCodec>>>,
    /// A later life of the node is there, so all of them have ended.
    is_over: bool,
    /// Of those that nobody holds a handle on: how many messages are on their account in this session. A new handle begins
    /// with what is left.
    spent: BTreeMap<Pid, u32>,
}

/// The slot of whoever is no process of a node: who watches from outside of one.
const OUTSIDE: u32 = u32::MAX - 1;

impl Life {
    pub(crate) fn new(id: NodeId, system: &System) -> Arc<Self> {
        Arc::new(Self {
            id,
            system: system.clone(),
            attachment: Attachment::new(system),
            session: RwLock::new(None),
            shadows: Mutex::new(Shadows::default()),
        })
    }

    pub(crate) fn attachment(&self) -> &Attachment {
        &self.attachment
    }

    /// The pid here of a process there; without an address of whoever is none.
    pub(crate) fn pid(&self, address: Option<Address>) -> Pid {
        let nobody = Address {
            slot: OUTSIDE,
            generation: 0,
        };
        let Address { slot, generation } = address.unwrap_or(nobody);
        self.attachment.pid(slot, generation)
    }

    /// What that node calls it; `Some(None)` for whoever is no process there.
    pub(crate) fn address(&self, pid: Pid) -> Option<Option<Address>> {
        let (slot, generation) = self.attachment.parts(pid)?;
        Some((slot != OUTSIDE).then_some(Address { slot, generation }))
    }

    pub(crate) fn session(&self) -> Option<Arc<Session>> {
        self.session.read().clone()
    }

    /// A session has been opened.
    pub(crate) fn connected(self: &Arc<Self>, session: &Arc<Session>) {
        *self.session.write() = Some(session.clone());
        self.attachment.connect(self.clone());
        self.shadows.lock().spent.clear();
        let window = session.window();
        let node = self.pid(Some(NODE));
        for shadow in self.shadows() {
            let window = if shadow.pid() == node {
                u32::MAX
            } else {
                window
            };
            shadow.connected(window);
        }
    }

    /// The session has been lost: everybody whom it concerns is told, once.
    pub(crate) fn disconnected(&self, session: &Arc<Session>) {
        {
            let mut current = self.session.write();
            if !current
                .as_ref()
                .is_some_and(|own| Arc::ptr_eq(own, session))
            {
                return;
            }
            *current = None;
        }
        if !is_made(Mistake::ForgetsMonitors) {
            self.attachment.disconnect();
        }
        for shadow in self.shadows() {
            shadow.lost();
        }
    }

    /// A later life of the node is there: all processes of this one have ended, also those of which somebody hears later.
    pub(crate) fn over(&self) {
        self.shadows.lock().is_over = true;
        self.attachment.over();
        for shadow in self.shadows() {
            shadow.ended(&ExitReason::NoProcess);
        }
    }

    /// All that are held, in the order of their pids.
    fn shadows(&self) -> Vec<Arc<Shadow<AnyCodec>>> {
        let shadows = self.shadows.lock();
        shadows.held.values().filter_map(Weak::upgrade).collect()
    }

    /// What is known of a process there, if anybody here holds a handle on it.
    pub(crate) fn known(&self, pid: Pid) -> Option<Arc<Shadow<AnyCodec>>> {
        self.shadows.lock().held.get(&pid)?.upgrade()
    }

    /// So many more messages may go to a process.
    pub(crate) fn credit(&self, to: Address, count: u32) {
        let pid = self.pid(Some(to));
        if let Some(shadow) = self.known(pid) {
            shadow.credit(count);
        } else if let Entry::Occupied(mut spent) = self.shadows.lock().spent.entry(pid) {
            match spent.get().checked_sub(count).filter(|left| *left > 0) {
                Some(left) => *spent.get_mut() = left,
                None => {
                    spent.remove();
                }
            }
        }
    }

    /// The node itself, as a process of its own: nothing counts how much it is asked.
    pub(crate) fn node(self: &Arc<Self>) -> Arc<Shadow<AnyCodec>> {
        self.shadow(NODE, "node")
    }

    /// What is known of a process there.
    pub(crate) fn shadow(
        self: &Arc<Self>,
        address: Address,
        type_name: &'static str,
    ) -> Arc<Shadow<AnyCodec>> {
        let pid = self.pid(Some(address));
        let window = self.session().map_or(0, |session| session.window());
        let window = if address == NODE { u32::MAX } else { window };
        let mut shadows = self.shadows.lock();
        if let Some(known) = shadows.held.get(&pid).and_then(Weak::upgrade) {
            return known;
        }
        let made = Shadow::new(&self.system, self.clone(), pid, type_name, window);
        shadows.held.insert(pid, Arc::downgrade(&made));
        if let Some(spent) = shadows.spent.remove(&pid) {
            made.spent(spent);
        }
        if shadows.is_over {
            made.ended(&ExitReason::NoProcess);
        }
        made
    }
}

impl Peer<AnyCodec> for Life {
    fn session(&self) -> Option<Arc<dyn node::Session<AnyCodec>>> {
        let session = Self::session(self)?;
        Some(session)
    }

    fn forget(&self, pid: Pid, credits: u32) {
        let window = Self::session(self).map_or(0, |session| session.window());
        let spent = window.saturating_sub(credits);
        let newer = {
            let mut shadows = self.shadows.lock();
            let newer = shadows.held.get(&pid).and_then(Weak::upgrade);
            if newer.is_none() {
                shadows.held.remove(&pid);
                if spent > 0 {
                    shadows.spent.insert(pid, spent);
                }
            }
            newer
        };
        if let Some(newer) = newer {
            newer.spent(spent);
        }
    }
}

impl Signals for Life {
    fn signal(&self, to: Pid, signal: Signal) {
        if let Some(session) = Self::session(self) {
            node::Session::signal(&*session, to, signal);
        }
    }
}

impl fmt::Debug for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Life({})", self.id)
    }
}
