//! The formats of single values, each in a file of its own.

pub(crate) mod any;
pub(crate) mod bincode;
pub(crate) mod postcard;
