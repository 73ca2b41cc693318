//! The text of every public error, with `{}` and as `main` prints it. Update the table with `AMBIT_ERRORS=write cargo
//! test -p ambit --all-features`.

use std::path::Path;
use std::time::Duration;

use ambit::application::{ApplicationError, ConfigError};
use ambit::error::{
    CallError, CastError, ChildError, Executed, LookupError, NotAProcess, RegisterError,
    StartError, StopError, UpdateError,
};
use ambit::group::{JoinError, NotJoined};
use ambit::message::{
    AnswerError, BreakReason, CheckError, Clash, ContractError, DecodeError, DeliverError,
    EncodeError, Leaf, ParseProblem, Shape,
};
use ambit::pool::CheckoutError;
use ambit::process::{ExitReason, Pid};
use ambit::pubsub::Lagged;
use ambit::retry::Retry;
use ambit::server::Ignore;
use ambit::table::{CreateTableError, TableError};
use ambit::task::FailedElement;
use ambit::task::TaskError;

use crate::support::error_table::{Row, check, missing, row, rows};

/// Returns a reason with every detail: a typed error with a source.
fn reason() -> ExitReason {
    #[derive(Debug, thiserror::Error)]
    #[error("the configuration cannot be read")]
    struct Unread(#[source] std::io::Error);

    let cause = std::io::Error::other("no such file");
    ambit::error::Failure::into_reason(Unread(cause))
}

fn holder() -> Pid {
    Pid::NOBODY
}

fn calls(rows: &mut Vec<Row>) {
    let executed = Executed::Maybe;
    rows!(rows, CallError: NoProcess, Exited { reason: reason(), executed: Executed::No }, Timeout, CallsItself,
        Cycle { pids: vec![holder(), holder()] }, NoReply, Full, NoConnection { executed: executed },
        Incompatible { method: "shop.counter::add".into(), differs: "argument `by`: was `u32` and is `u64`".into() },
        BlocksRuntime, WrongType, NotExposed, TooLarge { limit: 9 }, Unsendable { why: "it holds a socket".into() });
    rows!(rows, CastError: NoProcess, Full, Timeout, NoConnection, BlocksRuntime,
        Incompatible { method: "shop.counter::add".into(), differs: "argument `by`: was `u32` and is `u64`".into() },
        TooLarge { limit: 9 }, Unsendable { why: "it holds a socket".into() });
    rows!(rows, StopError: NoProcess, Timeout, CallsItself, Exited(reason()));
}

fn starts(rows: &mut Vec<Row>) {
    rows!(rows, StartError: Init(reason()), Timeout, AlreadyRegistered { holder: holder() }, DuplicateRegistry,
        InvalidName, BadSpec("the mailbox has no slot: set `.mailbox(1)` or more".into()), Ignored, NotAProcess, NoRuntime);
    rows!(rows, ChildError: NotFound, Restarting, Running, AlreadyPresent, MaxChildren,
        BadSpec("the id of a child cannot be empty: give it one with `.id(..)`".into()),
        Start(StartError::Init(reason())), NoProcess, Timeout, CallsItself, BlocksRuntime, Stuck);
    rows.push(row("NotAProcess", &NotAProcess));
    rows.push(row("Ignore", &Ignore));
}

fn names(rows: &mut Vec<Row>) {
    rows!(rows, LookupError: NotFound, WrongType, Timeout);
    rows!(rows, RegisterError: AlreadyRegistered { holder: holder() }, NoProcess, InvalidName, Elsewhere);
    rows!(rows, UpdateError: NotOwner, NotFound, Duplicate, NotAProcess);
    rows!(rows, JoinError: Stopped, NoProcess, Elsewhere);
    rows.push(row("NotJoined", &NotJoined));
    rows!(rows, TableError: NotOwner { owner: holder() }, Gone, NoProcess, Nested);
    rows!(rows, CreateTableError: NameTaken { owner: holder() }, InvalidName, NotAProcess, NoRuntime);
}

fn work(rows: &mut Vec<Row>) {
    let full = || ChildError::MaxChildren;
    rows!(rows, TaskError: Timeout, Exited(reason()), NotOwner, Start(full()));
    rows.push(row(
        "FailedElement",
        &FailedElement {
            input: 3,
            error: TaskError::Timeout,
        },
    ));
    rows!(rows, CheckoutError: NoProcess, Full, Timeout, Exited(reason()), BlocksRuntime);
    let left = Duration::from_secs(3);
    type BreakerError = ambit::breaker::BreakerError<CallError>;
    rows!(rows, BreakerError: Open { left: left }, Probing, Failed(CallError::Timeout));
    rows.push(row("Lagged", &Lagged(3)));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let tried = Retry::times(1).run(async || Err::<(), _>(CallError::Full));
    rows.push(row("RetryError", &runtime.block_on(tried).unwrap_err()));
    let no_trace = "".parse::<ambit::telemetry::TraceContext>().unwrap_err();
    rows.push(row("InvalidTraceContext", &no_trace));
}

fn applications(rows: &mut Vec<Row>) {
    let shop = || "shop".to_owned();
    let place = || "config.toml:3".to_owned();
    rows!(rows, ApplicationError: BadSpec("two applications are called `shop`".into()), Config(ConfigError::NotSet),
        Unknown { application: shop() }, AlreadyStarted { application: shop() }, NotStarted { application: shop() },
        DependencyNotStarted { application: shop(), dependency: "store".into() },
        DependencyNotRunning { application: shop(), dependency: "store".into(), reason: reason() },
        Start { application: shop(), reason: reason() }, Stopping, Stuck { application: shop(), processes: vec![holder()] },
        CallsItself, Killed, Signals("no permission".into()), Terminated { application: shop(), reason: reason() },
        Ended(reason()), Timeout, BlocksRuntime, NoRuntime);
    rows!(rows, ConfigError: Unreadable { file: "config.toml".into(), why: "permission denied".into() },
        Syntax { file: "config.toml".into(), line: 3, why: "expected `=`".into() },
        UnknownKey { place: place(), key: "prot".into(), nearest: Some("port".into()) },
        Duplicate { one: "SHOP__PORT".into(), other: "SHOP__Port".into() }, Missing { key: "port".into() },
        Invalid { place: place(), key: "port".into(), why: "expected a number, found text".into() },
        Refused("the port is 0".into()), AlreadySet, NotSet);
}

fn messages(rows: &mut Vec<Row>) {
    let name = || "shop.order".to_owned();
    rows!(rows, EncodeError: TooLarge { limit: 9 },
        Newer { of: name(), variant: "paid".into(), since: 2, peer: 1 }, NoNode, NoHolder,
        TooManyHandles { limit: 9 }, TooDeep { limit: 9 }, TooManyElements { limit: 9 }, TooMuchMemory { limit: 9 },
        Exhausted, Refused("no text".into()));
    rows!(rows, DecodeError: Truncated, TrailingBytes { left: 2 }, UnknownTag { of: "shop.order", tag: 7 },
        UnknownMethod { of: "shop.order", tag: 7 }, MissingField { field: "price" }, RepeatedField { tag: 7 },
        WrongMessage { expected: "shop.order" }, WrongVersion { of: "shop.order", found: 1, expected: 2 },
        WrongDefinition { of: "shop.order" },
        TooDeep { limit: 9 }, TooManyElements { limit: 9 }, TooMuchMemory { limit: 9 }, TooManyHandles { limit: 9 }, NoNode,
        WrongProtocol { expected: "shop.order", found: "shop.till" }, Invalid("an odd length".into()));
    rows!(rows, DeliverError: Decode(DecodeError::Truncated), Cast(CastError::Full));
    rows!(rows, AnswerError: Call(CallError::Timeout), Encode(EncodeError::NoNode));
    rows.push(row(
        "Clash",
        &Clash {
            name: name(),
            first: "shop::Order",
            of: "store::Order",
        },
    ));
    let clash = Clash {
        name: name(),
        first: "shop::Order",
        of: "store::Order",
    };
    rows!(rows, ContractError: SameName { name: "shop.order" }, Clash(clash));
}

fn contracts(rows: &mut Vec<Row>) {
    let name = || "price".to_owned();
    let (old, new) = (Shape::Leaf(Leaf::U32), Shape::Leaf(Leaf::U64));
    rows!(rows, BreakReason: ProtocolRemoved, MethodRemoved { kind: "call", name: name() },
        KindChanged { old: "call", new: "cast" }, ArgumentAdded, ArgumentRemoved, ArgumentMoved { old: 1, new: 2 },
        ArgumentRenamed { old: name() }, PositionRemoved, PositionUnclear, SinceLowered { old: 3, new: 2 },
        TypeChanged { old: old, new: new }, BodyChanged { old: "struct", new: "enum" }, FieldAdded,
        FieldRemoved { name: name() }, KeyFieldAdded, KeyFieldRemoved, TagTaken { name: name() }, VariantAdded { since: 1, known: 2 },
        VariantRemoved { name: name() }, VariantPostdated { since: 2, known: 1 }, VersionLowered { old: 2, new: 1 },
        OpaqueChanged { old: 1, new: 2 }, Undefined);
    rows!(rows, ParseProblem: TooLarge { limit: 9 }, TooDeep { limit: 9 },
        Expected { expected: "a name", found: "{".into() }, Format { found: 9 }, Twice { name: name() },
        Undefined { name: name() }, Merged { name: name() });
    let wrong = || {
        "no contract"
            .parse::<ambit::message::Contract>()
            .unwrap_err()
    };
    rows.push(row("ParseError", &wrong()));
    let path = || "contract.lock".to_owned();
    rows!(rows, CheckError: Contract(ContractError::SameName { name: "shop.order" }), Missing { path: path() },
        Unreadable { path: path(), message: "permission denied".into() }, NoContract { path: path(), error: wrong() },
        Breaks { path: path(), breaks: Vec::new() }, Outdated { path: path(), lines: vec!["+ shop.till".into()] },
        Unwritable { path: path(), message: "permission denied".into() });
}

/// The errors without a remedy: their text is that of their source, or fixing the named cause is the only remedy.
const CAUSES: &[&str] = &[
    "ExitReason::Error",
    "ExitReason::ShutdownWith",
    "CallError::Unsendable",
    "CastError::Unsendable",
    "StopError::NoProcess",
    "StopError::Exited",
    "StartError::Init",
    "ChildError::Start",
    "Ignore",
    "RegisterError::NoProcess",
    "TableError::NoProcess",
    "TaskError::Exited",
    "CheckoutError::Exited",
    "ApplicationError::BadSpec",
    "ApplicationError::Start",
    "ApplicationError::Killed",
    "ApplicationError::Signals",
    "ApplicationError::Terminated",
    "ConfigError::Unreadable",
    "ConfigError::Syntax",
    "ConfigError::Invalid",
    "ConfigError::Refused",
    "ConfigError::AlreadySet",
    "EncodeError::Refused",
    "DecodeError::Truncated",
    "DecodeError::TrailingBytes",
    "DecodeError::UnknownTag",
    "DecodeError::UnknownMethod",
    "DecodeError::MissingField",
    "DecodeError::RepeatedField",
    "DecodeError::WrongMessage",
    "DecodeError::WrongVersion",
    "DecodeError::TooDeep",
    "DecodeError::TooManyElements",
    "DecodeError::TooMuchMemory",
    "DecodeError::TooManyHandles",
    "DecodeError::WrongProtocol",
    "DecodeError::Invalid",
    "DeliverError::Decode",
    "ParseProblem::TooLarge",
    "ParseProblem::TooDeep",
    "ParseProblem::Expected",
    "ParseProblem::Twice",
    "ParseProblem::Undefined",
    "ParseError",
    "CheckError::Unwritable",
];

#[test]
fn every_public_error_reads_well_and_names_the_remedy() {
    let mut rows = vec![row("ExitReason::Error", &reason())];
    rows.push(row(
        "ExitReason::ShutdownWith",
        &ExitReason::shutdown_with("the disk is full"),
    ));
    for all in [
        calls,
        starts,
        names,
        work,
        applications,
        messages,
        contracts,
    ] {
        all(&mut rows);
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let without_row = missing(&root.join("src"), &rows);
    assert!(without_row.is_empty(), "give these a row: {without_row:?}");
    check(&rows, &root.join("tests/library/errors.txt"), CAUSES);
}
