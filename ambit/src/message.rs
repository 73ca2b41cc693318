//! What travels between nodes: schemas, encodings, and contracts that a build can check. (Feature `remote`.)

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
mod remote;
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
// What `assert_contract!` leans on.
#[doc(hidden)]
pub use self::contract::assert_contract_at;
pub use self::error::{DecodeError, EncodeError};
#[doc(hidden)]
pub use self::foreign::Foreign;
pub use self::guard::Guarded;
pub use self::input::{In, Record};
pub use self::limits::Budget;
pub use self::out::{Form, Out};
pub use self::remote::{
    AnswerAs, AnswerError, Answering, Asking, DeliverError, Exposed, Remote, Waiting,
};
pub use self::schema::{Clash, Named, Schema, Types};
pub use self::shape::{Body, Definition, Field, Interface, Leaf, Method, Shape, Variant};
pub use self::tag::tag;
pub use self::wire::{Wire, decode, encode};
