//! The items that most programs need: `use ambit::prelude::*;`.
//!
//! It exports the four block macros, the types that their blocks and callers name, and the
//! [attributes](crate::attribute) of methods. It does not export `#[ambit::main]`, `#[ambit::test]` and `#[info]`,
//! because other crates use these names too. Write the first two with their path (`use ambit::*` would make a plain
//! `#[test]` ambiguous); `#[info]` needs no import inside a block, and neither does `#[ctx]`.

pub use ambit_macros::{gen_server, protocol, state_machine, supervisor};

pub use crate::Message;
pub use crate::agent::Agent;
pub use crate::attribute::{
    call, cast, child, continue_with, enter, event_timeout, exit, init, internal, rpc,
    state_timeout, terminate, timeout, wire,
};
pub use crate::error::{CallError, CastError, ChildError, Executed, StartError};
pub use crate::pool::Pool;
pub use crate::process::{
    Down, Exit, ExitReason, Inbox, InboxEvent, MonitorRef, Pid, Process, Timer,
};
pub use crate::pubsub::PubSub;
pub use crate::registry::Registry;
pub use crate::server::{
    Context, Flow, GenServer, Handles, IdleTimeout, Owned, PlainRecipient as _, Recipient, ReplyTo,
    Subject,
};
pub use crate::supervisor::{
    ChildSpec, DynamicSupervisor, Restart, Shutdown, Strategy, Supervisor,
};
pub use crate::task::{Task, TaskSupervisor};

// The names that the prelude had before: hidden, so that code written against it compiles.
#[doc(hidden)]
pub use crate::error::StopError;
#[cfg(feature = "remote")]
#[doc(hidden)]
pub use crate::message::Rpc;
#[doc(hidden)]
pub use crate::process::{Target, Watched};
#[doc(hidden)]
pub use crate::server::Protocol;
#[doc(hidden)]
pub use crate::supervisor::{AutoShutdown, Backoff, PartitionSupervisor};
