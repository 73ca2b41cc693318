//! ambit between machines.
//!
//! So far this is how messages become bytes: the two codecs that nodes can agree on.

#![forbid(unsafe_code)]

mod codec;

pub use crate::codec::bincode::Bincode;
pub use crate::codec::postcard::Postcard;
