//! One life of another node, through all the sessions that lead to it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Weak};

use ambit::node::{self, Account, Attachment, Peer, SendBuffer, Shadow, Signal, Signals};
use ambit::{ExitReason, MonitorRef, Pid, System};
use parking_lot::{Mutex, RwLock};

use crate::codec::any::AnyCodec;
use crate::node::id::NodeId;
use crate::session::Session;
use crate::session::outgoing::NODE;
use crate::wire::{Local as Address, WireError};

/// One life of another node: the pids of its processes here, and what is known of them.
pub(crate) struct Life {
    pub(crate) id: NodeId,
    system: System,
    attachment: Attachment,
    session: RwLock<Option<Arc<Session>>>,
    /// Whom anybody here holds a handle on, and who has not returned all credits. The lock comes before that of `session`,
    /// so that each account is opened once in each session.
    shadows: Mutex<Shadows>,
    /// For messages that wait for credits of its processes.
    send_buffer: Arc<SendBuffer>,
}

#[derive(Default)]
struct Shadows {
    known: BTreeMap<Pid, Known>,
    /// A later life of the node is there, so all of them have ended.
    is_over: bool,
}

/// What is known of one process there.
struct Known {
    shadow: Weak<Shadow<AnyCodec>>,
    account: Arc<Account>,
}

impl Known {
    /// Nobody holds a handle, and a new one could begin anew.
    fn is_over(&self) -> bool {
        self.shadow.strong_count() == 0 && self.account.used() == 0
    }
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
            send_buffer: Arc::default(),
        })
    }

    pub(crate) fn attachment(&self) -> &Attachment {
        &self.attachment
    }

    /// The number that all pids here of its processes have.
    pub(crate) fn number(&self) -> u32 {
        self.attachment.number()
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

    /// Whether there is neither a session nor a handle.
    pub(crate) fn is_idle(&self) -> bool {
        let shadows = self.shadows.lock();
        let is_held = |known: &Known| known.shadow.strong_count() > 0;
        self.session.read().is_none() && !shadows.known.values().any(is_held)
    }

    /// A session has been opened.
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

    /// How many credits there are for a process when a session begins, and how many there may ever be.
    fn windows(&self, pid: Pid) -> (u32, u32) {
        match self.session.read().as_ref() {
            Some(_) if self.pid(Some(NODE)) == pid => (Account::UNCOUNTED, Account::UNCOUNTED),
            Some(session) => session.windows(),
            None => (0, 0),
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
        // Credits are those of one session: where nobody holds a handle, nothing is left to be returned.
        self.shadows
            .lock()
            .known
            .retain(|_, known| known.shadow.strong_count() > 0);
        self.attachment.disconnect();
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
        let all = shadows.known.values().map(|known| &known.shadow);
        all.filter_map(Weak::upgrade).collect()
    }

    /// What is known of a process there, if anybody here holds a handle on it.
    pub(crate) fn known(&self, pid: Pid) -> Option<Arc<Shadow<AnyCodec>>> {
        self.shadows.lock().known.get(&pid)?.shadow.upgrade()
    }

    /// So many more messages may go to a process.
    ///
    /// # Errors
    /// They were not used. What nobody here has ever sent anything to may have been forgotten, and is no error.
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

    /// A process has ended, as its node says.
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

    /// How many credits are used, over all processes, and how many messages wait.
    pub(crate) fn owing(&self) -> (u64, usize) {
        let (used, held): (u64, Vec<_>) = {
            let shadows = self.shadows.lock();
            let all = shadows.known.values();
            let used = all.clone().map(|known| u64::from(known.account.used()));
            let held = all.filter_map(|known| known.shadow.upgrade());
            (used.sum(), held.collect())
        };
        // A handle that is dropped here asks for the lock.
        let waiting = held.iter().map(|shadow| shadow.queued().0);
        (used, waiting.sum())
    }

    /// What is kept for this life, and in its session.
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

    /// The node itself, as a process of its own: nothing counts how much it is asked.
    pub(crate) fn node(self: &Arc<Self>) -> Arc<Shadow<AnyCodec>> {
        self.shadow(NODE, || "node")
    }

    /// What is known of a process there.
    pub(crate) fn shadow(
        self: &Arc<Self>,
        address: Address,
        type_name: fn() -> &'static str,
    ) -> Arc<Shadow<AnyCodec>> {
        let pid = self.pid(Some(address));
        let mut shadows = self.shadows.lock();
        let known = shadows.known.entry(pid).or_insert_with(|| {
            let account = Arc::new(Account::new(self.send_buffer.clone()));
            let (first, most) = self.windows(pid);
            account.open(first, most);
            let shadow = Weak::new();
            Known { shadow, account }
        });
        if let Some(held) = known.shadow.upgrade() {
            return held;
        }
        let account = known.account.clone();
        let made = Shadow::new(&self.system, self.clone(), pid, type_name, account);
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
        // Without a session there is nobody who could return credits.
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
