//! A node: its name, its peers, and how it finds and loses them.

pub(crate) mod down_reason;
pub(crate) mod error;
pub(crate) mod id;
#[cfg_attr(not(test), expect(dead_code, reason = "what runs it comes next"))]
pub(crate) mod peers;
pub(crate) mod reconnect;
