//! Values that can be sent between nodes: their schemas, encodings, and contracts that a test can check. Requires the
//! feature `remote`.
//!
//! # Sendable types
//! These types can be sent: your own types with `#[derive(Message)]` and a name, types of other crates in a wrapper
//! with `#[wire(..)]`, and the following types of std:
//!
//! | on the wire | types |
//! |---|---|
//! | itself | numbers, `bool`, `char`, `()`, `NonZero`, `Duration`, `SystemTime`, addresses of `std::net`; `usize` and `isize` as 64 bits |
//! | text | `String`, `Box<str>`, `Arc<str>`, `Cow<'static, str>`; `PathBuf`, if it is UTF-8 |
//! | list | `Vec`, `VecDeque`, `LinkedList`, `BinaryHeap`, `HashSet`, `BTreeSet`, `Box<[T]>`, `Arc<[T]>`, `Cow<'static, [T]>` |
//! | map | `HashMap`, `BTreeMap` |
//! | array, tuple | arrays of any length, tuples of up to eight elements |
//! | one of several | `Option`, `Result`, `Ordering`, `Bound`, `Infallible` |
//! | range | `Range`, `RangeInclusive`, `RangeFrom`, `RangeTo`, `RangeToInclusive`; each is a separate type on the wire |
//! | the inner value | `Box`, `Arc`, `Wrapping`, `Saturating`, `Reverse`; `PhantomData` is encoded as no bytes |
//!
//! These types of `ambit` can be sent between two nodes: `Pid`, `ExitReason`, `Exit`, `Down`, and the errors of calls,
//! casts and starts; handles to servers, protocols and plain processes with a name on the wire, and recipients of
//! messages with a name. A handle that follows a name is sent as a handle to the process that currently holds the name.
//! The error inside an `ExitReason` is sent as its text, the name of its type and the texts of its causes, so the
//! receiving node cannot downcast it.
//!
//! Cargo features of `ambit` that are named after crates add the types of those crates: `Bytes`, `BytesMut` and
//! `SmallVec` (lists), `IndexMap` and `IndexSet` (a map and a set that keep their order), `Uuid`, `Url`, and the dates
//! and times of `chrono` and `time`. The feature `json` adds `serde_json::Value`.
//!
//! Values that belong to one process or one machine cannot be sent: `Instant`, which is meaningful only on the clock
//! that created it (send a `Duration` or a `SystemTime`), `io::Error`, locks, `Rc`, borrowed values, and `ReplyTo`,
//! whose caller waits on this node. `OsString` and `CString` cannot be sent either, because their content depends on
//! the operating system; send text or bytes.
//!
//! # Untrusted input
//! Decoding rejects invalid bytes with a [`DecodeError`]. It never allocates memory merely because the bytes claim a
//! length. It rejects values that are nested more than [`Budget::DEPTH`] levels deep, or that have more than
//! [`Budget::FREE_ELEMENTS`] elements in addition to one per byte, or whose elements take more than
//! [`Budget::FREE_MEMORY`] bytes of memory in addition to [`Budget::MEMORY_PER_BYTE`] per byte: a list of large structs
//! may take a hundred times as much memory as its encoding. A value that a reader with the same types would reject
//! is not sent either.
//! [`Budget::guard`] applies the same limits to foreign types that are decoded by serde, but a sender does not know how
//! large their elements are.

mod codec;
mod contract;
mod crates;
mod decode_guard;
mod elements;
mod error;
mod foreign;
mod form;
#[doc(hidden)]
pub mod glue;
mod input;
mod limits;
mod out;
mod process_encoding;
mod processes;
mod remote;
mod rpc_function;
mod schema;
mod shape;
mod standalone;
mod std_types;
mod tag;
mod wire;
mod wire_values;

pub use self::codec::Codec;
pub(crate) use self::contract::MethodAgreement;
pub use self::contract::{
    Agreement, Break, BreakReason, CheckError, Contract, ContractError, Fingerprint, Listed,
    ParseError, ParseProblem, check_contract, compatible, compatible_method, contract, fingerprint,
    listed, write_contract,
};
pub use self::process_encoding::{
    AnswerAs, DecodedProcess, DecodedProxy, DeliverError, Exposed, In, ProcessEncoding,
};
pub use crate::handle::waiting_delivery::{DeliveryEnd, WaitingDelivery};
// Used by `assert_contract!`.
#[doc(hidden)]
pub use self::contract::assert_contract_at;
pub use self::decode_guard::CountedSeed;
pub use self::error::{DecodeError, EncodeError};
#[doc(hidden)]
pub use self::foreign::Foreign;
pub use self::form::Form;
pub use self::input::Record;
pub use self::limits::Budget;
pub use self::out::Out;
#[doc(hidden)]
pub use self::remote::Addressed;
pub use self::remote::{AnswerError, AnswerWaiter, Answering, ArgsOf, Asking, Remote, StartArgs};
pub use self::rpc_function::Rpc;
pub use self::schema::{Clash, Named, Schema, Types};
pub use self::shape::{Body, Definition, Field, Interface, Leaf, Method, Shape, Variant};
pub use self::standalone::{decode, encode};
pub use self::tag::tag;
pub use self::wire::{HashKey, Wire, WireError};
