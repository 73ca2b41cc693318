//! The codecs for single values, one per file.

pub(crate) mod any;
pub(crate) mod bincode;
pub(crate) mod postcard;
