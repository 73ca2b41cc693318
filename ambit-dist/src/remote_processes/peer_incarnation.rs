//! An incarnation of another node, across all sessions with it.

use std::collections::BTreeMap;
use std::fmt;
use std::ptr;
use std::sync::{Arc, Weak};

use ambit::distribution::{
    self, Attachment, CreditWindow, Peer, QueuedSignals, RemoteProxy, SendBuffer, Signal, Signals,
};
use ambit::process::{ExitReason, MonitorRef, Pid};
use ambit::system::System;
use parking_lot::{Mutex, RwLock};

use crate::codecs::any::AnyCodec;
use crate::node::id::NodeId;
use crate::remote_processes::peer_session::PeerSession;
use crate::wire::{NODE, ProcessAddress as Address, WireError};

/// An incarnation of another node: the local pids of its processes, and their proxies.
pub(crate) struct PeerIncarnation {
    pub(crate) id: NodeId,
    system: System,
    attachment: Attachment,
    session: RwLock<Option<Arc<dyn PeerSession>>>,
    /// The processes with a local handle or a credit window that is no longer new. This lock is taken before that of `session`, so
    /// that each credit window is opened once in each session.
    proxies: Mutex<ProxyTable>,
    /// Holds messages that wait for credits of its processes.
    send_buffer: Arc<SendBuffer>,
}

#[derive(Default)]
struct ProxyTable {
    known: BTreeMap<Pid, KnownProcess>,
    /// True once a later incarnation of the node connected, so all its processes have ended.
    is_over: bool,
}

/// The local state of a remote process.
struct KnownProcess {
    proxy: Weak<RemoteProxy<AnyCodec>>,
    window: Arc<CreditWindow>,
    /// Whether its node has reported its end, after the last credits.
    has_ended: bool,
}

impl KnownProcess {
    /// Returns whether no handle exists and the window is not needed by a later handle.
    fn is_over(&self) -> bool {
        self.proxy.strong_count() == 0 && (self.has_ended || self.window.is_new())
    }
}

/// The slot of a monitoring party that is not a process.
const OUTSIDE: u32 = u32::MAX - 1;

impl PeerIncarnation {
    /// Creates the state of an incarnation, whose signals count in `queued` while they wait in mailboxes.
    pub(crate) fn new(id: NodeId, system: &System, queued: QueuedSignals) -> Arc<Self> {
        Arc::new(Self {
            id,
            system: system.clone(),
            attachment: Attachment::with_queued(system, queued),
            session: RwLock::new(None),
            proxies: Mutex::new(ProxyTable::default()),
            send_buffer: Arc::default(),
        })
    }

    pub(crate) fn attachment(&self) -> &Attachment {
        &self.attachment
    }

