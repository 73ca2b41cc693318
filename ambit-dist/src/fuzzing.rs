//! Entry points for fuzzing: plain functions, which an ordinary test also runs on the committed corpus.
//!
//! Each function accepts any bytes and panics if an invariant is violated. Adding one requires a line in [`TARGETS`], a
//! file in `fuzz/fuzz_targets`, an entry in `fuzz/Cargo.toml`, and a folder with its name in `fuzz/corpus`.

mod fragments;
mod frame;
mod gossip;
mod handshake;
mod replica;
mod session;
mod type_def;
mod value;

pub use self::fragments::fragments;
pub use self::frame::frame;
pub use self::gossip::{gossip, gossips};
pub use self::handshake::handshake;
pub use self::replica::{replica, replicas};
pub use self::session::{session, sessions};
pub use self::type_def::type_def;
pub use self::value::{trees, value};

/// Accepts any bytes, and panics if an invariant is violated.
pub type Target = fn(&[u8]);

/// Every function with the name of its folder in the corpus.
pub const TARGETS: [(&str, Target); 8] = [
    ("fragments", fragments),
    ("frame", frame),
    ("gossip", gossip),
    ("handshake", handshake),
    ("replica", replica),
    ("session", session),
    ("type_def", type_def),
    ("value", value),
];
