//! The std types that travel, and how.
//!
//! What belongs to one process or one machine does not: `Instant` (a clock that no other machine has; send a `Duration`,
//! or a `SystemTime`), `io::Error`, locks and cells, `Rc` and borrowed values, `ReplyTo` (its caller waits here).
//! `OsString` and `CString` are written as each operating system likes, and stay out; a `PathBuf` travels while it is text.

mod arrays;
mod choices;
mod lists;
mod maps;
mod network;
mod nonzero;
mod numbers;
mod ranges;
mod texts;
mod time;
mod transparent;
mod tuples;

pub(super) use self::arrays::take_array;
#[cfg(feature = "url")]
pub(super) use self::texts::text;
