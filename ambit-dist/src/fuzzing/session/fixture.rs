//! The node under test, and the node that writes to it.

use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

use ambit::attribute::rpc;
use ambit::gen_server;
use ambit::message::{Form, Out, Wire, tag};
use ambit::process::{Monitor, Pid};
use ambit::system::System;
use bytes::Bytes;

use crate::codecs::any::AnyCodec;
use crate::node::id::{Incarnation, NodeId};
use crate::remote_processes::node_context::NodeContext;
use crate::remote_processes::start;
use crate::rt;
use crate::session::channels::SessionNumber;
use crate::session::{self, Heartbeat, NegotiatedConnection, SessionEnd};
use crate::transport::{Connection, Dial, Memory, ReceiveHalf, SendHalf, Transport};
use crate::wire::{CloseCode, Kind, Limits, ProcessAddress as Address};

/// The server that the other node can reach.
pub(super) struct Till {
    notes: u64,
    friends: Vec<(TillSubject, Monitor)>,
}

#[gen_server(remote = "fuzz.till", mailbox = 2)]
impl Till {
    #[init]
    fn new(notes: u64) -> Self {
        let friends = Vec::new();
        Self { notes, friends }
    }

    #[cast]
    fn note(&mut self, _bytes: Vec<u8>) {
        self.notes = self.notes.wrapping_add(1);
    }

    #[call]
    fn notes(&self) -> u64 {
        self.notes
    }

    /// Sends the friend a short message, a long message and a call, and monitors it until one of them ends.
    #[cast]
    fn exchange_definitions(&mut self, friend: TillSubject) {
        friend.note(vec![7; 30]).now().ok();
        friend.note(vec![7; 1_900]).now().ok();
        drop(friend.notes().now());
        let end = friend.monitor();
        self.friends.push((friend, end));
    }

    /// Links the friend to the till.
    #[cast]
    fn link_each(&mut self, friend: TillSubject) {
        ambit::link(&friend).ok();
    }

    /// Sends back the received processes.
    #[call]
    fn introduce(&self, who: Pid, friend: TillSubject) -> (Pid, TillSubject) {
        (who, friend)
    }

    #[call]
    fn payload(&self, length: u16) -> Vec<u8> {
        vec![7; length.into()]
    }
}

#[rpc(name = "fuzz.double")]
pub(super) async fn double(what: Vec<u8>) -> Vec<u8> {
    tokio::task::yield_now().await;
    [&*what, &*what].concat()
}

/// Returns low limits.
pub(super) fn limits() -> Limits {
    let limits = Limits::default().chunk(300).max_message(2_000).partials(2);
    let limits = limits.partial_bytes(4_000).types(20).contract(8_000);
    let limits = limits.definition_bytes(60_000).asks(4).monitors(4);
    let limits = limits.window(8).window_bytes(2_000).queue(2_000);
    limits.answers(4_000).signals(64).questions(500)
}

pub(super) struct SessionFixture {
    system: System,
    node_context: Arc<NodeContext>,
    till: TillSubject,
    us: Arc<dyn Connection>,
    them: Arc<dyn Connection>,
}

impl SessionFixture {
    pub(super) async fn new() -> Self {
        let system = System::current().expect("there is a runtime");
        let node_context = NodeContext::new(id("a"), &system);
        node_context.services.serve(
            tag("fuzz.till"),
            start::sink::<Till>(&system).expect("it has a name"),
        );
        node_context.services.serve(
            tag("fuzz.double"),
            crate::rpc::sink::<double>(&system).expect("it has a name"),
        );
        let till = Till::start(0).await.expect("it starts");
        let (us, them) = connected().await;
        Self {
            system,
            node_context,
            till,
            us,
            them,
        }
    }

    /// Returns the address of the till.
    pub(super) fn address(&self) -> Address {
        let parts = self.node_context.local.parts(self.till.pid());
        let (slot, generation) = parts.expect("it is a process of this node");
        Address { slot, generation }
    }

