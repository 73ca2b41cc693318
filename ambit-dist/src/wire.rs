//! The wire, `ambit/1`, as pure code: frames, their types and their limits.

mod close;
mod credit;
mod error;
mod fragment;
mod frame;
mod lane;
mod limits;
mod splitter;
mod types;
pub(crate) mod varint;

pub use self::close::CloseCode;
pub use self::credit::{Credits, Window};
pub use self::error::WireError;
pub use self::fragment::Fragments;
pub use self::fragment::outgoing::{Outgoing, Piece};
pub use self::frame::Frame;
pub(crate) use self::frame::HELLO_MAX;
pub use self::frame::address::{Cause, Local};
pub use self::frame::kind::Kind;
pub use self::frame::trace::Trace;
pub use self::lane::lane;
pub use self::limits::Limits;
pub use self::splitter::{RawFrame, Splitter};
pub use self::types::{Definitions, Interned, Known};
