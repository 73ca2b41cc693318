//! ambit turns a plain struct and a plain impl block into a server: an actor with its own mailbox, a typed handle and
//! the semantics of Erlang/OTP.
//!
//! ```
//! use ambit::prelude::*;
//!
//! struct Counter {
//!     value: u64,
//! }
//!
//! #[gen_server]
//! impl Counter {
//!     #[call]
//!     fn add(&mut self, by: u64) -> u64 {
//!         self.value += by;
//!         self.value
//!     }
//! }
//!
//! #[ambit::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let counter = Counter { value: 40 }.start().await?;
//!     assert_eq!(counter.add(2).await?, 42);
//!     Ok(())
//! }
//! ```
//!
//! - **Servers**: [`gen_server`] on an impl block. [`Start`] starts a server, optionally with a name or a link;
//!   [`Call`] and [`Cast`] are the futures that its methods return; a handler uses [`Context`] for timers, links and
//!   replies. Implement [`GenServer`] to write a server by hand.
//! - **Protocols**: [`protocol`](macro@protocol) on a trait defines one handle type for several server types, and a
//!   mock for tests.
//! - **State machines**: [`state_machine`](macro@state_machine) on an impl block. Its attributes define in which states
//!   a method runs and which state follows. Implement [`StateMachine`] (module [`machine`]) to write one by hand.
//! - **Supervision**: [`macro@supervisor`] on an impl block for a fixed set of children, [`Supervisor`] for children
//!   chosen at run time, [`ChildSpec`], [`DynamicSupervisor`], [`PartitionSupervisor`].
//! - **Tasks and agents**: [`Task`] and [`task`] run a future as a process and return its value; [`TaskSupervisor`]
//!   supervises tasks; [`Agent`] holds a value that several processes share.
//! - **Pools**: [`Pool`] of identical workers; it routes messages to workers or checks a worker out.
//! - **Plain processes**: [`spawn`] with an [`Inbox`], [`Selector`], [`link`], [`Process::monitor`], [`exit()`].
//! - **Names**: [`register`] and [`whereis`], the typed [`Registry`], and handles that follow a name.
//! - **Groups and topics**: [`Group`] for named groups of processes, [`PubSub`] for topics.
//! - **Timers**: [`send_after`], [`send_every`], [`exit_after`], and the timers of [`Context`]. A timer whose recipient
//!   is a process, not a name, ends with that process.
//! - **Applications**: [`Application`] and [`Applications`] start the parts of a program in dependency order and stop
//!   them in reverse order. Feature `config` adds typed configuration, feature `signal` a stop on SIGTERM and Ctrl-C.
//! - **Introspection**: [`inspect`] with [`snapshot`](inspect::snapshot), [`measure`](inspect::measure) and a
//!   [`Watcher`](inspect::Watcher); [`process_info`], [`processes`], [`tree`], [`sys`], [`telemetry`],
//!   [`System::on_dead_letter`].
//!
//! # How calls run
//!
//! An idle server has no task. A call to a synchronous method of an idle server runs inline on the caller's thread,
//! without a context switch. [`InPlace`] lists the conditions; `#[gen_server(in_place = never)]` disables inline calls.
//! [`gen_server`](macro@gen_server#inline-handlers) describes what a handler can observe when it runs inline.
//!
//! # Handles
//!
//! Dropping a value ends only what is delivered to that value: a [`Monitor`], a [`Subscription`], an [`Owned`] handle,
//! a [`Lease`], a guard, a future. A registration that delivers to the mailbox of a process continues until that
//! process ends or a method cancels it: a [`Timer`], a [`GroupMonitor`], an `Attached` stream, a subscription to a
//! topic or a registry. A handle to a process only refers to it, and so does a [`Task`]: dropping either does not stop
//! the process.
//!
//! Methods that read state shared by the handles are synchronous and cannot fail: [`Pool::status`], [`Registry::len`],
//! [`process_info`]. Methods that send a request to a process return a future, which fails if the process is not
//! running: [`Supervisor::which_children`], [`Applications::running`].
//!
//! # Features
//! All features are off by default.
//! - `config`: `Config`, typed configuration from a TOML file and the environment. Depends on `serde` and `toml`.
//! - `json`: `to_json()` and `serde::Serialize` for the types of [`inspect`]. Depends on `serde_json`.
//! - `remote`: `ambit::message`, messages between nodes: schemas, encodings, and contracts that CI checks. Depends on
//!   `serde`.
//! - `signal`: `Applications::run`, which stops the applications in order on SIGTERM and Ctrl-C. Enables tokio's
//!   `signal`.
//! - `stream`: `Context::attach`, which feeds a server from a stream; implements `Stream` for task streams and
//!   subscriptions.
//! - `tower`: `SubjectService`, a method of a server as a `tower::Service`.
//! - `bytes`, `chrono`, `indexmap`, `smallvec`, `time`, `url`, `uuid`: allow types of these crates in messages between
//!   nodes. Each depends on its crate and enables `remote`. With `json` and `remote`, `serde_json::Value` can be sent
//!   too.
//! - `test`: the test kit, `#[ambit::test]` and `ambit::test`. Enable it only in `[dev-dependencies]`.

extern crate self as ambit;

// For the output of the macros only.
#[doc(hidden)]
pub mod __private;
#[cfg(feature = "remote")]
#[doc(hidden)]
pub mod distribution;
pub mod error;
pub mod inspect;
#[cfg(feature = "remote")]
pub mod message;
#[doc(hidden)]
pub mod opaque_arc;
pub mod prelude;
pub mod process;
pub mod retry;
pub mod server;
pub mod supervisor;
pub mod system;
#[cfg(feature = "test")]
pub mod test;

mod api;
mod engine;
mod entry;
mod exit_reason;
mod failure;
mod handle;
mod moved;
mod names;
mod ordered_map;
mod otp;
mod panics;
mod pid;
mod plain;
mod rt;
mod shrink;
mod signal;
#[cfg(test)]
mod test_rng;
mod timers;
mod trace;

pub use crate::api::{
    agent, application, attribute, breaker, group, pool, pubsub, rate_limit, registry,
    state_machine, sys, table, task, telemetry,
};
pub use crate::handle::links::{exit, link, trap_exits, unlink};
pub use crate::handle::protocol::Message;
#[doc(hidden)]
pub use crate::moved::*;
pub use crate::names::local::{register, unregister, wait_for, whereis};
pub use crate::plain::spawn::{spawn, spawn_link, spawn_monitor};
pub use crate::process::current::self_pid;
pub use crate::timers::{exit_after, kill_after, send_after, send_every};
#[cfg(feature = "test")]
pub use ambit_macros::test;
pub use ambit_macros::{Message, gen_server, main, protocol, state_machine, supervisor};

/// Support for generated code. The path appears in the compiler's notes.
#[doc(hidden)]
pub mod written {
    pub use crate::__handle_encoding as handle_encoding;
    #[cfg(feature = "remote")]
    pub use crate::__message_encoding as message_encoding;
    pub use crate::__private::single_block::OneBlock;
    pub use crate::handle::call::HasAnswer;
    pub use crate::handle::cast::HasResult;
    pub use crate::server::glue::{Sent, SentState, SyncState};
    pub use crate::{
        __clone_messages as clone_messages, __show_args as show_args,
        __show_messages as show_messages,
    };
    pub use crate::{__handle as handle, __handle_functions as handle_functions};
}
