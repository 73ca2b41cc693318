//! A malicious client: it has keys of the cluster, and writes arbitrary bytes.

use std::net::SocketAddr;
use std::time::Duration;

use ambit::distribution::ProtocolBinding;
use ambit::message::{Form, Out, Wire};
use ambit::process::Pid;
use ambit::server::GenServer;
use ambit_dist::transport::{
    Closed, Connection, Dial, Quic, QuicSettings, ReceiveHalf, SendHalf, Transport,
};
use ambit_dist::wire::{Cause, CloseCode, Frame, Limits, ProcessAddress, RawFrame, Splitter};
use ambit_dist::{AnyCodec, Auth};
use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc;

use super::hello::Hello;
use super::target::{Till, TillSubject};

/// The maximum wait of a test.
const PATIENCE: Duration = Duration::from_secs(60);
/// A flood keeps the single thread of its test busy for seconds, on a busy machine for more than ten. That must not
/// count as silence.
pub(crate) const IDLE: Duration = Duration::from_secs(60);

pub(crate) struct Stranger {
    transport: Quic,
    pub(crate) connection: Box<dyn Connection>,
    pub(crate) control: Option<(Box<dyn SendHalf>, Box<dyn ReceiveHalf>)>,
    pub(crate) lanes: Vec<Box<dyn SendHalf>>,
    heard: Splitter,
}

/// Encodes frames.
pub(crate) fn bytes(frames: &[Frame<'_>]) -> Bytes {
    let mut out = BytesMut::new();
    for frame in frames {
        frame.encode(&mut out);
    }
    out.freeze()
}

/// Builds a frame that may be invalid.
pub(crate) fn raw(kind: u8, flags: u8, body: &[u8]) -> Bytes {
    let mut out = BytesMut::new();
    out.extend_from_slice(&(body.len() as u32 + 2).to_le_bytes());
    out.extend_from_slice(&[kind, flags]);
    out.extend_from_slice(body);
    out.freeze()
}

/// The address of the node itself.
pub(crate) const NODE: ProcessAddress = ProcessAddress {
    slot: u32::MAX,
    generation: u32::MAX,
};

/// Returns the address of a process that may not exist.
pub(crate) fn process(slot: u32) -> ProcessAddress {
    let generation = 0;
    ProcessAddress { slot, generation }
}

/// Builds the definition of an unknown protocol.
pub(crate) fn type_def(id: u32, name: &str, contract: &[u8]) -> Bytes {
    let fingerprint = id.into();
    bytes(&[Frame::TypeDef {
        id,
        name,
        fingerprint,
        contract,
    }])
}

/// Builds the definition of a node that does not exist.
pub(crate) fn node_def(id: u32, name: &str) -> Bytes {
    let incarnation = id.into();
    bytes(&[Frame::NodeDef {
        id,
        name,
        incarnation,
    }])
}

/// Returns the protocol binding of the till.
pub(crate) fn binding() -> ProtocolBinding {
    ProtocolBinding::of::<<Till as GenServer>::Protocol>().unwrap()
}

/// Returns the address of a till on its node.
pub(crate) fn address(till: &TillSubject) -> ProcessAddress {
    address_of(till.pid())
}

/// Returns the address of a process on its node.
pub(crate) fn address_of(pid: Pid) -> ProcessAddress {
    let pid = pid.to_string();
    let mut parts = pid.trim_start_matches('#').split('.');
    let mut part = || parts.next().map_or(0, |part| part.parse().unwrap());
    ProcessAddress {
        slot: part(),
        generation: part(),
    }
}

/// Builds the correct definition of the till's protocol.
pub(crate) fn definition(id: u32) -> Bytes {
    let binding = binding();
    bytes(&[Frame::TypeDef {
        id,
        name: binding.name(),
        fingerprint: binding.fingerprint(),
        contract: binding.text().as_bytes(),
    }])
}

impl Stranger {
    pub(crate) async fn dial(auth: &Auth, name: &str, address: SocketAddr) -> Self {
        let (name, cluster) = (name.parse().unwrap(), "ambit".parse().unwrap());
        let credentials = auth.credentials(&name, &cluster).unwrap();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut settings = QuicSettings::default();
        settings.idle_timeout = IDLE;
        let transport = Quic::bind(any, &credentials, settings).unwrap();
        let server_name = "any.ambit.ambit".to_owned();
        let dial = Dial {
            address,
            server_name,
        };
        let connection = transport.dial(dial).await.unwrap();
        Self {
            transport,
            connection,
            control: None,
            lanes: Vec::new(),
            heard: Splitter::new(&Limits::default()),
        }
    }

    /// Opens another connection of the same member.
    pub(crate) async fn again(&self, address: SocketAddr) -> Box<dyn Connection> {
        let server_name = "any.ambit.ambit".to_owned();
        let dial = Dial {
            address,
            server_name,
        };
        self.transport.dial(dial).await.unwrap()
    }

    /// Starts the control stream with these bytes.
    pub(crate) async fn begin(&mut self, first: &[u8]) {
        let (mut send, receive) = self.connection.open_bi().await.unwrap();
        // The node may have closed the stream.
        send.write(Bytes::copy_from_slice(first)).await.ok();
        self.control = Some((send, receive));
    }

    /// Sends a hello.
    pub(crate) async fn greet(&mut self, hello: &[u8]) {
        let mut first = vec![1];
        first.extend_from_slice(&raw(0x40, 0, hello));
        self.begin(&first).await;
    }

    /// Sends a hello, receives the answer, uses the connection, and opens its lanes.
    pub(crate) async fn meet(&mut self, hello: &Hello) {
        self.greet(&hello.bytes()).await;
        let answer = self.hear().await;
        assert_eq!(answer.kind, 0x41, "an answer to the greeting");
        self.connection.begin_session();
        self.ping().await;
        for lane in 0..4 {
            let mut stream = self.connection.open_uni().await.unwrap();
            stream.write(vec![0x10 + lane].into()).await.unwrap();
            self.lanes.push(stream);
        }
    }

    /// Returns the next frame of the control stream.
    pub(crate) async fn hear(&mut self) -> RawFrame {
        let (_, receive) = self.control.as_mut().unwrap();
        loop {
            if let Some(frame) = self.heard.pop().unwrap() {
                return frame;
            }
            let chunk = tokio::time::timeout(PATIENCE, receive.read()).await;
            self.heard.feed(chunk.unwrap().unwrap().unwrap());
        }
    }

    /// Waits for a pong: all earlier frames of the control stream have then been read.
    pub(crate) async fn ping(&mut self) {
        self.say(bytes(&[Frame::Ping { nonce: 7 }])).await;
        while self.hear().await.kind != 0x44 {}
    }

    /// Writes to the control stream, ignoring errors.
    pub(crate) async fn say(&mut self, what: Bytes) {
        let (send, _) = self.control.as_mut().unwrap();
        send.write(what).await.ok();
    }

    /// Writes to a lane, ignoring errors.
    pub(crate) async fn write(&mut self, lane: usize, what: Bytes) {
        self.lanes[lane].write(what).await.ok();
    }

    /// Writes a frame to the first lane, ignoring errors.
    pub(crate) async fn send(&mut self, frame: Frame<'_>) {
        self.write(0, bytes(&[frame])).await;
    }

    /// Returns the frames on the node's lanes from now on.
    pub(crate) async fn answers(&self) -> Answers {
        let (found, frames) = mpsc::unbounded_channel();
        for _ in 0..4 {
            let mut stream = self.connection.accept_uni().await.unwrap();
            let found = found.clone();
            tokio::spawn(async move {
                let mut splitter = Splitter::new(&Limits::default());
                let mut is_first = true;
                while let Ok(Some(mut chunk)) = stream.read().await {
                    if std::mem::take(&mut is_first) {
                        drop(chunk.split_to(1));
                    }
                    splitter.feed(chunk);
                    while let Some(frame) = splitter.pop().unwrap() {
                        found.send(frame).ok();
                    }
                }
            });
        }
        Answers(frames)
    }

    /// Returns the reason for which the node closed the connection.
    pub(crate) async fn closed(&self) -> (CloseCode, String) {
        match self.end().await {
            Closed::Peer { code, text } => (code, text),
            other => panic!("{other:?}"),
        }
    }

    /// Returns how the connection ended.
    pub(crate) async fn end(&self) -> Closed {
        let closed = tokio::time::timeout(PATIENCE, self.connection.closed()).await;
        closed.expect("it is closed in time")
    }

    /// Calls the till, whose protocol it has defined. The answer proves that all earlier frames have been read.
    pub(crate) async fn is_served(&mut self, till: ProcessAddress) {
        self.write(0, ask(till, 1, "notes", b"")).await;
        self.answers().await.next(0x12).await;
    }

    /// Checks that the node keeps the session.
    pub(crate) async fn is_kept(&mut self) {
        self.ping().await;
    }
}

/// The frames of the node's lanes.
pub(crate) struct Answers(mpsc::UnboundedReceiver<RawFrame>);

impl Answers {
    /// Returns the next frame of this kind.
    pub(crate) async fn next(&mut self, kind: u8) -> RawFrame {
        loop {
            let frame = tokio::time::timeout(PATIENCE, self.0.recv()).await;
            let frame = frame.expect("an answer in time").expect("an answer");
            if frame.kind == kind {
                return frame;
            }
        }
    }
}

/// Builds an exit signal.
pub(crate) fn exit(
    from: ProcessAddress,
    to: ProcessAddress,
    cause: Cause,
    reason: &[u8],
) -> Frame<'_> {
    let from = Some(from);
    Frame::Exit {
        from,
        to,
        cause,
        reason,
    }
}

