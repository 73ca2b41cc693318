//! The std types that travel, and how. Which do not, and why, is said at `message`.

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
