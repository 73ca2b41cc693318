//! A plain struct and a plain impl block become a server, with the semantics of Erlang/OTP and the types of Rust.
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
//! - **Servers**: [`gen_server`] on an impl block, [`Start`] with names and links, [`Call`] and [`Cast`] to be awaited,
//!   [`Context`] for what a handler may do besides computing, [`GenServer`] for servers written by hand.
//! - **Protocols**: [`protocol`](macro@protocol) on a trait, for a handle that stands apart from its servers, and a mock for tests.
//! - **State machines**: [`state_machine`](macro@state_machine) on an impl block whose markers say in which states a method runs and where
//!   that leads; [`StateMachine`] and [`machine`] for those written by hand.
//! - **Supervision**: [`macro@supervisor`] on an impl block, [`Supervisor`] with children as data, [`ChildSpec`], [`DynamicSupervisor`], [`PartitionSupervisor`].
//! - **Tasks and agents**: [`Task`] and [`task`] for futures whose value is awaited, [`TaskSupervisor`], [`Agent`] for a
//!   value that several processes share.
//! - **Pools**: [`Pool`] of equal workers, spread or checked out.
//! - **Plain processes**: [`spawn`] with an [`Inbox`], [`Selector`], [`link`], [`Process::monitor`], [`exit()`].
//! - **Names**: [`register`] and [`whereis`], typed [`Registry`], handles that follow a name.
//! - **Many at once**: [`Group`] for processes of one kind under a name, [`PubSub`] for topics.
//! - **Time**: [`send_after`], [`send_every`], [`exit_after`], timers of a context; all end with their process.
//! - **Applications**: [`Application`] and [`Applications`], parts of a program that start and stop in order; with their
//!   configuration (feature `config`) and the signals of the operating system (feature `signal`).
//! - **Looking inside**: [`inspect`] with [`snapshot`](inspect::snapshot), [`measure`](inspect::measure) and a
//!   [`Watcher`](inspect::Watcher); [`process_info`], [`processes`], [`tree`], [`sys`], [`telemetry`],
//!   [`System::on_dead_letter`].
//!
//! # How calls run
//!
//! A server is no task: it has one while there is work. A call of a plain method to a server that has nothing to do is
//! run by its caller, which costs no wake-up; [`InPlace`] says when, and `#[gen_server(in_place = never)]` that it is
//! not wanted. What a handler can see of that is said at [`gen_server`](macro@gen_server#handlers-in-place).
//!
//! # Handles
//!
//! Dropping a value ends only what is delivered to that value: [`Monitor`], [`Subscription`], [`Owned`], [`Lease`], guards,
//! futures. A registration that delivers to the mailbox of a process continues until that process ends or a method ends it:
//! [`Timer`], [`GroupMonitor`], `Attached`, a subscription to a topic or a registry. A handle of a process, a [`Task`]
//! included, only names it.
//!
//! A method that reads what handles share is a plain function, answers at once and cannot fail: [`Pool::status`],
//! [`Registry::len`], [`process_info`]. A method that asks a process is a future and fails when there is none:
//! [`Supervisor::which_children`], [`Applications::running`].
//!
//! # Features
//! All are off by default.
//! - `config`: typed configuration from a TOML file and the environment, `Config`. It brings `serde` and `toml`.
//! - `json`: the text form of what [`inspect`] sees, `to_json()` and `serde::Serialize`. It brings `serde_json`.
//! - `remote`: `ambit::message`, what travels between nodes: schemas, encodings, contracts that CI checks. It brings `serde`.
//! - `signal`: `Applications::run`, which stops in order on SIGTERM and Ctrl-C. It switches tokio's `signal` on.
//! - `stream`: streams as input of a server, `Context::attach`; streams of tasks and subscriptions are `Stream`s.
//! - `tower`: the methods of a server as `tower::Service`, `SubjectService`.
//! - `bytes`, `chrono`, `indexmap`, `smallvec`, `time`, `url`, `uuid`: types of these crates are messages, and travel between nodes.
//!   Each brings its crate, and `remote`. With `json` and `remote`, `serde_json::Value` travels too.
//! - `test`: the test kit, `#[ambit::test]` and `ambit::test`. It belongs into `[dev-dependencies]` only.

