//! An incarnation of another node, across all sessions with it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Weak};

use ambit::node::{self, Attachment, CreditWindow, Peer, RemoteProxy, SendBuffer, Signal, Signals};
use ambit::{ExitReason, MonitorRef, Pid, System};
use parking_lot::{Mutex, RwLock};

use crate::codec::any::AnyCodec;
use crate::node::id::NodeId;
use crate::session::Session;
use crate::session::outgoing::NODE;
use crate::wire::{Local as Address, WireError};

/// An incarnation of another node: the local pids of its processes, and their proxies.
pub(crate) struct Life {
    pub(crate) id: NodeId,
    system: System,
    attachment: Attachment,
    session: RwLock<Option<Arc<Session>>>,
    /// The processes with a local handle or with unreturned credits. This lock is taken before that of `session`, so that
    /// each credit window is opened once in each session.
    shadows: Mutex<Shadows>,
    /// Holds messages that wait for credits of its processes.
    send_buffer: Arc<SendBuffer>,
}

#[derive(Default)]
struct Shadows {
    known: BTreeMap<Pid, Known>,
    /// True once a later incarnation of the node connected, so all its processes have ended.
    is_over: bool,
}

/// The local state of a remote process.
struct Known {
    shadow: Weak<RemoteProxy<AnyCodec>>,
    account: Arc<CreditWindow>,
}

impl Known {
    /// Returns whether no handle exists and no credit is used, so that a new handle can start from scratch.
    fn is_over(&self) -> bool {
        self.shadow.strong_count() == 0 && self.account.used() == 0
    }
}

/// The slot of a monitoring party that is not a process.
const OUTSIDE: u32 = u32::MAX - 1;

impl Life {
    pub(crate) fn new(id: NodeId, system: &System) -> Arc<Self> {
        Arc::new(Self {
            id,
            system: system.clone(),
            attachment: Attachment::new(system),
            session: RwLock::new(None),
            shadows: Mutex::new(Shadows::default()),
            send_buffer: Arc::default(),
        })
    }

    pub(crate) fn attachment(&self) -> &Attachment {
        &self.attachment
    }

    /// Returns the node number in all local pids of its processes.
    pub(crate) fn number(&self) -> u32 {
        self.attachment.number()
    }

    /// Returns the local pid of a remote process, or of a party that is not a process.
    pub(crate) fn pid(&self, address: Option<Address>) -> Pid {
        let nobody = Address {
            slot: OUTSIDE,
            generation: 0,
        };
        let Address { slot, generation } = address.unwrap_or(nobody);
        self.attachment.pid(slot, generation)
    }

    /// Returns the address of a pid on that node; `Some(None)` for a party that is not a process.
    pub(crate) fn address(&self, pid: Pid) -> Option<Option<Address>> {
        let (slot, generation) = self.attachment.parts(pid)?;
        Some((slot != OUTSIDE).then_some(Address { slot, generation }))
    }

    pub(crate) fn session(&self) -> Option<Arc<Session>> {
        self.session.read().clone()
    }

    /// Returns whether there is neither a session nor a handle.
    pub(crate) fn is_idle(&self) -> bool {
        let shadows = self.shadows.lock();
        let is_held = |known: &Known| known.shadow.strong_count() > 0;
        self.session.read().is_none() && !shadows.known.values().any(is_held)
    }

    /// Attaches a new session.
    pub(crate) fn connected(self: &Arc<Self>, session: &Arc<Session>) {
        {
            let mut shadows = self.shadows.lock();
            shadows
                .known
                .retain(|_, known| known.shadow.strong_count() > 0);
            *self.session.write() = Some(session.clone());
            self.send_buffer.set_limit(session.send_buffer());
            for (pid, known) in &shadows.known {
                let (first, most) = self.windows(*pid);
                known.account.open(first, most);
            }
        }
        self.attachment.connect(self.clone());
        for shadow in self.shadows() {
            shadow.go_on();
        }
    }

    /// Returns the initial and the maximum window of a process in credits.
    fn windows(&self, pid: Pid) -> (u32, u32) {
        match self.session.read().as_ref() {
            Some(_) if self.pid(Some(NODE)) == pid => {
                (CreditWindow::UNCOUNTED, CreditWindow::UNCOUNTED)
            }
            Some(session) => session.windows(),
            None => (0, 0),
        }
    }

