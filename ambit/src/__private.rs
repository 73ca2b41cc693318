//! What the macros' output uses. Not part of the public interface.

pub use core;
pub use std;

pub use crate::entry::{MainOptions, NoMessage, run_main};
pub use crate::handle::target::Resolved;
pub use crate::server::glue::{
    IntoFlow, IntoInit, Payload, ReplyPort, Returns, ShowDebug, ShowNothing, Shown, State,
    call_with_timeout, resolve_target, skip_expired,
};
pub use crate::server::start::{Settings, Started, start};
#[cfg(feature = "test")]
pub use crate::test::{TestOptions, run_test};
