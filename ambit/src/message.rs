//! Values that travel between nodes: schemas, encodings, and contracts that a build can check. (Feature `remote`.)
//!
//! # Sendable types
//! Your types with `#[derive(Message)]` and a name, foreign types inside `#[wire(..)]`, and these types of std:
//!
//! | on the wire | types |
//! |---|---|
//! | itself | numbers, `bool`, `char`, `()`, `NonZero`, `Duration`, `SystemTime`, addresses of `std::net`; `usize` and `isize` as 64 bits |
//! | text | `String`, `Box<str>`, `Arc<str>`, `Cow<'static, str>`; `PathBuf`, if it is UTF-8 |
//! | list | `Vec`, `VecDeque`, `LinkedList`, `BinaryHeap`, `HashSet`, `BTreeSet`, `Box<[T]>`, `Arc<[T]>`, `Cow<'static, [T]>` |
//! | map | `HashMap`, `BTreeMap` |
//! | array, tuple | arrays of any length, tuples of up to eight |
//! | one of several | `Option`, `Result`, `Ordering`, `Bound`, `Infallible` |
//! | range | `Range`, `RangeInclusive`, `RangeFrom`, `RangeTo`, `RangeToInclusive`: each another type |
//! | the inner value | `Box`, `Arc`, `Wrapping`, `Saturating`, `Reverse`; `PhantomData` has no bytes |
//!
//! These types of `ambit` travel between two nodes: `Pid`, `ExitReason`, `Exit`, `Down`, and the errors of calls, casts
//! and starts; the handles of servers, protocols and messages with a name on the wire, and recipients of such messages.
//! A handle that follows a name is sent as a handle on the current holder. An error is sent as its texts: it has no
//! type on the receiving node.
//!
//! Cargo features of `ambit` named after crates add their types: `bytes::Bytes` and `BytesMut` and `SmallVec` (lists),
//! `IndexMap` and `IndexSet` (maps and lists, in their order), `Uuid`, `Url`, the dates and times of `chrono` and
//! `time`; with `json`, `serde_json::Value`.
//!
//! Values that belong to one process or one machine have no wire encoding: `Instant`, which only the clock that made it
//! can read (send a `Duration`, or a `SystemTime`), `io::Error`, locks, `Rc`, borrowed values, and `ReplyTo`, whose
//! caller waits on this node. The encoding of `OsString` and `CString` depends on the operating system; send text or
//! bytes.
//!
//! # Untrusted input
//! Decoding rejects invalid bytes with a [`DecodeError`]. It allocates nothing for a length that is only claimed; a
//! value is nested at most [`Budget::DEPTH`] levels deep, and has at most [`Budget::FREE_ELEMENTS`] elements more than
//! bytes. The same limits apply to foreign types behind serde: [`Budget::guard`]. The memory of an element depends on
//! your types: a list of large structs may be a hundred times as large as its bytes.

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
mod std_types;
mod tag;
mod wire;
mod wire_values;

pub use self::codec::Codec;
pub use self::contract::{
    Agreement, Break, BreakReason, CheckError, Contract, ContractError, Fingerprint, Listed,
    ParseError, ParseProblem, check_contract, compatible, compatible_method, contract, fingerprint,
    listed, write_contract,
};
pub use self::process_encoding::{
    AnswerAs, DecodedProcess, DecodedProxy, DeliverError, Exposed, In, ProcessEncoding,
    ReservedSlot,
};
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
pub use self::tag::tag;
pub use self::wire::{Wire, WireError, decode, encode};
