//! The text of every public error of this crate, with `{}` and as `main` prints it. Update the table with
//! `AMBIT_ERRORS=write cargo test -p ambit-dist --test all errors`.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use ambit::error::{CallError, StartError};
use ambit::message::EncodeError;
use ambit::process::ExitReason;
use ambit_dist::discovery::{DiscoveryError, InvalidSeed};
use ambit_dist::transport::{AcceptError, BindError, Closed, DialError, ReadError, WriteError};
use ambit_dist::wire::CloseCode;
use ambit_dist::{
    AuthError, ConnectError, CookieError, DevError, DistributedApplicationError, Incarnation,
    InvalidAddress, InvalidName, InvalidNetwork, JoinGroupError, MultiCallError, NameConflictError,
    NodeError, NodeId, NodeName, OpenPresenceError, PingError, PkiError, PlaceError,
    RegisterNameError, StartOnError, TrackError, UpdateError, UpdateValueError,
};

use crate::support::error_table::{Row, check, missing, row, rows};

fn at() -> SocketAddr {
    ([127, 0, 0, 1], 9000).into()
}

fn reason() -> String {
    "the reason".to_owned()
}

/// The text of a limit.
fn limit() -> String {
    "this node already has 9 replicated entries: remove unused ones".to_owned()
}

fn name(text: &str) -> NodeName {
    text.parse().unwrap()
}

fn node() -> NodeId {
    NodeId {
        name: name("b"),
        incarnation: Incarnation::new(1, 2),
    }
}

fn invalid(text: &str) -> (InvalidName, InvalidAddress, InvalidNetwork) {
    let text = || text.to_owned();
    (
        InvalidName { name: text() },
        InvalidAddress { text: text() },
        InvalidNetwork { text: text() },
    )
}

fn nodes(rows: &mut Vec<Row>) {
    let (bad_name, bad_address, bad_network) = invalid("Shop 1");
    rows.push(row("InvalidName", &bad_name));
    rows.push(row("InvalidAddress", &bad_address));
    rows.push(row("InvalidNetwork", &bad_network));
    rows!(rows, NodeError: NoAuth, Auth(AuthError::ReservedName), Name(bad_name), Address(bad_address.clone()),
        Network(bad_network), Bind(BindError::InUse { address: at() }), Limit { limit: "window" },
        MaxMessage { max_message: 1_000 }, Tags { bytes: 600, limit: 512 }, Timeout { timeout: "idle" },
        Heartbeat { heartbeat: Duration::ZERO }, Probe { probe: Duration::ZERO }, Lanes { lanes: 64 },
        Missed { missed: 1 }, NoRuntime);
    rows!(rows, ConnectError: Address(bad_address), Unreachable { address: at(), reason: reason() },
        Untrusted { address: at(), reason: reason() }, WrongNode { address: at(), reason: reason() },
        Cluster { address: at(), reason: reason() }, Version { address: at(), reason: reason() },
        NameRefused { name: name("b"), reason: reason() }, Itself { address: at() }, Stale { reason: reason() },
        Duplicate { address: at() }, Overloaded { address: at(), reason: reason() }, TimedOut { address: at() },
        Quarantined { address: at(), reason: reason() }, NotAdmitted { node: name("b"), reason: reason() },
        Refused { address: at(), code: CloseCode::Malformed, reason: reason() }, NotAllowed { address: at() },
        TooMany { limit: 9 }, Disconnected { address: at() }, Left);
    rows!(rows, PingError: NotConnected { name: "b".into() }, TooMany { node: node() }, Lost { node: node() });
}

fn remote_servers(rows: &mut Vec<Row>) {
    let (server, b) = ("shop.counter", || "b".to_owned());
    let start = || StartOnError::Start {
        node: b(),
        server,
        error: StartError::Init(ExitReason::error("no till")),
    };
    rows!(rows, StartOnError: Call { node: b(), server: server, error: CallError::Timeout });
    rows.push(row("StartOnError::Start", &start()));
    rows!(rows, PlaceError: IdInUse { id: "cart".into() }, NoMember { id: "cart".into() }, Left,
        Start { id: "cart".into(), error: start() });
    let application = || "shop".to_owned();
    rows!(rows, DistributedApplicationError: NotListed { application: application(), node: name("b") },
        AlreadyStarted { application: application(), node: name("b") },
        Register { application: application(), error: RegisterNameError::Left });
}

