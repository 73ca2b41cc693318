//! What most programs need: `use ambit::prelude::*;`.
//!
//! It does not export `#[ambit::main]`, `#[ambit::test]` and `#[info]`, whose names clash with those of other crates:
//! the first two are written with their path, and inside a `#[gen_server]` block `#[info]` is known without import.

pub use ambit_macros::{
    call, cast, child, continue_with, ctx, enter, event_timeout, exit, gen_server, init, internal,
    protocol, rpc, state_machine, state_timeout, supervisor, terminate, timeout, wire,
};

#[cfg(feature = "remote")]
pub use crate::message::Rpc;
pub use crate::{
    AutoShutdown, Backoff, CallError, CastError, ChildError, ChildSpec, Context, Down,
    DynamicSupervisor, Executed, Exit, ExitReason, Flow, GenServer, Handles, IdleTimeout, Inbox,
    InboxEvent, Message, MonitorRef, Owned, PartitionSupervisor, Pid, PlainRecipient, Pool,
    Process, Protocol, Recipient, Registry, ReplyTo, Restart, Shutdown, StartError, StopError,
    Strategy, Subject, Supervisor, Target, Task, Timer, Watched,
};