    /// Detaches a lost session, and notifies all affected processes once.
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
        // Credits belong to one session: without a handle there is nothing left to return.
        self.shadows
            .lock()
            .known
            .retain(|_, known| known.shadow.strong_count() > 0);
        self.attachment.disconnect();
        for shadow in self.shadows() {
            shadow.lost();
        }
    }

    /// Marks this incarnation as ended because a later one connected. Its processes count as ended, including those that
    /// become known later.
    pub(crate) fn over(&self) {
        self.shadows.lock().is_over = true;
        self.attachment.over();
        for shadow in self.shadows() {
            shadow.ended(&ExitReason::NoProcess);
        }
    }

    /// Returns the proxies with a handle, in the order of their pids.
    fn shadows(&self) -> Vec<Arc<RemoteProxy<AnyCodec>>> {
        let shadows = self.shadows.lock();
        let all = shadows.known.values().map(|known| &known.shadow);
        all.filter_map(Weak::upgrade).collect()
    }

    /// Returns the proxy of a process, if a local handle exists.
    pub(crate) fn known(&self, pid: Pid) -> Option<Arc<RemoteProxy<AnyCodec>>> {
        self.shadows.lock().known.get(&pid)?.shadow.upgrade()
    }

    /// Returns credits for messages to a process.
    ///
    /// # Errors
    /// Fails if the credits were not in use. Credits for an unknown process are ignored, because its state may have been
    /// removed.
    pub(crate) fn credit(&self, to: Address, count: u32) -> Result<(), WireError> {
        let pid = self.pid(Some(to));
        let shadow = {
            let mut shadows = self.shadows.lock();
            let Some(known) = shadows.known.get(&pid) else {
                return Ok(());
            };
            let granted = known.account.grant(count);
            granted.map_err(|fits| WireError::TooMuchCredit { count, fits })?;
            let shadow = known.shadow.upgrade();
            if known.is_over() {
                shadows.known.remove(&pid);
            }
            shadow
        };
        if let Some(shadow) = shadow {
            shadow.go_on();
        }
        Ok(())
    }

    /// Handles the end of a process, reported by its node.
    pub(crate) fn ended(&self, pid: Pid, reason: &ExitReason, answers: Option<MonitorRef>) {
        if let Some(shadow) = self.known(pid) {
            shadow.told(reason, answers);
        } else {
            let mut shadows = self.shadows.lock();
            let known = shadows.known.get(&pid);
            if known.is_some_and(|known| known.shadow.strong_count() == 0) {
                shadows.known.remove(&pid);
            }
        }
    }

    /// Returns the number of used credits and of waiting messages, over all processes.
    pub(crate) fn owing(&self) -> (u64, usize) {
        let (used, held): (u64, Vec<_>) = {
            let shadows = self.shadows.lock();
            let all = shadows.known.values();
            let used = all.clone().map(|known| u64::from(known.account.used()));
            let held = all.filter_map(|known| known.shadow.upgrade());
            (used.sum(), held.collect())
        };
        // Dropping a handle in this loop takes the lock.
        let waiting = held.iter().map(|shadow| shadow.queued().0);
        (used, waiting.sum())
    }

    /// Counts the state kept for this incarnation and its session.
    #[cfg(feature = "sim")]
    pub(crate) fn leftovers(&self, left: &mut crate::sim::Leftovers) {
        let (used, waiting) = self.owing();
        left.count("used credits", used);
        left.count("waiting messages", waiting);
        let (accounts, proxies) = {
            let shadows = self.shadows.lock();
            let held = shadows.known.values();
            let held = held.filter(|known| known.shadow.strong_count() > 0);
            (shadows.known.len(), held.count())
        };
        left.count("accounts", accounts);
        left.count("proxies", proxies);
        if let Some(session) = self.session() {
            session.leftovers(left);
        }
    }

    /// Returns the proxy of the node itself, whose messages need no credits.
    pub(crate) fn node(self: &Arc<Self>) -> Arc<RemoteProxy<AnyCodec>> {
        self.shadow(NODE, || "node")
    }

    /// Returns the proxy of a process, creating it if necessary.
    pub(crate) fn shadow(
        self: &Arc<Self>,
        address: Address,
        type_name: fn() -> &'static str,
    ) -> Arc<RemoteProxy<AnyCodec>> {
        let pid = self.pid(Some(address));
        let mut shadows = self.shadows.lock();
        let known = shadows.known.entry(pid).or_insert_with(|| {
            let account = Arc::new(CreditWindow::new(self.send_buffer.clone()));
            let (first, most) = self.windows(pid);
            account.open(first, most);
            let shadow = Weak::new();
            Known { shadow, account }
        });
        if let Some(held) = known.shadow.upgrade() {
            return held;
        }
        let account = known.account.clone();
        let made = RemoteProxy::new(&self.system, self.clone(), pid, type_name, account);
        known.shadow = Arc::downgrade(&made);
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

    fn forget(&self, pid: Pid) {
        let mut shadows = self.shadows.lock();
        let known = shadows.known.get(&pid);
        let is_unused = known.is_some_and(|known| known.shadow.strong_count() == 0);
        // Without a session there is no peer that could return credits.
        let is_over = known.is_some_and(Known::is_over) || self.session.read().is_none();
        if is_unused && is_over {
            shadows.known.remove(&pid);
        }
    }
}

impl Signals for Life {
    fn signal(&self, to: Pid, signal: Signal) {
        let may_follow = matches!(signal, Signal::Down { .. } | Signal::Exit { .. });
        let shadow = if may_follow { self.known(to) } else { None };
        let signal = match shadow {
            Some(shadow) => shadow.follow(signal),
            None => Some(signal),
        };
        let Some(signal) = signal else { return };
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