/// Builds an exit signal ahead of messages.
pub(crate) fn exit_ahead(
    from: ProcessAddress,
    to: ProcessAddress,
    cause: Cause,
    reason: &[u8],
) -> Frame<'_> {
    let from = Some(from);
    Frame::ExitAhead {
        from,
        to,
        cause,
        reason,
    }
}

/// Builds a message to the till.
pub(crate) fn tell(to: ProcessAddress, ty: u32, method: &str, payload: &[u8]) -> Bytes {
    bytes(&[Frame::Tell {
        to,
        from: None,
        ty,
        method: ambit::message::tag(method),
        framed: false,
        trace: None,
        payload,
    }])
}

/// Builds a call of the till.
pub(crate) fn ask(to: ProcessAddress, req: u64, method: &str, payload: &[u8]) -> Bytes {
    bytes(&[Frame::Ask {
        req,
        to,
        from: None,
        ty: 1,
        method: ambit::message::tag(method),
        deadline_ms: None,
        framed: false,
        trace: None,
        payload,
    }])
}

/// Encodes an argument.
pub(crate) fn value(of: &impl Wire) -> Vec<u8> {
    let mut out = Out::<AnyCodec>::with(AnyCodec::Bincode, Form::Compact);
    of.put(&mut out).unwrap();
    out.into_bytes()
}

/// Encodes the arguments of `note` with this many bytes.
pub(crate) fn paper(length: usize) -> Vec<u8> {
    value(&vec![7_u8; length])
}
