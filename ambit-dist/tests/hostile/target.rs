//! The attacked node, and an honest one that keeps working with it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ambit::Message;
use ambit::prelude::*;
use ambit::process::Pid;
use ambit::system::System;
use ambit_dist::{Auth, Cookie, Limits, Node, Timeouts};
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::hello::Hello;
use super::stranger::{IDLE, Stranger};

/// A value with arbitrary nesting.
#[derive(Clone, Debug, Message)]
#[message(name = "hostile.list")]
pub(crate) struct List {
    pub(crate) rest: Option<Box<Self>>,
}

/// The gates that tills wait for, by the numbers of the tills.
static GATES: Mutex<BTreeMap<u64, Arc<Semaphore>>> = Mutex::new(BTreeMap::new());

/// The processes shown to tills, by the numbers of the tills.
static SHOWN: Mutex<BTreeMap<u64, Pid>> = Mutex::new(BTreeMap::new());

fn gate(key: u64) -> Arc<Semaphore> {
    let mut gates = GATES.lock();
    let gate = gates.entry(key);
    gate.or_insert_with(|| Arc::new(Semaphore::new(0))).clone()
}

/// The server that every peer tries to reach.
pub(crate) struct Till {
    key: u64,
    notes: u64,
    gate: Arc<Semaphore>,
    friends: Vec<TillSubject>,
}

#[gen_server(remote = "hostile.till", mailbox = 4)]
impl Till {
    #[init]
    fn new(key: u64) -> Self {
        let gate = gate(key);
        Self {
            key,
            notes: 0,
            gate,
            friends: Vec::new(),
        }
    }

    #[cast]
    pub(crate) fn note(&mut self, _bytes: Vec<u8>) {
        self.notes += 1;
    }

    #[call]
    pub(crate) fn notes(&self) -> u64 {
        self.notes
    }

    /// Delays all later messages.
    #[cast]
    pub(crate) async fn wait(&mut self) {
        self.gate.acquire().await.unwrap().forget();
    }

    #[cast]
    pub(crate) fn trap_exits(&mut self) {
        ambit::trap_exits(true).unwrap();
    }

    #[call]
    pub(crate) fn nest(&self, list: List) -> bool {
        list.rest.is_some()
    }

    /// Sends one message back.
    #[cast]
    pub(crate) async fn befriend(&mut self, friend: TillSubject) {
        friend.note(Vec::new()).await.ok();
        self.friends.push(friend);
    }

    /// Records a process.
    #[cast]
    pub(crate) fn show(&mut self, process: Pid) {
        SHOWN.lock().insert(self.key, process);
    }

    /// Receives handles and drops them.
    #[call]
    pub(crate) fn count(&self, handles: Vec<TillSubject>) -> u64 {
        handles.len() as u64
    }

    /// Receives pids.
    #[call]
    pub(crate) fn pids(&self, pids: Vec<Pid>) -> u64 {
        pids.len() as u64
    }

    /// Returns an answer of this length.
    #[call]
    pub(crate) fn paper(&self, length: u64) -> Vec<u8> {
        vec![7; length as usize]
    }

    #[call(deferred)]
    pub(crate) fn never(&mut self, reply: ReplyTo<u64>) {
        std::mem::forget(reply);
    }
}

/// Returns the length of the paper, or holds it indefinitely.
#[rpc(name = "hostile.measure")]
pub(crate) async fn measure(paper: Vec<u8>, hold: bool) -> u64 {
    if hold {
        std::future::pending::<()>().await;
    }
    paper.len() as u64
}

pub(crate) struct Target {
    pub(crate) node: Node,
    pub(crate) system: System,
    // Dropping it would end its handles.
    _honest: Node,
    pub(crate) till: TillSubject,
    pub(crate) gate: Arc<Semaphore>,
    key: u64,
    auth: Auth,
    strangers: AtomicU64,
}

impl Target {
    pub(crate) async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    /// Starts a target with these limits.
    pub(crate) async fn with(limits: Limits) -> Self {
        static KEYS: AtomicU64 = AtomicU64::new(0);
        let key = KEYS.fetch_add(1, Ordering::Relaxed);
        let auth: Auth = Auth::cookie(Cookie::generate().unwrap()).into();
        let system = System::builder().build().unwrap();
        let honest = Node::builder("honest").timeouts(Timeouts::default().idle(IDLE));
        let timeouts = Timeouts::default().idle(IDLE);
        let timeouts = timeouts.handshake(Duration::from_millis(500));
        let node = Node::builder("target")
            .system(system.clone())
            .auth(auth.clone())
            .limits(limits)
            .timeouts(timeouts)
            .start()
            .await
            .unwrap();
        node.expose::<Till>();
        node.expose_rpc::<measure>();
        let honest = honest.auth(auth.clone()).start().await.unwrap();
        honest.connect(node.local_addr()).await.unwrap();
        let till = honest.on("target").start::<Till>((key,)).await.unwrap();
        let gate = gate(key);
        Self {
            node,
            system,
            _honest: honest,
            till,
            gate,
            key,
            auth,
            strangers: AtomicU64::new(0),
        }
    }

    /// Returns the process shown to the till.
    pub(crate) fn shown(&self) -> Pid {
        SHOWN.lock()[&self.key]
    }

    /// Returns an unused name of a stranger.
    pub(crate) fn name(&self) -> String {
        let number = self.strangers.fetch_add(1, Ordering::Relaxed);
        format!("stranger-{number}")
    }

    /// Returns an authenticated member that has sent nothing.
    pub(crate) async fn caller(&self, name: &str) -> Stranger {
        Stranger::dial(&self.auth, name, self.node.local_addr()).await
    }

    /// Returns a member with a session.
    pub(crate) async fn stranger(&self) -> Stranger {
        let name = self.name();
        let mut stranger = self.caller(&name).await;
        stranger.meet(&Hello::of(&name)).await;
        stranger
    }

    /// Checks that the honest node is served, that nothing was delivered, and that the node has no other peer.
    pub(crate) async fn unharmed(&self) {
        assert_eq!(self.till.notes().await, Ok(0), "nothing is delivered");
        let others = async {
            loop {
                let peers = self.node.peers();
                if peers.iter().all(|peer| peer.id.name.as_str() == "honest") {
                    break assert_eq!(peers.len(), 1);
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let gone = tokio::time::timeout(Duration::from_secs(10), others).await;
        gone.expect("the stranger is gone");
        assert_eq!(self.system.process_count(), 1);
    }
}