    /// Returns the node number in all local pids of its processes.
    pub(crate) fn number(&self) -> u64 {
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

    pub(crate) fn session(&self) -> Option<Arc<dyn PeerSession>> {
        self.session.read().clone()
    }

    /// Returns whether there is neither a session nor a handle.
    pub(crate) fn is_idle(&self) -> bool {
        let proxies = self.proxies.lock();
        let is_held = |known: &KnownProcess| known.proxy.strong_count() > 0;
        self.session.read().is_none() && !proxies.known.values().any(is_held)
    }

    /// Attaches a new session.
    pub(crate) fn connected(self: &Arc<Self>, session: Arc<dyn PeerSession>) {
        {
            let mut proxies = self.proxies.lock();
            proxies
                .known
                .retain(|_, known| known.proxy.strong_count() > 0);
            self.send_buffer.set_limit(session.send_buffer());
            *self.session.write() = Some(session);
            for (pid, known) in &proxies.known {
                let (first, most) = self.windows(*pid);
                known.window.open(first, most);
            }
        }
        self.attachment.connect(self.clone());
        for proxy in self.proxies() {
            proxy.go_on();
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
    pub(crate) fn disconnected(&self, session: &dyn PeerSession) {
        {
            let mut current = self.session.write();
            let is_current = |current: &Arc<_>| ptr::addr_eq(Arc::as_ptr(current), session);
            if !current.as_ref().is_some_and(is_current) {
                return;
            }
            *current = None;
        }
        // Credits belong to one session: without a handle there is nothing left to return.
        self.proxies
            .lock()
            .known
            .retain(|_, known| known.proxy.strong_count() > 0);
        self.attachment.disconnect();
        for proxy in self.proxies() {
            proxy.lost();
        }
    }

    /// Marks this incarnation as ended because a later one connected. Its processes count as ended, including those
    /// that become known later.
    pub(crate) fn over(&self) {
        self.proxies.lock().is_over = true;
        self.attachment.over();
        for proxy in self.proxies() {
            proxy.ended(&ExitReason::NoProcess);
        }
    }

    /// Returns the proxies with a handle, in the order of their pids.
    fn proxies(&self) -> Vec<Arc<RemoteProxy<AnyCodec>>> {
        let proxies = self.proxies.lock();
        let all = proxies.known.values().map(|known| &known.proxy);
        all.filter_map(Weak::upgrade).collect()
    }

    /// Returns the proxy of a process, if a local handle exists.
    pub(crate) fn known(&self, pid: Pid) -> Option<Arc<RemoteProxy<AnyCodec>>> {
        self.proxies.lock().known.get(&pid)?.proxy.upgrade()
    }

    /// Grants credits for messages to a process. Returns its proxy, which may send more messages now. A count of 0
    /// reports that the process has ended and its window may be forgotten.
    ///
    /// # Errors
    /// Fails if the credits were not in use. Credits for an unknown process are ignored, because its state may have
    /// been removed.
    pub(crate) fn credit(
        &self,
        to: Address,
        count: u32,
    ) -> Result<Option<Arc<RemoteProxy<AnyCodec>>>, WireError> {
        let pid = self.pid(Some(to));
        let mut proxies = self.proxies.lock();
        let Some(known) = proxies.known.get_mut(&pid) else {
            return Ok(None);
        };
        let granted = known.window.grant(count);
        granted.map_err(|fits| WireError::TooMuchCredit { count, fits })?;
        known.has_ended |= count == 0;
        let proxy = known.proxy.upgrade();
        if known.is_over() {
            proxies.known.remove(&pid);
        }
        Ok(proxy)
    }

    /// Handles the end of a process, reported by its node.
    pub(crate) fn ended(&self, pid: Pid, reason: &ExitReason, answers: Option<MonitorRef>) {
        if let Some(proxy) = self.known(pid) {
            proxy.end(reason, answers);
        } else {
            let mut proxies = self.proxies.lock();
            let known = proxies.known.get(&pid);
            if known.is_some_and(|known| known.proxy.strong_count() == 0) {
                proxies.known.remove(&pid);
            }
        }
    }

    /// Returns the number of used credits and of waiting messages, over all processes.
    pub(crate) fn owing(&self) -> (u64, usize) {
        let (used, held): (u64, Vec<_>) = {
            let proxies = self.proxies.lock();
            let all = proxies.known.values();
            let used = all.clone().map(|known| u64::from(known.window.used()));
            let held = all.filter_map(|known| known.proxy.upgrade());
            (used.sum(), held.collect())
        };
        // Dropping a handle in this loop takes the lock.
        let waiting = held.iter().map(|proxy| proxy.queued().0);
        (used, waiting.sum())
    }

    /// Counts the state kept for this incarnation and its session.
    #[cfg(feature = "sim")]
    pub(crate) fn leftovers(&self, left: &mut crate::sim::Leftovers) {
        let (used, waiting) = self.owing();
        left.count("used credits", used);
        left.count("waiting messages", waiting);
        let (windows, proxies) = {
            let proxies = self.proxies.lock();
            let held = proxies.known.values();
            let held = held.filter(|known| known.proxy.strong_count() > 0);
            (proxies.known.len(), held.count())
        };
        left.count("credit windows", windows);
        left.count("proxies", proxies);
        if let Some(session) = self.session() {
            session.leftovers(left);
        }
    }

    /// Returns the proxy of the node itself, whose messages need no credits.
    pub(crate) fn node(self: &Arc<Self>) -> Arc<RemoteProxy<AnyCodec>> {
        self.proxy(NODE, || "node")
    }

    /// Returns the proxy of a process, creating it if necessary.
    pub(crate) fn proxy(
        self: &Arc<Self>,
        address: Address,
        type_name: fn() -> &'static str,
    ) -> Arc<RemoteProxy<AnyCodec>> {
        let pid = self.pid(Some(address));
        let mut proxies = self.proxies.lock();
        let known = proxies.known.entry(pid).or_insert_with(|| {
            let window = Arc::new(CreditWindow::new(self.send_buffer.clone()));
            let (first, most) = self.windows(pid);
            window.open(first, most);
            let proxy = Weak::new();
            KnownProcess {
                proxy,
                window,
                has_ended: false,
            }
        });
        if let Some(held) = known.proxy.upgrade() {
            return held;
        }
        let window = known.window.clone();
        let made = RemoteProxy::new(&self.system, self.clone(), pid, type_name, window);
        known.proxy = Arc::downgrade(&made);
        if proxies.is_over {
            made.ended(&ExitReason::NoProcess);
        }
        made
    }
}

impl Peer<AnyCodec> for PeerIncarnation {
    fn session(&self) -> Option<Arc<dyn distribution::Session<AnyCodec>>> {
        let session = Self::session(self)?;
        Some(session)
    }

    fn forget(&self, pid: Pid) {
        let mut proxies = self.proxies.lock();
        let known = proxies.known.get(&pid);
        let is_unused = known.is_some_and(|known| known.proxy.strong_count() == 0);
        // Without a session there is no peer that could return credits.
        let is_over = known.is_some_and(KnownProcess::is_over) || self.session.read().is_none();
        if is_unused && is_over {
            proxies.known.remove(&pid);
        }
    }
}

impl Signals for PeerIncarnation {
    fn signal(&self, to: Pid, signal: Signal) {
        let may_follow = matches!(signal, Signal::Down { .. } | Signal::Exit { .. });
        let proxy = if may_follow { self.known(to) } else { None };
        let signal = match proxy {
            Some(proxy) => proxy.follow(signal),
            None => Some(signal),
        };
        let Some(signal) = signal else { return };
        if let Some(session) = Self::session(self) {
            session.signal(to, signal);
        }
    }
}

impl fmt::Debug for PeerIncarnation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PeerIncarnation({})", self.id)
    }
}
