//! The encodings of std types. The documentation of `message` lists the types without an encoding, and the reasons.

mod arrays;
mod choices;
mod lists;
mod maps;
mod network;
mod nonzero;
mod numbers;
mod ranges;
mod strings;
mod time;
mod transparent;
mod tuples;

#[cfg(feature = "url")]
pub(super) use self::strings::text;