extern crate self as ambit;

// What the macros write is public to them and to nobody else.
#[doc(hidden)]
pub mod __private;
pub mod inspect;
#[cfg(feature = "remote")]
pub mod message;
#[cfg(feature = "remote")]
pub mod node;
pub mod prelude;
#[cfg(feature = "test")]
pub mod test;

#[cfg(test)]
mod dice;
mod engine;
mod entry;
mod error;
mod exit_reason;
mod failure;
mod handle;
mod names;
mod otp;
mod pid;
mod plain;
mod process;
mod retry;
mod rt;
mod server;
mod signal;
mod supervisor;
mod system;
mod timers;
mod trace;

pub use crate::engine::reply::ReplyTo;
pub use crate::error::{
    CallError, CastError, ChildError, Executed, LookupError, NotAProcess, RegisterError,
    StartError, StopError, UpdateError,
};
pub use crate::exit_reason::{Detail, ErrorReport, ExitReason, Ignore, PanicReport};
pub use crate::failure::Failure;
pub use crate::handle::call::Call;
pub use crate::handle::cast::Cast;
pub use crate::handle::child::ChildKind;
pub use crate::handle::exits::{Monitor, Stop};
pub use crate::handle::following::Resolve;
pub use crate::handle::links::{exit, link, trap_exits, unlink};
pub use crate::handle::pending::Pending;
pub use crate::handle::process::Process;
pub use crate::handle::protocol::{Message, Protocol};
pub use crate::handle::recipient::{Deliver, PlainRecipient, Recipient, Same};
pub use crate::handle::reserve::{Permit, Reserve};
#[cfg(feature = "tower")]
pub use crate::handle::service::SubjectService;
pub use crate::handle::subject::Subject;
pub use crate::handle::target::Target;
pub use crate::inspect::{ProcessInfo, Status, Tree, is_alive, process_info, processes, tree};
pub use crate::names::local::{register, unregister, wait_for, whereis};
pub use crate::names::lock::Lock;
pub use crate::names::registered::Registered;
pub use crate::names::registry::{Registry, RegistryEvent};
pub use crate::names::wait::WaitFor;
pub use crate::otp::agent::{Agent, AgentJob, AgentServer};
#[cfg(feature = "config")]
pub use crate::otp::application::config::{Config, error::ConfigError, loader::ConfigLoader};
pub use crate::otp::application::controller::Applications;
pub use crate::otp::application::error::ApplicationError;
pub use crate::otp::application::spec::Application;
pub use crate::otp::breaker::{
    BreakerError, BreakerState, CircuitBreaker, CircuitBreakerBuilder, WithBreaker,
};
pub use crate::otp::group::{Group, GroupChange, GroupEvent, GroupMonitor, JoinError, NotJoined};
pub use crate::otp::pool::Pool;
pub use crate::otp::pool::builder::PoolBuilder;
pub use crate::otp::pool::checkout::Checkout;
pub use crate::otp::pool::error::CheckoutError;
pub use crate::otp::pool::lease::Lease;
pub use crate::otp::pool::policy::{CheckoutOrder, ClientFailure, Route};
pub use crate::otp::pool::status::{PoolState, PoolStatus, PoolWorker, PoolWorkerState};
pub use crate::otp::pubsub::{
    Lagged, PubSub, SubscribeOptions, Subscriber, Subscription, Topic, WhenFull,
};
pub use crate::otp::rate_limit::{Acquire, Rate, RateLimited, RateLimiter, RateStats};
pub use crate::otp::state_machine::StateMachine;
pub use crate::otp::table::{CreateTableError, OrderedTable, Table, TableError, TableTransfer};
pub use crate::otp::task::error::TaskError;
pub use crate::otp::task::handle::Task;
pub use crate::otp::task::ready::Ready;
pub use crate::otp::task::supervisor::{TaskSupervisor, TaskSupervisorBuilder};
pub use crate::pid::Pid;
pub use crate::plain::inbox::{Inbox, InboxEvent};
pub use crate::plain::into_exit::IntoExit;
pub use crate::plain::select::Selector;
pub use crate::plain::spawn::{spawn, spawn_link, spawn_monitor};
pub use crate::process::crash::CrashReport;
pub use crate::process::current::self_pid;
pub use crate::process::dead_letter::{DeadLetter, LetterKind, Undelivered};
pub use crate::process::request::WithinDeadline;
pub use crate::process::timer::Timer;
pub use crate::retry::{GaveUp, Jitter, Retry, RetryError, Retrying};
#[cfg(feature = "stream")]
pub use crate::server::attach::{Attached, HandlesStreamEnd, StreamEnd, StreamRef};
pub use crate::server::context::{Context, IdleTimeout};
pub use crate::server::gen_server::{Flow, GenServer, Incoming};
pub use crate::server::glue::{IntoFlow, IntoInit, ReplyPort};
pub use crate::server::handles::{Handles, HandlesDown, HandlesExit, HandlesIdleTimeout, InfoOf};
pub use crate::server::options::{InPlace, Overflow, ServerOptions};
pub use crate::server::owned::{Owned, StartOwned};
pub use crate::server::pending_start::{PendingStart, PendingStartOwned};
#[doc(hidden)]
pub use crate::server::protocol_binding::{AnswerOf, Carried};
pub use crate::server::start::{Start, Startable, start};
pub use crate::server::sys;
pub use crate::signal::{Down, Exit, MonitorRef, Watched};
pub use crate::supervisor::admin::{AdminRequest, PendingAdminRequest};
pub use crate::supervisor::backoff::Backoff;
pub use crate::supervisor::builder::SupervisorBuilder;
pub use crate::supervisor::dynamic::{DynamicSupervisor, DynamicSupervisorBuilder};
pub use crate::supervisor::handle::Supervisor;
pub use crate::supervisor::partition_supervisor::{
    PartitionSupervisor, PartitionSupervisorBuilder,
};
pub use crate::supervisor::policy::{
    AutoShutdown, ChildCounts, ChildInfo, ChildState, Restart, Shutdown, Strategy,
};
pub use crate::supervisor::spec::{Child, ChildSpec, RestartArgs};
pub use crate::system::{System, SystemBuilder, SystemGuard, TelemetryGuard};
pub use crate::timers::{exit_after, kill_after, send_after, send_every};