    pub(super) async fn play(self, bytes: &[u8]) {
        let (mut say, hear) = self.us.open_bi().await.expect("open");
        say.write(framed(&[0x43, 0, 0, 0, 0, 0, 0, 0, 0, 0]))
            .await
            .ok();
        let every = Duration::from_secs(3600);
        let (session, running) = session::open(NegotiatedConnection {
            node_context: self.node_context.clone(),
            peer: id("b"),
            number: SessionNumber(1),
            connection: self.them.clone(),
            control: self.them.accept_bi().await.expect("open"),
            codec: AnyCodec::Bincode,
            limits: limits(),
            heartbeat: Heartbeat { every, missed: 3 },
            inbox: None,
        });
        // Exports the till to the other node.
        let mut out = Out::with(AnyCodec::Bincode, Form::Compact).process_encoding(&*session);
        self.till
            .as_ref()
            .put(&mut out)
            .expect("a handle can travel");
        let other = ScriptedPeer::new(self.us.clone(), say, hear).await;
        let (ended, ()) = tokio::join!(running, other.write(bytes));
        assert!(!matches!(ended, SessionEnd::Silent), "it has said a lot");
        assert!(
            !matches!(ended, SessionEnd::Here(CloseCode::Internal, _)),
            "{ended:?}"
        );
        assert!(session.keeps_nothing(), "{session:?}");
        // The till may have been killed, but the node keeps running.
        let more = Till::start(7).await.expect("it starts");
        assert_eq!(more.notes().await, Ok(7));
        let stuck = self.system.stop(Duration::from_secs(1)).await;
        assert!(stuck.is_empty(), "{stuck:?}");
    }
}

fn id(name: &str) -> NodeId {
    let name = name.parse().expect("a name of a node");
    let incarnation = Incarnation::new(1, 1);
    NodeId { name, incarnation }
}

async fn connected() -> (Arc<dyn Connection>, Arc<dyn Connection>) {
    let network = Memory::new();
    let bind = |address: &str| network.bind(address.parse().expect("an address"));
    let here = bind("10.0.0.1:1").expect("it is free");
    let there = bind("10.0.0.2:1").expect("it is free");
    let dial = Dial {
        address: here.local_addr(),
        server_name: "a.test.ambit".to_owned(),
    };
    let accept = async { here.accept().await.expect("open").finish().await };
    let (us, them) = tokio::join!(there.dial(dial), accept);
    let them = them.expect("connected");
    (us.expect("connected").into(), them.into())
}

fn framed(bytes: &[u8]) -> Bytes {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    Bytes::from([&length.to_le_bytes()[..], bytes].concat())
}

/// The other node. It reads and discards everything it receives.
struct ScriptedPeer {
    control: Box<dyn SendHalf>,
    lanes: Vec<Box<dyn SendHalf>>,
    readers: rt::JoinSet<()>,
}

impl ScriptedPeer {
    async fn new(
        us: Arc<dyn Connection>,
        control: Box<dyn SendHalf>,
        hear: Box<dyn ReceiveHalf>,
    ) -> Self {
        let mut lanes = Vec::new();
        for lane in 0..limits().lanes {
            let mut stream = us.open_uni().await.expect("open");
            stream.write(Bytes::from(vec![0x10 + lane])).await.ok();
            lanes.push(stream);
        }
        let mut readers = rt::JoinSet::new();
        readers.spawn(read(hear));
        readers.spawn(async move {
            while let Ok(lane) = us.accept_uni().await {
                rt::spawn(read(lane));
            }
        });
        Self {
            control,
            lanes,
            readers,
        }
    }

    /// Writes all bytes, and leaves.
    async fn write(mut self, mut bytes: &[u8]) {
        while let Some((&[which, length], rest)) = bytes.split_first_chunk() {
            let (chunk, rest) = rest.split_at(rest.len().min(length.into()));
            bytes = rest;
            let stream = usize::from(which & 0x7f) % (self.lanes.len() + 1);
            // The node may have closed the stream.
            match self.lanes.get_mut(stream) {
                Some(lane) => lane.write(Bytes::copy_from_slice(chunk)).await.ok(),
                None => self.control.write(framed(chunk)).await.ok(),
            };
            if which >= 0x80 {
                for _ in 0..20 {
                    tokio::task::yield_now().await;
                }
            }
        }
        for lane in &mut self.lanes {
            lane.finish();
        }
        self.control
            .write(framed(&[Kind::GoAway.number(), 0]))
            .await
            .ok();
        while self.readers.join_next().await.is_some() {}
    }
}

async fn read(mut stream: Box<dyn ReceiveHalf>) {
    while let Ok(Some(_)) = stream.read().await {}
}

pub(super) fn runtime() -> Runtime {
    let runtime = Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime can be made")
}
