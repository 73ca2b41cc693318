//! Opens, runs and closes a session.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::codecs::any::AnyCodec;
use crate::node::id::NodeId;
use crate::remote_processes::node_context::NodeContext;
use crate::rt::{self, JoinSet};
use crate::session::channel_streams;
use crate::session::channels::{Channel, ChannelInbox, Channels, SessionNumber};
use crate::session::control::Heartbeat;
use crate::session::control_stream::{self, ControlEnd, ControlReader};
use crate::session::reader;
use crate::session::state::Session;
use crate::session::writer::{self, CLOSE_FOLLOWS};
use crate::transport::{Closed, Connection, ReceiveHalf, SendHalf};
use crate::wire::{CloseCode, Limits};

/// The first byte of a lane's stream, plus the lane's number.
const LANE: u8 = 0x10;

/// A connection after a successful handshake.
pub(crate) struct NegotiatedConnection {
    pub(crate) node_context: Arc<NodeContext>,
    pub(crate) peer: NodeId,
    pub(crate) number: SessionNumber,
    pub(crate) connection: Arc<dyn Connection>,
    /// The control stream, after the handshake.
    pub(crate) control: (Box<dyn SendHalf>, Box<dyn ReceiveHalf>),
    pub(crate) codec: AnyCodec,
    pub(crate) limits: Limits,
    pub(crate) heartbeat: Heartbeat,
    /// The receiver of the cluster's frames, if both nodes take part in its membership.
    pub(crate) inbox: Option<ChannelInbox>,
}

/// How a session ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SessionEnd {
    /// This node ended it.
    Here(CloseCode, String),
    /// The other node left.
    Left,
    /// The other node sent no heartbeat.
    Silent,
    /// The connection ended.
    Connection(Closed),
}

/// Opens a session: from now on, handles can reach the processes of the other node. Messages are queued until the
/// returned future is polled.
pub(crate) fn open(
    opened: NegotiatedConnection,
) -> (Arc<Session>, impl Future<Output = SessionEnd> + Send) {
    let NegotiatedConnection {
        node_context,
        peer,
        number,
        connection,
        control,
        codec,
        limits,
        heartbeat,
        inbox,
    } = opened;
    let peer_incarnation = node_context.record_connected(&peer);
    let channels = inbox.map(|inbox| Channels::new(number, inbox));
    let session = Session::new(
        node_context,
        peer_incarnation.clone(),
        codec,
        limits,
        channels,
    );
    let session = Arc::new(session);
    peer_incarnation.connected(session.clone());
    session.node_context.opened(&peer_incarnation);
    let running = run(session.clone(), connection, control, heartbeat);
    (session, running)
}

async fn run(
    session: Arc<Session>,
    connection: Arc<dyn Connection>,
    (send, receive): (Box<dyn SendHalf>, Box<dyn ReceiveHalf>),
    heartbeat: Heartbeat,
) -> SessionEnd {
    send.set_priority(CONTROL);
    let mut speaking = pin!(control_stream::speak(session.clone(), send));
    // The first frame of the dialler confirms the connection. Until then the other node accepts few bytes, and the
    // lanes could use them up.
    let first = poll_fn(|cx| Poll::Ready(speaking.as_mut().poll(cx))).await;
    let mut speaking = pin!(async move {
        match first {
            Poll::Ready(end) => end,
            Poll::Pending => speaking.await,
        }
    });
    let mut tasks = JoinSet::new();
    tasks.spawn(open_lanes(session.clone(), connection.clone()));
    // Each reader and each task that returns credits has a clone, so the last one closes the channel.
    let (reading, readers_over) = mpsc::channel(1);
    *session.delivering.lock() = Some(reading.clone());
    tasks.spawn(accept_lanes(session.clone(), connection.clone(), reading));
    tasks.spawn(refuse_more(session.clone(), connection.clone()));
    let mut watching = pin!(control_stream::watch(session.clone(), heartbeat));
    let mut listener = ControlReader::new(session.clone(), receive);
    let mut taking = pin!(session.take_the_rest(&*connection));
    // The other node leaves; all that it sent is taken; it needs nothing more from this node.
    let (mut leaves, mut has_rest, mut is_over) = (false, false, false);
    let end = loop {
        // Until the rest is taken, credits pass in both directions, and the control stream of the other node stays open.
        // Otherwise that node would end the session here.
        let end = tokio::select! {
            biased;
            () = session.closing.ended() => None,
            end = listener.listen(), if !is_over => Some(end),
            end = &mut speaking, if !is_over => Some(end),
            end = &mut watching, if !is_over => Some(end),
            () = &mut taking, if leaves && !has_rest => {
                has_rest = true;
                session.control.finish();
                Some(ControlEnd::GoAway)
            }
        };
        match end {
            Some(ControlEnd::GoAway) => leaves = true,
            Some(ControlEnd::Over) if leaves => is_over = true,
            // It has said that it leaves, and was not seen again.
            Some(ControlEnd::Silent) if leaves => break Some(ControlEnd::GoAway),
            end => break end,
        }
        // The last node that reads closes the connection. A node that leaves as well may still read.
        if has_rest && (is_over || !session.leaves.load(Ordering::Relaxed)) {
            break Some(ControlEnd::GoAway);
        }
    };
    let ended = session.end(&*connection, end).await;
    tracing::debug!(node = %session.node_context.id(), peer = %session.peer_incarnation.id, ?ended, "a session has ended");
    close(&session, tasks, readers_over).await;
    ended
}

