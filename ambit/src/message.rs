//! What travels between nodes: schemas, encodings, and contracts that a build can check. (Feature `remote`.)
//!
//! # What travels
//! A type of yours with `#[derive(Message)]` and a name; a foreign one inside `#[wire(..)]`; and of std:
//!
//! | on the wire | of it are |
//! |---|---|
//! | itself | numbers, `bool`, `char`, `()`, `NonZero`, `Duration`, `SystemTime`, addresses of `std::net`; `usize` and `isize` as 64 bits |
//! | text | `String`, `Box<str>`, `Arc<str>`, `Cow<'static, str>`; `PathBuf`, if it is UTF-8 |
//! | list | `Vec`, `VecDeque`, `LinkedList`, `BinaryHeap`, `HashSet`, `BTreeSet`, `Box<[T]>`, `Arc<[T]>`, `Cow<'static, [T]>` |
//! | map | `HashMap`, `BTreeMap` |
//! | array, tuple | arrays of any length, tuples of up to eight |
//! | one of several | `Option`, `Result`, `Ordering`, `Bound`, `Infallible` |
//! | range | `Range`, `RangeInclusive`, `RangeFrom`, `RangeTo`, `RangeToInclusive`: each another type |
//! | what is inside | `Box`, `Arc`, `Wrapping`, `Saturating`, `Reverse`; nothing of `PhantomData` |
//!
//! And of `ambit`, between two nodes: `Pid`, `ExitReason`, `Exit`, `Down`, and the errors of calls, casts and starts; the
//! handles of servers, protocols and messages with a name on the wire, and recipients of such messages. A handle that follows
//! a name goes as its present holder. An error goes as its texts: it has no type where it arrives.
//!
//! With features of `ambit` that have the names of crates: `bytes::Bytes` and `BytesMut` and `SmallVec` (lists), `IndexMap` and
//! `IndexSet` (maps and lists, in their order), `Uuid`, `Url`, the dates and times of `chrono` and `time`; with `json`,
//! `serde_json::Value`.
//!
//! What belongs to one process or one machine stays there, and has no form on the wire: `Instant`, which only the clock that
//! made it can read (send a `Duration`, or a `SystemTime`), `io::Error`, locks, `Rc`, borrowed values, and `ReplyTo`, whose
//! caller waits here. `OsString` and `CString` are written as each operating system likes; send text or bytes.
//!
//! # What bytes from elsewhere can do
//! They can be refused, as a [`DecodeError`]. Nothing is allocated for a length that is only claimed; a value is nested
//! at most [`Budget::DEPTH`] levels deep, and has at most [`Budget::FREE_ELEMENTS`] elements more than bytes. This is so for
//! foreign types behind serde too: [`Budget::guard`]. What memory an element takes is for your types to say: a list of
//! large structs may be a hundred times as large as its bytes.

mod codec;
mod contract;
mod crates;
mod error;
mod foreign;
#[doc(hidden)]
pub mod glue;
mod guard;
mod input;
mod limits;
mod out;
mod process_encoding;
mod processes;
mod remote;
mod rpc;
mod schema;
mod shape;
mod std_types;
mod tag;
mod wire;

pub use self::codec::Codec;
pub use self::contract::{
    Agreement, Break, BreakReason, CheckError, Contract, ContractError, Fingerprint, Listed,
    ParseError, ParseProblem, check_contract, compatible, compatible_method, contract, fingerprint,
    listed, write_contract,
};
pub use self::process_encoding::{DecodedProcess, ProcessEncoding};
// What `assert_contract!` leans on.
#[doc(hidden)]
pub use self::contract::assert_contract_at;
pub use self::error::{DecodeError, EncodeError};
#[doc(hidden)]
pub use self::foreign::Foreign;
pub use self::guard::CountedSeed;
pub use self::input::{In, Record};
pub use self::limits::Budget;
pub use self::out::{Form, Out};
#[doc(hidden)]
pub use self::remote::Addressed;
pub use self::remote::{
    AnswerAs, AnswerError, AnswerWaiter, Answering, ArgsOf, Asking, DeliverError, Exposed, Remote,
    ReservedPlace, StartArgs,
};
pub use self::rpc::Rpc;
pub use self::schema::{Clash, Named, Schema, Types};
pub use self::shape::{Body, Definition, Field, Interface, Leaf, Method, Shape, Variant};
pub use self::tag::tag;
pub use self::wire::{Wire, WireError, decode, encode};
