//! What travels between nodes: schemas, encodings, and contracts that a build can check. (Feature `remote`.)

mod codec;
mod contract;
mod crates;
mod error;
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
pub use self::contract::Contract;
pub use self::error::{DecodeError, EncodeError};
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
