//! What every public error of this crate says, with `{}` and as `main` prints it. The table is written anew with
//! `AMBIT_ERRORS=write cargo test -p ambit-dist --test wire`.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use ambit::{CallError, ExitReason, StartError};
use ambit_dist::transport::{AcceptError, BindError, Closed, DialError, ReadError, WriteError};
use ambit_dist::wire::{CloseCode, WireError};
use ambit_dist::{
    AuthError, ConnectError, CookieError, DevError, Incarnation, InvalidAddress, InvalidName,
    InvalidNetwork, NodeError, NodeId, PingError, PkiError, StartOnError,
};

use crate::error_table::{Row, check, missing, row};

macro_rules! rows {
    ($rows:ident, $type:ident: $($variant:ident $(($($field:expr),*))? $({$($name:ident: $value:expr),*})?),* $(,)?) => {
        $($rows.push(row(
            concat!(stringify!($type), "::", stringify!($variant)),
            &$type::$variant $(($($field),*))? $({$($name: $value),*})?,
        ));)*
    };
}

fn at() -> SocketAddr {
    ([127, 0, 0, 1], 9000).into()
}

fn said() -> String {
    "what was said".to_owned()
}

fn nodes(rows: &mut Vec<Row>) {
    rows!(rows, NodeError: NoAuth, Auth(AuthError::ReservedName), Name(InvalidName { name: "Shop 1".into() }),
        Address(InvalidAddress { text: "here".into() }), Network(InvalidNetwork { text: "all".into() }),
        Bind(BindError::InUse { address: at() }), Limit { limit: "window" }, Timeout { timeout: "idle" }, NoRuntime);
    rows!(rows, ConnectError: Address(InvalidAddress { text: "here".into() }), Unreachable { address: at(), reason: said() },
        Untrusted { address: at(), reason: said() }, WrongNode { address: at(), reason: said() },
        Cluster { address: at(), reason: said() }, Version { address: at(), reason: said() },
        NameRefused { name: "b".parse().unwrap(), reason: said() }, Itself { address: at() }, Stale { reason: said() },
        Duplicate { address: at() }, Overloaded { address: at() }, TimedOut { address: at() },
        Refused { address: at(), code: CloseCode::Malformed, reason: said() }, NotAllowed { address: at() },
        TooMany { limit: 9 }, Disconnected { address: at() }, Left);
    let node = NodeId {
        name: "b".parse().unwrap(),
        incarnation: Incarnation::new(1, 2),
    };
    rows!(rows, PingError: NotConnected { name: "b".into() }, Lost { node: node });
    let (server, b) = ("shop.counter", || "b".to_owned());
    let init = StartError::Init(ExitReason::error("no till"));
    rows!(rows, StartOnError: Call { node: b(), server: server, error: CallError::Timeout },
        Start { node: b(), server: server, error: init });
    rows.push(row(
        "InvalidName",
        &InvalidName {
            name: "Shop 1".into(),
        },
    ));
    rows.push(row(
        "InvalidAddress",
        &InvalidAddress {
            text: "here".into(),
        },
    ));
    rows.push(row(
        "InvalidNetwork",
        &InvalidNetwork { text: "all".into() },
    ));
}

fn keys(rows: &mut Vec<Row>) {
    let refused = || io::Error::other("permission denied");
    rows!(rows, AuthError: Cookie(CookieError::TooShort), Pki(PkiError::NoFiles), Dev(DevError::NoDirectory), ReservedName,
        NotLoopback { address: at() }, Randomness);
    rows!(rows, CookieError: TooShort, Characters, Guessable);
    rows!(rows, PkiError: Read { path: "key.pem".into(), source: refused() },
        Pem { part: "private key", origin: "`key.pem`".into(), reason: said() }, Ca { reason: said() },
        Key { reason: said() }, Refused { reason: said() }, Name { name: "b.shop".into(), other: "b".into() }, NoFiles);
    rows!(rows, DevError: NoDirectory, Io { path: "cookie".into(), source: refused() },
        Permissions { path: "cookie".into(), mode: 0o644 }, Content { path: "cookie".into() });
}

fn lines(rows: &mut Vec<Row>) {
    let code = CloseCode::Malformed;
    let source = io::Error::other("no buffers");
    rows!(rows, BindError: InUse { address: at() }, Denied { address: at() }, NoSuchAddress { address: at() }, Credentials,
        System { address: at(), source: source });
    rows!(rows, DialError: Unreachable { address: at() }, Certificate { address: at(), text: said() },
        Name { address: at(), server_name: "b.shop".into() }, Protocol { address: at(), text: said() },
        Closed { address: at(), code: code, text: said() }, Local { address: at(), text: said() });
    rows!(rows, AcceptError: Certificate(said()), Distrusted(said()), Protocol(said()), Closed(Closed::Local));
    rows!(rows, WriteError: Stopped(code), Closed(Closed::Local), Finished);
    rows!(rows, ReadError: Reset(code), Closed(Closed::Local), Stopped);
}

/// Those that a user never gets from a function: they end a connection, and are logged.
fn is_internal(name: &str) -> bool {
    ["Closed::", "WireError::", "Cause::"]
        .iter()
        .any(|of| name.starts_with(of))
}

/// Those whose text is that of what caused them, or for which nothing can be done but to mend the cause that is named.
const CAUSES: &[&str] = &[];

#[test]
fn every_public_error_reads_well_and_says_what_to_do() {
    let mut rows = Vec::new();
    for all in [nodes, keys, lines] {
        all(&mut rows);
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut without_row = missing(&root.join("src"), &rows);
    without_row.retain(|name| !is_internal(name));
    assert!(without_row.is_empty(), "give these a row: {without_row:?}");
    check(&rows, &root.join("tests/wire/errors.txt"), CAUSES);
}

#[test]
fn what_a_peer_did_wrong_is_said_in_one_line() {
    let error = WireError::TooLarge {
        what: "a name",
        length: 300,
        limit: 255,
    };
    assert_eq!(
        error.to_string(),
        "a name has 300 bytes, and may have 255; raise the limit on both nodes, or send less"
    );
}
