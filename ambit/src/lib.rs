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
//! - **Servers**: [`gen_server`] on an impl block. [`Start`] starts one, with a name or a link; [`Call`] and [`Cast`]
//!   are the futures of its methods; a handler uses [`Context`] for timers, names and replies. Implement [`GenServer`]
//!   to write a server by hand.
//! - **Protocols**: [`protocol`](macro@protocol) on a trait, for one handle type over several kinds of server, with a
//!   mock for tests.
//! - **State machines**: [`state_machine`](macro@state_machine) on an impl block. Its markers state when a method runs
//!   and which state follows. Implement [`StateMachine`] (module [`machine`]) to write one by hand.
//! - **Supervision**: [`macro@supervisor`] on an impl block, [`Supervisor`] with children chosen at run time,
//!   [`ChildSpec`], [`DynamicSupervisor`], [`PartitionSupervisor`].
//! - **Tasks and agents**: [`Task`] and [`task`] for a future with an awaited value, [`TaskSupervisor`], [`Agent`] for
//!   a value that several processes share.
//! - **Pools**: [`Pool`] of identical workers, by routing or by checkout.
//! - **Plain processes**: [`spawn`] with an [`Inbox`], [`Selector`], [`link`], [`Process::monitor`], [`exit()`].
//! - **Names**: [`register`] and [`whereis`], typed [`Registry`], handles that follow a name.
//! - **Groups and topics**: [`Group`] for processes of one kind under a name, [`PubSub`] for topics.
//! - **Timers**: [`send_after`], [`send_every`], [`exit_after`], timers of a context. All end with their process.
//! - **Applications**: [`Application`] and [`Applications`], parts of a program that start and stop in order, with
//!   configuration (feature `config`) and operating system signals (feature `signal`).
//! - **Introspection**: [`inspect`] with [`snapshot`](inspect::snapshot), [`measure`](inspect::measure) and a
//!   [`Watcher`](inspect::Watcher); [`process_info`], [`processes`], [`tree`], [`sys`], [`telemetry`],
//!   [`System::on_dead_letter`].
//!
//! # How calls run
//!
//! An idle server has no task. A call to a synchronous method of an idle server runs inline on the caller's thread,
//! without a context switch. [`InPlace`] lists the conditions, and `#[gen_server(in_place = never)]` turns it off.
//! [`gen_server`](macro@gen_server#inline-handlers) describes what a handler can observe.
//!
//! # Handles
//!
//! Dropping a value ends only what is delivered to that value: [`Monitor`], [`Subscription`], [`Owned`], [`Lease`],
//! guards, futures. A registration that delivers to the mailbox of a process continues until that process ends or a
//! method ends it: [`Timer`], [`GroupMonitor`], `Attached`, a subscription to a topic or a registry. A handle of a
//! process, a [`Task`] included, only refers to it.
//!
//! A method that reads state shared by its handles is synchronous and cannot fail: [`Pool::status`], [`Registry::len`],
//! [`process_info`]. A method that asks a process is a future, and fails if that process does not run:
//! [`Supervisor::which_children`], [`Applications::running`].
//!
//! # Features
//! All are off by default.
//! - `config`: typed configuration from a TOML file and the environment, `Config`. It brings `serde` and `toml`.
//! - `json`: `to_json()` and `serde::Serialize` for the types of [`inspect`]. It brings `serde_json`.
//! - `remote`: `ambit::message`, for messages between nodes: schemas, encodings, contracts that CI checks. It brings
//!   `serde`.
//! - `signal`: `Applications::run`, which stops in order on SIGTERM and Ctrl-C. It enables tokio's `signal`.
//! - `stream`: streams as input of a server, `Context::attach`; streams of tasks and subscriptions are `Stream`s.
//! - `tower`: the methods of a server as `tower::Service`, `SubjectService`.
//! - `bytes`, `chrono`, `indexmap`, `smallvec`, `time`, `url`, `uuid`: types of these crates can be sent between nodes.
//!   Each brings its crate, and `remote`. With `json` and `remote`, `serde_json::Value` can be sent too.
//! - `test`: the test kit, `#[ambit::test]` and `ambit::test`. Enable it in `[dev-dependencies]` only.

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
mod otp;
mod pid;
mod plain;
mod rt;
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
    pub use crate::handle::cast::HasResult;
    pub use crate::{
        __clone_messages as clone_messages, __show_args as show_args,
        __show_messages as show_messages,
    };
    pub use crate::{__handle as handle, __handle_functions as handle_functions};
}
