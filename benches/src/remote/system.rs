//! The compared systems, and the operations that each must provide.

use std::error::Error;
use std::future::Future;
use std::net::SocketAddr;

use bytes::Bytes;

use super::pki::Secrets;
use super::rows::{ClusterWork, Row, Work};

/// Any error that ends a run.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// The connection of two processes. The far one counts the casts, and returns the arguments of calls.
pub(crate) trait System: Sized + Send + Sync + 'static {
    /// Serves until it is dropped.
    type Far: Send;
    /// The starting point of a session: an endpoint, a node.
    type Near: Send;
    /// The near end of a session; clones share it.
    type Session: Clone + Send + Sync + 'static;

    /// Serves on a free port of the loopback.
    fn serve(
        secrets: &Secrets,
    ) -> impl Future<Output = Result<(Self::Far, SocketAddr), Failure>> + Send;

    /// Performs the setup that every session needs anew; `index` is different each time.
    fn near(
        secrets: &Secrets,
        index: u64,
    ) -> impl Future<Output = Result<Self::Near, Failure>> + Send;

    /// Performs the setup of a session that is one of many of the same process. They do not know each other.
    fn client(
        secrets: &Secrets,
        index: u64,
    ) -> impl Future<Output = Result<Self::Near, Failure>> + Send {
        Self::near(secrets, index)
    }

    /// Opens the session.
    fn connect(
        near: &Self::Near,
        far: SocketAddr,
    ) -> impl Future<Output = Result<Self::Session, Failure>> + Send;

    /// A call that returns its argument.
    fn echo(
        session: &Self::Session,
        bytes: Bytes,
    ) -> impl Future<Output = Result<Bytes, Failure>> + Send;

    /// A cast; with back-pressure it waits for capacity.
    fn cast(
        session: &Self::Session,
        bytes: Bytes,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// A cast of a `Vec<u8>`, if the system distinguishes it from `Bytes`.
    fn cast_vec(
        session: &Self::Session,
        bytes: Vec<u8>,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        Self::cast(session, bytes.into())
    }

    /// A call that returns the number of casts that the far side has handled.
    fn handled(session: &Self::Session) -> impl Future<Output = Result<u64, Failure>> + Send;

    /// Ends the session.
    fn close(near: Self::Near, session: Self::Session) -> impl Future<Output = ()> + Send;
}

/// The columns of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Id {
    Tcp,
    Quinn,
    Ambit,
    Erlang,
    ErlangTls,
    Ractor,
    Kameo,
}

impl Id {
    pub(crate) const ALL: [Self; 7] = [
        Self::Tcp,
        Self::Quinn,
        Self::Ambit,
        Self::Erlang,
        Self::ErlangTls,
        Self::Ractor,
        Self::Kameo,
    ];

    /// Returns its name on the command line and in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Quinn => "quinn",
            Self::Ambit => "ambit",
            Self::Erlang => "erlang",
            Self::ErlangTls => "erlang-tls",
            Self::Ractor => "ractor",
            Self::Kameo => "kameo",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|id| id.name() == name)
    }

    pub(crate) fn is_erlang(self) -> bool {
        matches!(self, Self::Erlang | Self::ErlangTls)
    }

    /// Returns true if this row can be measured with it.
    pub(crate) fn has(self, row: &Row) -> bool {
        // Each idle session would need a separate process on the near side.
        let has_one_node = self.is_erlang() || matches!(self, Self::Ractor | Self::Kameo);
        match row.work {
            // Its nodes share names only.
            Work::Cluster(ClusterWork::Register { .. } | ClusterWork::Lookup)
                if self == Self::Kameo =>
            {
                true
            }
            Work::Cluster(_) => self.is_erlang() || self == Self::Ambit,
            Work::Idle => !has_one_node,
            _ => self != Self::Kameo,
        }
    }

    /// Returns the package whose version is reported, and the settings of the measurement.
    pub(crate) fn settings(self) -> (&'static str, &'static str) {
        match self {
            Self::Tcp => (
                "tokio",
                "the floor, without TLS and without processes: TCP_NODELAY, frames with a length in front, a writer task that sends all that waits at once, answers straight from the reader",
            ),
            Self::Quinn => (
                "quinn",
                "the same frames over one stream of QUIC with mutual TLS 1.3 (ring, Ed25519), the windows and buffers that ambit uses",
            ),
            Self::Ambit => (
                "ambit-dist",
                "two nodes with a cookie (mutual TLS 1.3), a server started on the far one, defaults: bincode, mailbox 1024, 5 s for calls and casts; connecting includes the start of that server",
            ),
            Self::Erlang => (
                "",
                "two nodes, gen_server:call and cast to a pid, a cookie and no TLS, two schedulers each; binaries are sent as they are",
            ),
            Self::ErlangTls => (
                "",
                "the same with `-proto_dist inet_tls` and mutual TLS 1.3",
            ),
            Self::Ractor => (
                "ractor_cluster",
                "two node servers, a cookie and no TLS, default features; `Vec<u8>` as its own `BytesConvertable`, a remote actor from its process group",
            ),
            Self::Kameo => (
                "kameo",
                "names only: libp2p over TCP with Noise and Yamux, three peers that know each other by `identify`; a name is a record of a distributed hash table",
            ),
        }
    }
}
