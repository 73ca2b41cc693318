//! What fuzzing does with its bytes: plain functions, which an ordinary test replays on the committed corpus.
//!
//! Each function takes any bytes and panics if a promise is broken. A further one needs a line in [`TARGETS`], a file in
//! `fuzz/fuzz_targets`, an entry in `fuzz/Cargo.toml`, and a folder of its name in `fuzz/corpus`.

mod fragments;
mod frame;
mod handshake;
mod session;
mod type_def;
mod value;

pub use self::fragments::fragments;
pub use self::frame::frame;
pub use self::handshake::handshake;
pub use self::session::{session, sessions};
pub use self::type_def::type_def;
pub use self::value::{trees, value};

/// Takes any bytes, and panics if a promise is broken.
pub type Target = fn(&[u8]);

/// Every function with the name of its folder in the corpus.
pub const TARGETS: [(&str, Target); 6] = [
    ("fragments", fragments),
    ("frame", frame),
    ("handshake", handshake),
    ("session", session),
    ("type_def", type_def),
    ("value", value),
];