fn clusters(rows: &mut Vec<Row>) {
    let encode = || EncodeError::NoNode;
    rows!(rows, RegisterNameError: Taken { node: node() }, AlreadyNamed, NoProcess, Withdrawn, Elsewhere,
        Unsendable(encode()), Limit { text: limit() }, Left);
    let lost = NameConflictError::new("visits".to_owned(), node(), node());
    rows.push(row("NameConflictError", &lost));
    rows!(rows, UpdateValueError: NotFound, Conflict, Left, Unsendable(encode()), Limit { text: limit() });
    rows!(rows, JoinGroupError: Stopped, NoProcess, Elsewhere, Left, Limit { why: limit() },
        Unsendable { why: encode().to_string() });
    rows!(rows, MultiCallError: NoMember, Timeout, Call(CallError::NoProcess));
    let rooms = || "rooms".to_owned();
    rows!(rows, OpenPresenceError: OtherType { name: rooms() }, AlreadyOpen { name: rooms() });
    rows!(rows, TrackError: AlreadyTracked, Elsewhere, Ended, Left, Encode(encode()), Limit(limit()));
    rows!(rows, UpdateError: NoPresence, Conflict, Unreadable, Left, Encode(encode()), Limit(limit()));
    rows.push(row(
        "DiscoveryError",
        &DiscoveryError::new("the inventory does not answer: check its URL"),
    ));
    let seed = InvalidSeed {
        text: "node-1".into(),
        variable: Some("AMBIT_SEEDS"),
    };
    rows.push(row("InvalidSeed", &seed));
}

fn credentials(rows: &mut Vec<Row>) {
    let refused = || io::Error::other("permission denied");
    rows!(rows, AuthError: Cookie(CookieError::TooShort), Pki(PkiError::NoFiles), Dev(DevError::NoDirectory),
        ReservedName, NotLoopback { address: at() }, Randomness);
    rows!(rows, CookieError: TooShort, Characters, Guessable);
    let shop = || "b.shop".to_owned();
    rows!(rows, PkiError: Read { path: "key.pem".into(), source: refused() },
        Pem { part: "private key", origin: "`key.pem`".into(), reason: reason() }, Ca { reason: reason() },
        Key { reason: reason() }, Refused { reason: reason() }, Name { name: shop(), other: "b".into() },
        Wildcard { domain: "shop".into(), name: shop(), other: "b".into() }, NoFiles);
    rows!(rows, DevError: NoDirectory, Io { path: "cookie".into(), source: refused() },
        Permissions { path: "cookie".into(), mode: 0o644 }, Content { path: "cookie".into() });
}

fn transports(rows: &mut Vec<Row>) {
    let (code, source) = (CloseCode::Malformed, io::Error::other("no buffers"));
    rows!(rows, BindError: InUse { address: at() }, Denied { address: at() }, NoSuchAddress { address: at() },
        Credentials, System { address: at(), source: source });
    rows!(rows, DialError: Unreachable { address: at() }, Certificate { address: at(), text: reason() },
        Name { address: at(), server_name: "b.shop".into() }, Protocol { address: at(), text: reason() },
        Closed { address: at(), code: code, text: reason() }, Local { address: at(), text: reason() });
    rows!(rows, AcceptError: Certificate(reason()), Distrusted(reason()), Protocol(reason()), Closed(Closed::Local));
    rows!(rows, WriteError: Stopped(code), Closed(Closed::Local), Finished);
    rows!(rows, ReadError: Reset(code), Closed(Closed::Local), Stopped);
}

/// Those that no function returns to a user: they end a connection or a simulated run, and are logged.
fn is_internal(name: &str) -> bool {
    let internal = ["Closed::", "WireError::", "Cause::"];
    internal.iter().any(|of| name.starts_with(of))
}

/// Those whose text is that of their cause, or names a cause that the user must repair.
const CAUSES: &[&str] = &[
    "AcceptError::Certificate",
    "AcceptError::Closed",
    "AcceptError::Distrusted",
    "AcceptError::Protocol",
    "BindError::System",
    "ConnectError::Refused",
    "DevError::Io",
    "DialError::Closed",
    "DialError::Local",
    "PkiError::Ca",
    "PkiError::Read",
    "PkiError::Refused",
    "PlaceError::Start",
    "ReadError::Closed",
    "ReadError::Reset",
    "ReadError::Stopped",
    "StartOnError::Start",
    "WriteError::Closed",
    "WriteError::Stopped",
];

#[test]
fn every_public_error_names_its_remedy() {
    let mut rows = Vec::new();
    for all in [nodes, remote_servers, clusters, credentials, transports] {
        all(&mut rows);
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut without_row = missing(&root.join("src"), &rows);
    without_row.retain(|name| !is_internal(name));
    assert!(without_row.is_empty(), "give these a row: {without_row:?}");
    check(&rows, &root.join("tests/errors.txt"), CAUSES);
}
