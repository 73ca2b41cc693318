//! What the macros' output uses. Not part of the public interface.

pub use core;
pub use std;

pub use crate::entry::{MainOptions, run_main};
pub use crate::plain::into_exit::Returns;
pub use crate::plain::spawn::NoMessage;
pub use crate::process::resolved::Resolved;
pub use crate::process::world::InWorld;
pub use crate::server::glue::{
    IntoFlow, IntoInit, Payload, ReplyPort, ShowDebug, ShowNothing, Shown, State,
    call_with_timeout, resolve_target, skip_expired,
};
pub use crate::server::start::{Settings, Started, start};
#[cfg(feature = "test")]
pub use crate::test::{TestOptions, run_test};
