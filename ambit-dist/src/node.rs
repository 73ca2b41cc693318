//! A node: its name, its peers, and how it finds and loses them.

pub(crate) mod id;