/// What the macros write with. The path is read in the compiler's notes.
#[doc(hidden)]
pub mod written {
    pub use crate::__handle_abroad as handle_abroad;
    #[cfg(feature = "remote")]
    pub use crate::__message_abroad as message_abroad;
    pub use crate::handle::cast::HasResult;
    pub use crate::{__clone_messages as clone_messages, __show_messages as show_messages};
    pub use crate::{__handle as handle, __handle_functions as handle_functions};
}

/// What belongs to [`Table`]s.
pub mod table {
    pub use crate::otp::table::{
        Access, Finds, Hashed, Layout, Number, Ordered, TableBuilder, TableInfo, tables,
    };
}

/// Many [`Task`]s: streams of them, waits for several; and what a task knows of itself.
pub mod task {
    pub use crate::otp::task::many::{AwaitMany, OnTimeout, YieldMany, await_many, yield_many};
    pub use crate::otp::task::owner_link::{callers, trap_exits};
    pub use crate::otp::task::spawn::SpawnTask;
    pub use crate::otp::task::stream::input::{FailedElement, InputStream};
    pub use crate::otp::task::stream::{TaskStream, stream};
}

/// State machines: what the macro leans on, and what one written by hand needs.
pub mod machine {
    pub use crate::otp::state_machine::{
        Choice, Due, HasEventTimeout, HasStateTimeout, IntoNext, Next, StateEvent, StateInfo,
        StateStep, handle_later, handle_now, unhandled,
    };
}

/// What happens in a system, for those who listen.
pub mod telemetry {
    pub use crate::process::telemetry::Event;
    pub use crate::trace::{InvalidTraceContext, TraceContext, WithinTrace};
}

#[cfg(feature = "test")]
pub use ambit_macros::test;
pub use ambit_macros::{
    Message, call, cast, child, continue_with, ctx, enter, event_timeout, exit, gen_server, info,
    init, internal, main, protocol, rpc, state_machine, state_timeout, supervisor, terminate,
    timeout, wire,
};