/// Ends everything that belongs to a session.
async fn close(
    session: &Arc<Session>,
    mut tasks: JoinSet<()>,
    readers_over: mpsc::Receiver<Infallible>,
) {
    // Everything that waits for the end of the session continues. From here on, nothing of the other node acts here.
    session.closing.begin(CloseCode::Normal, String::new());
    tasks.shutdown().await;
    deliveries_over(session, readers_over).await;
    for lane in &session.lanes {
        lane.close();
    }
    if let Some(channels) = session.channels() {
        channels.close();
    }
    session.peer_incarnation.disconnected(&**session);
    session.node_context.closed(&session.peer_incarnation);
    session.abandon();
}

/// The priority of the control stream.
const CONTROL: i32 = 100;
/// How long to wait for the close reason of a connection that has already ended.
const LAST_WORD: Duration = Duration::from_secs(1);
/// How often a leaving node checks whether messages still wait for credit, and its peer whether they still wait for
/// their processes.
const LOOK: Duration = Duration::from_millis(5);
/// How long the messages of a node that leaves are taken at most. That node gives itself `Timeouts::leave`, 5 s.
const LAST_WORDS: Duration = Duration::from_secs(30);

impl Session {
    /// Closes the connection and returns how the session ended.
    async fn end(&self, connection: &dyn Connection, end: Option<ControlEnd>) -> SessionEnd {
        let why = self.closing.why();
        match (why, end) {
            (Some((code, text)), _) => {
                connection.close(code, &text);
                SessionEnd::Here(code, text)
            }
            (None, Some(ControlEnd::GoAway)) => {
                connection.close(CloseCode::GoAway, "");
                SessionEnd::Left
            }
            (None, Some(ControlEnd::Silent)) => {
                connection.close(CloseCode::Silent, "the other node is silent");
                SessionEnd::Silent
            }
            (None, Some(ControlEnd::Over) | None) => {
                // The streams end before the connection reports why.
                let closed = tokio::select! {
                    biased;
                    closed = rt::timeout(LAST_WORD, connection.closed()) => closed.ok(),
                    () = self.closing.ended() => None,
                };
                if let Some(closed) = closed {
                    return SessionEnd::Connection(closed);
                }
                let text = "the control stream has ended";
                let malformed = || (CloseCode::Malformed, text.to_owned());
                let (code, text) = self.closing.why().unwrap_or_else(malformed);
                connection.close(code, &text);
                SessionEnd::Here(code, text)
            }
        }
    }

    /// Takes all messages of a node that leaves: reads its lanes, and waits until the messages are in the mailboxes of
    /// their processes. Ends before if the connection ends, or after 30 s.
    async fn take_the_rest(&self, connection: &dyn Connection) {
        let taken = async {
            let (all, mut read) = (self.lanes.len(), self.lanes_read.subscribe());
            // The sender is in the session, and cannot be dropped meanwhile.
            read.wait_for(|read| *read >= all).await.ok();
            while self.bytes_waiting() > 0 {
                rt::sleep(LOOK).await;
            }
        };
        tokio::select! {
            biased;
            _ = rt::timeout(LAST_WORDS, taken) => {}
            _ = connection.closed() => {}
        }
    }

    /// Leaves: refuses new calls to processes, waits at most `patience` until the calls in progress are answered, writes
    /// all messages that wait for credit or are queued, and notifies the other node. The other node closes the
    /// connection when it has taken everything. If it leaves as well, the last of the two closes it. Messages that take
    /// longer than this node's time to leave are lost.
    pub(crate) fn leave(self: &Arc<Self>, patience: Duration) {
        self.leaves.store(true, Ordering::Relaxed);
        if !self.is_answering() && !self.is_owing() {
            return self.send_goaway();
        }
        let (session, answered_by) = (self.clone(), rt::after(patience));
        drop(rt::spawn(async move {
            while (rt::now() < answered_by && session.is_answering()) || session.is_owing() {
                tokio::select! {
                    biased;
                    () = session.closing.ended() => return,
                    () = rt::sleep(LOOK) => {}
                }
            }
            session.send_goaway();
        }));
    }

    /// Returns true while messages wait for credit.
    fn is_owing(&self) -> bool {
        self.peer_incarnation.owing().1 > 0
    }

    fn send_goaway(&self) {
        for lane in &self.lanes {
            lane.finish();
        }
        self.control.go_away();
    }
}

/// Waits until no reader delivers any more, and the messages that still wait are withdrawn. A reader that another thread
/// polls at this moment handles what it has read.
async fn deliveries_over(session: &Session, mut readers_over: mpsc::Receiver<Infallible>) {
    drop(session.delivering.lock().take());
    let _: Option<Infallible> = readers_over.recv().await;
}

/// Opens the streams that this node writes.
async fn open_lanes(session: Arc<Session>, connection: Arc<dyn Connection>) {
    let mut writers = JoinSet::new();
    for (lane, preamble) in (0..session.lanes.len()).zip(LANE..) {
        let Ok(mut stream) = connection.open_uni().await else {
            return;
        };
        let preamble = Bytes::copy_from_slice(&[preamble]);
        if stream.write(preamble).await.is_err() {
            return;
        }
        writers.spawn(writer::write(session.clone(), lane, stream));
    }
    for channel in session.channels().iter().flat_map(|_| Channel::ALL) {
        let Ok(stream) = connection.open_uni().await else {
            return;
        };
        writers.spawn(channel_streams::write(session.clone(), channel, stream));
    }
    while writers.join_next().await.is_some() {}
}

/// Accepts the streams that the other node writes, each lane and each channel once.
async fn accept_lanes(
    session: Arc<Session>,
    connection: Arc<dyn Connection>,
    reading: mpsc::Sender<Infallible>,
) {
    let (mut readers, mut channel_readers) = (JoinSet::new(), JoinSet::new());
    let mut seen = vec![false; session.lanes.len()];
    let mut channels_seen = Vec::new();
    let channels = session.channels().map_or(0, |_| Channel::ALL.len());
    let wrong = "a stream of no lane, or of one that is there";
    for _ in 0..seen.len() + channels {
        let Ok(mut stream) = connection.accept_uni().await else {
            return;
        };
        let Ok(Some(mut first)) = stream.read().await else {
            // A node that closes the session drops streams that it has just opened, and its close follows.
            if rt::timeout(CLOSE_FOLLOWS, connection.closed())
                .await
                .is_err()
            {
                session.close(CloseCode::Malformed, "a stream without a lane");
            }
            return;
        };
        session.stats.read(first.len());
        let preamble = first.split_to(1)[0];
        let lane = usize::from(preamble.wrapping_sub(LANE));
        match channel_streams::channel_of(&session, preamble) {
            Some(channel) if !channels_seen.contains(&channel) => {
                channels_seen.push(channel);
                let read = channel_streams::read(session.clone(), channel, stream, first);
                channel_readers.spawn(until_over(read, reading.clone()));
            }
            None if seen.get(lane) == Some(&false) => {
                seen[lane] = true;
                let read = reader::read(session.clone(), stream, first);
                readers.spawn(until_over(read, reading.clone()));
            }
            _ => return session.close(CloseCode::Malformed, wrong),
        }
    }
    let more = async {
        match connection.accept_uni().await {
            Ok(_) => session.close(CloseCode::Malformed, wrong),
            Err(_) => std::future::pending().await,
        }
    };
    let read = async {
        while readers.join_next().await.is_some() {
            session.lanes_read.send_modify(|read| *read += 1);
        }
    };
    tokio::select! {
        biased;
        () = read => {}
        () = more => {}
    }
}

/// Runs a reader, and drops `reading` after it.
async fn until_over(read: impl Future<Output = ()>, reading: mpsc::Sender<Infallible>) {
    read.await;
    drop(reading);
}

/// Closes the session if the other node opens a second control stream.
async fn refuse_more(session: Arc<Session>, connection: Arc<dyn Connection>) {
    if connection.accept_bi().await.is_ok() {
        session.close(CloseCode::Malformed, "a second control stream");
    }
}
